import { execFile, spawn } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.js';

const run = promisify(execFile);

/** Where Debian installs PostgreSQL, with one folder per version. */
const VERSIONS = '/usr/lib/postgresql';

/**
 * Returns an empty PostgreSQL: `DATABASE_URL`, or a new server that `close()` stops.
 *
 * @returns {Promise<{ url: string, close: () => Promise<void> } | undefined>} `undefined` if PostgreSQL is not installed
 */
export async function openPostgres() {
  const given = process.env.DATABASE_URL;
  return given ? { url: given, close: () => Promise.resolve() } : startPostgres();
}

/** Whether PostgreSQL is installed and can be started. */
export function hasPostgres() {
  return findBin() !== undefined;
}

/**
 * Starts an empty PostgreSQL that tests can stop and freeze.
 *
 * @returns {Promise<import('./postgres.js').OwnPostgres | undefined>} `undefined` if PostgreSQL is not installed
 */
export async function startPostgres() {
  const bin = findBin();
  if (bin === undefined) return undefined;
  const folder = await mkdtemp(join(tmpdir(), 'postgres-'));
  await chmod(folder, 0o777);
  const port = await freePort();
  const data = join(folder, 'data');
  await run(...asOrdinaryUser(join(bin, 'initdb'), ['-D', data, '-U', 'demo', '-A', 'trust', '-E', 'UTF8']));
  const settings = { port, unix_socket_directories: folder, listen_addresses: '127.0.0.1', fsync: 'off' };
  const options = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  let ended = Promise.resolve();
  let server;
  const start = () => {
    const [command, args] = asOrdinaryUser(join(bin, 'postgres'), ['-D', data, ...options]);
    server = spawn(command, args, { stdio: 'ignore' });
    ended = new Promise((resolve) => server.once('exit', resolve));
  };
  const stop = async (mode) => {
    await run(...asOrdinaryUser(join(bin, 'pg_ctl'), ['-D', data, '-m', mode, 'stop']));
    await ended;
  };
  const query = async (sql) => {
    const args = ['-h', '127.0.0.1', '-p', String(port), '-U', 'demo', '-At', '-c', sql, 'postgres'];
    return (await run(join(bin, 'psql'), args)).stdout.trim();
  };
  const untilReady = async () => {
    for (let attempt = 0; ; attempt += 1) {
      try {
        await query('select 1');
        return;
      } catch (error) {
        if (attempt > 100) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  };
  const close = async () => {
    await stop('immediate');
    await rm(folder, { recursive: true, force: true });
  };
  /** Process ids of the server and its connections. */
  const pids = async () => {
    const main = Number(readFileSync(join(data, 'postmaster.pid'), 'utf8').split('\n')[0]);
    const { stdout } = await run('ps', ['--ppid', String(main), '-o', 'pid=']);
    return [main, ...stdout.split('\n').map(Number).filter(Boolean)];
  };
  start();
  try {
    await untilReady();
  } catch (error) {
    await close();
    throw error;
  }
  return {
    url: `postgres://demo@127.0.0.1:${port}/postgres`,
    query,
    close,
    stop: () => stop('fast'),
    async start() {
      start();
      await untilReady();
    },
    async freeze() {
      for (const pid of await pids()) process.kill(pid, 'SIGSTOP');
    },
    async thaw() {
      for (const pid of await pids()) process.kill(pid, 'SIGCONT');
      server.kill('SIGCONT'); // runuser is stopped together with its child
    },
  };
}

function findBin() {
  if (!existsSync(VERSIONS)) return undefined;
  const version = readdirSync(VERSIONS).sort((one, other) => Number(other) - Number(one))[0];
  return version === undefined ? undefined : join(VERSIONS, version, 'bin');
}

/** PostgreSQL does not run as root. */
function asOrdinaryUser(command, args) {
  return process.getuid?.() === 0 ? ['runuser', ['-u', 'postgres', '--', command, ...args]] : [command, args];
}
