import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Kodo } from '../../demo-server/kodo/src/start-kodo.js';
import { freePort } from './free-port.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

export interface DemoProcess {
  readonly origin: string;
  readonly process: ChildProcess;
}

/** Starts the demo server with a separate Kodo, whose callbacks go directly to it. */
export async function startDemoOn(kodo: Kodo, env: Readonly<Record<string, string>>): Promise<DemoProcess> {
  const port = String(await freePort());
  return startDemoProcess({
    PORT: port,
    PUBLIC_URL: `http://127.0.0.1:${port}`,
    SESSION_SECRET: 'a-secret-of-the-tests-and-no-other',
    QINIU_ACCESS_KEY: kodo.accessKey,
    QINIU_SECRET_KEY: kodo.secretKey,
    QINIU_BUCKET: 'demo',
    QINIU_DOMAIN: kodo.domain('demo'),
    QINIU_ENDPOINT: kodo.origin,
    ...env,
  });
}

/** Time limit of a start in milliseconds; a busy machine needs a few seconds. */
const START_TIMEOUT = 60_000;

/**
 * Starts the demo server in its own process, on a free port and with only these environment variables.
 *
 * @throws {Error} if the process exits before the server has started
 */
export async function startDemoProcess(env: Readonly<Record<string, string>>): Promise<DemoProcess> {
  const { PATH = '' } = process.env;
  const child = spawn(process.execPath, ['--import', 'tsx', 'demo-server/main.ts'], {
    cwd: ROOT,
    env: { PATH, PORT: '0', KODO_PORT: '0', LOG_LEVEL: 'silent', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const signal = AbortSignal.timeout(START_TIMEOUT);
  for (;;) {
    const origin = /Demo page: +(\S+)\/\n/.exec(output)?.[1];
    if (origin !== undefined) return { origin, process: child };
    if (child.exitCode !== null) throw new Error('The demo server did not start.');
    try {
      await Promise.race([once(child.stdout, 'data', { signal }), once(child, 'exit', { signal })]);
    } catch (cause) {
      child.kill('SIGKILL');
      throw new Error(`The demo server did not start within ${START_TIMEOUT / 1000} s.`, { cause });
    }
  }
}
