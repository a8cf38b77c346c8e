/**
 * Measures the demo server: tokens and callbacks per second, latency and memory, on SQLite, and on PostgreSQL if
 * `DATABASE_URL` is set or PostgreSQL is installed.
 *
 *   npm run bench:server -- --seconds 10 --connections 32
 */
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { callbackAuthorization } from '../../demo-server/kodo/src/callback/callback.js';
import type { Keys } from '../../demo-server/kodo/src/policy/upload-token.js';
import { startDemoProcess } from '../support/demo-process.js';
import { openPostgres } from '../support/postgres.js';

const FORM = 'application/x-www-form-urlencoded';
const FILE = JSON.stringify({ name: 'photo.jpg', size: 1, type: 'image/jpeg' });

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '5' }, connections: { type: 'string', default: '16' } },
});
const seconds = Number(values.seconds);
const connections = Number(values.connections);

interface Load {
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

type Send = (method: string, path: string, headers: Record<string, string>, body?: string) => Promise<string>;

/** Sends requests on all connections until the time is over or `act` returns `undefined`. */
async function load(act: () => Promise<unknown> | undefined): Promise<Load> {
  const times: number[] = [];
  const begin = performance.now();
  const end = begin + seconds * 1000;
  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (performance.now() < end) {
        const startedAt = performance.now();
        const done = act();
        if (done === undefined) return;
        await done;
        times.push(performance.now() - startedAt);
      }
    }),
  );
  const elapsed = performance.now() - begin;
  times.sort((one, other) => one - other);
  const at = (share: number): number => times[Math.floor(times.length * share)] ?? NaN;
  return { perSecond: (times.length / elapsed) * 1000, p50: at(0.5), p99: at(0.99) };
}

/** @returns the rows of the table */
async function measure(database: string, databaseUrl: string | undefined): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'bench-server-'));
  const { origin, process: child } = await startDemoProcess({
    DATA_FOLDER: folder,
    TOKENS_PER_MINUTE: '1000000000',
    MAX_OPEN_UPLOADS: '1000000000',
    ...(databaseUrl === undefined ? {} : { DATABASE_URL: databaseUrl }),
  });
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  try {
    const [cookie = ''] = (await fetch(origin)).headers.getSetCookie();
    const send: Send = (method, path, headers, body) =>
      new Promise((resolve, reject) => {
        const outgoing = request(`${origin}${path}`, { method, agent, headers }, (answer) => {
          text(answer).then((received) => {
            if (answer.statusCode === 200) resolve(received);
            else reject(new Error(`${path} returned ${answer.statusCode}: ${received}`));
          }, reject);
        });
        outgoing.on('error', reject);
        outgoing.end(body);
      });
    await Promise.all(Array.from({ length: 200 }, () => send('GET', '/healthz', {}))); // warm up
    const keys = JSON.parse(await readFile(join(folder, 'kodo', 'keys.json'), 'utf8')) as Keys;
    const health = await load(() => send('GET', '/healthz', {}));
    const issued: { id: string; key: string; endUser: string }[] = [];
    const tokens = await load(async () => {
      const headers = { 'content-type': 'application/json', cookie: cookie.split(';')[0] ?? '' };
      const { id, key, token } = JSON.parse(await send('POST', '/api/uploads/token', headers, FILE)) as Record<
        'id' | 'key' | 'token',
        string
      >;
      const policy = Buffer.from(token.split(':')[2] ?? '', 'base64url').toString();
      issued.push({ id, key, endUser: (JSON.parse(policy) as { endUser: string }).endUser });
    });
    const callbacks = await load(() => {
      const upload = issued.pop();
      return upload === undefined ? undefined : callBack(upload, origin, send, keys);
    });
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => '');
    const peak = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? NaN) / 1024;
    const row = (what: string, { perSecond, p50, p99 }: Load): string =>
      `| ${database} | ${what} | ${perSecond.toFixed(0)} | ${(perSecond / health.perSecond).toFixed(2)} | ` +
      `${p50.toFixed(1)} | ${p99.toFixed(1)} | ${peak.toFixed(0)} |`;
    return [row('`/healthz` (1)', health), row('tokens', tokens), row('callbacks', callbacks)];
  } finally {
    agent.destroy();
    child.kill('SIGKILL');
    await once(child, 'exit');
    await rm(folder, { recursive: true, force: true });
  }
}

function callBack(
  { id, key, endUser }: { readonly id: string; readonly key: string; readonly endUser: string },
  origin: string,
  send: Send,
  keys: Keys,
): Promise<string> {
  const facts = { fsize: '1', mimeType: 'image/jpeg', width: '4', height: '3', hash: 'Fto5o-5ea0sNMlW_75VgGJCv2AcJ' };
  const body = new URLSearchParams({ id, bucket: 'demo', key, endUser, ...facts }).toString();
  const url = `${origin}/api/uploads/callback`;
  const signed = { url, host: undefined, contentType: FORM, body, reqid: '' };
  const headers = { 'content-type': FORM, authorization: callbackAuthorization('QBox', keys, signed) };
  return send('POST', '/api/uploads/callback', headers, body);
}

const rows = [...(await measure('SQLite', undefined))];
const postgres = await openPostgres();
if (postgres !== undefined) {
  rows.push(...(await measure('PostgreSQL', postgres.url)));
  await postgres.close();
}
console.log(`${connections} connections, ${seconds} s each; client on the same machine\n`);
console.log('| database | | per second | relative to `/healthz` | p50, ms | p99, ms | peak memory, MB |');
console.log('| --- | --- | --: | --: | --: | --: | --: |');
for (const row of rows) console.log(row);
