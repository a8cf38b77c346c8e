import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { Agent, request, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { EtagHash } from '../../demo-server/kodo/src/store/etag.js';
import { signUploadToken } from '../../demo-server/kodo/src/policy/upload-token.js';
import { inAnHour, MIB } from '../server/kodo-client.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const KEYS = { accessKey: 'load-access-key', secretKey: 'load-secret-key' };

/** 2 GiB in 512 parts, 500 of which are under way at once. */
const UPLOADS = 32;
const PARTS = 16;
const PART = 4 * MIB;
const AT_ONCE = 500;
/** Bytes that Kodo may take of the machine's memory. */
const MEMORY = 200 * MIB;

test('500 parts at once, 2 GiB in all: no error, right hashes, little memory', { timeout: 300_000 }, async () => {
  // As it is installed, without what runs TypeScript; below the packages that it needs.
  const built = await mkdtemp(join(ROOT, 'node_modules', '.kodo-load-'));
  const tsc = ['node_modules/typescript/bin/tsc', '-p', 'demo-server/kodo/tsconfig.json', '--outDir', built];
  await promisify(execFile)(process.execPath, tsc, { cwd: ROOT });
  await writeFile(join(built, 'package.json'), '{"type":"module"}');
  const keys = ['--access-key', KEYS.accessKey, '--secret-key', KEYS.secretKey];
  const child = spawn(process.execPath, [join(built, 'main.js'), '--port', '0', ...keys], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const agent = new Agent({ keepAlive: true, maxSockets: AT_ONCE });
  try {
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
    while (!/Local Kodo: \S+\n/.test(output)) await once(child.stdout, 'data');
    const origin = /Local Kodo: (\S+)/.exec(output)?.[1] ?? '';
    const part = Buffer.alloc(PART);
    for (let index = 0; index < PART; index += 1) part[index] = (index * 7 + (index >> 10)) & 255;
    const send = async (method: string, path: string, headers: Record<string, string>, body?: Buffer | string) => {
      const outgoing = request(`${origin}${path}`, { method, agent, headers });
      outgoing.end(body);
      const [answer] = (await once(outgoing, 'response')) as [IncomingMessage];
      const received = await text(answer);
      assert.equal(answer.statusCode, 200, received);
      return JSON.parse(received) as Record<string, string>;
    };
    const uploads = await Promise.all(
      Array.from({ length: UPLOADS }, async (_, index) => {
        const key = `load-${index}`;
        const token = signUploadToken(KEYS, { scope: `demo:${key}`, deadline: inAnHour() });
        const path = `/buckets/demo/objects/${Buffer.from(key).toString('base64url')}/uploads`;
        const headers = { authorization: `UpToken ${token}` };
        const { uploadId } = await send('POST', path, headers);
        return { key, path: `${path}/${uploadId}`, headers };
      }),
    );
    const etags = await Promise.all(
      uploads.map(({ path, headers }) =>
        Promise.all(
          Array.from(
            { length: PARTS },
            async (_, index) => (await send('PUT', `${path}/${index + 1}`, headers, part))['etag'],
          ),
        ),
      ),
    );
    const whole = new EtagHash();
    for (let index = 0; index < PARTS; index += 1) whole.update(part);
    const expected = whole.digest();
    for (const [index, { key, path, headers }] of uploads.entries()) {
      const parts = etags[index]?.map((etag, place) => ({ partNumber: place + 1, etag }));
      const json = { ...headers, 'content-type': 'application/json' };
      const answer = await send('POST', path, json, JSON.stringify({ parts }));
      assert.deepEqual(answer, { hash: expected, key });
    }
    const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => undefined);
    if (status === undefined) return; // only Linux tells
    const peak = Number(/VmHWM:\s+(\d+)/.exec(status)?.[1]) * 1024;
    console.log(`peak memory ${Math.round(peak / MIB)} MiB`);
    assert.ok(peak < MEMORY, `${Math.round(peak / MIB)} MiB`);
  } finally {
    agent.destroy();
    child.kill('SIGTERM');
    await once(child, 'exit');
    await rm(built, { recursive: true });
  }
});
