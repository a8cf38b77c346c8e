import { execFile, spawn } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.js';

const run = promisify(execFile);

/** Debian's, the newest first. */
const VERSIONS = '/usr/lib/postgresql';

/**
 * An empty PostgreSQL: `DATABASE_URL`, else one that is started here and ends with `close()`.
 *
 * @returns {Promise<{ url: string, close: () => Promise<void> } | undefined>} nothing where none is installed
 */
export async function openPostgres() {
  const given = process.env.DATABASE_URL;
  if (given) return { url: given, close: () => Promise.resolve() };
  const bin = findBin();
  if (bin === undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'postgres-'));
  await chmod(folder, 0o777);
  const port = await freePort();
  const data = join(folder, 'data');
  await run(...asNobodySpecial(join(bin, 'initdb'), ['-D', data, '-U', 'demo', '-A', 'trust', '-E', 'UTF8']));
  const settings = { port, unix_socket_directories: folder, listen_addresses: '127.0.0.1', fsync: 'off' };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  const [command, args] = asNobodySpecial(join(bin, 'postgres'), ['-D', data, ...options]);
  const server = spawn(command, args, { stdio: 'ignore' });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  const close = async () => {
    await run(...asNobodySpecial(join(bin, 'pg_ctl'), ['-D', data, '-m', 'immediate', 'stop']));
    await ended;
    await rm(folder, { recursive: true, force: true });
  };
  for (let attempt = 0; ; attempt += 1) {
    try {
      await run(join(bin, 'psql'), ['-h', '127.0.0.1', '-p', String(port), '-U', 'demo', '-c', 'select 1', 'postgres']);
      return { url: `postgres://demo@127.0.0.1:${port}/postgres`, close };
    } catch (error) {
      if (attempt > 100) {
        await close();
        throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}

function findBin() {
  if (!existsSync(VERSIONS)) return undefined;
  const version = readdirSync(VERSIONS).sort((one, other) => Number(other) - Number(one))[0];
  return version === undefined ? undefined : join(VERSIONS, version, 'bin');
}

/** PostgreSQL does not run as root. */
function asNobodySpecial(command, args) {
  return process.getuid?.() === 0 ? ['runuser', ['-u', 'postgres', '--', command, ...args]] : [command, args];
}
