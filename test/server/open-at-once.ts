import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import type { Store } from '../../demo-server/uploads/store.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Says when it is ready, waits for the signal, and opens the database. */
const SCRIPT = `
  import { Store } from './demo-server/uploads/store.ts';
  console.log('ready');
  process.stdin.once('data', async () => {
    const store = await Store.open(JSON.parse(process.env.WHERE));
    await store.ping();
    await store.close();
    process.stdin.destroy();
  });
`;

/**
 * Opens one database in that many processes, at the same moment.
 *
 * @returns what each wrote to its error output; an empty text where all went well
 */
export async function openAtOnce(where: Parameters<typeof Store.open>[0], count: number): Promise<readonly string[]> {
  const { PATH = '' } = process.env;
  const children = Array.from({ length: count }, () =>
    spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', SCRIPT], {
      cwd: ROOT,
      env: { PATH, WHERE: JSON.stringify(where) },
      stdio: ['pipe', 'pipe', 'pipe'],
    }),
  );
  try {
    const errors = children.map(({ stderr }) => text(stderr));
    await Promise.all(children.map(({ stdout }) => once(stdout, 'data')));
    for (const { stdin } of children) stdin.write('open');
    return await Promise.all(errors);
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
}
