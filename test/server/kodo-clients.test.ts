import assert from 'node:assert/strict';
import { execFile, execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { after, before, describe, test } from 'node:test';
import qiniu from 'qiniu';
import { EtagHash } from '../../demo-server/kodo/src/store/etag.js';
import { startKodo, type Kodo } from '../../demo-server/kodo/src/start-kodo.js';
import { bytes } from '../support/test-data.js';
import { MIB } from './kodo-client.js';

/** Clients that others wrote, as they are published: what they take for Kodo is Kodo. */
let kodo: Kodo;
let folder: string;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'clients-'));
  kodo = await startKodo({ buckets: [{ name: 'demo' }, { name: 'closed', private: true }] });
});
after(async () => {
  await kodo.close();
  await rm(folder, { recursive: true });
});

const mac = (): qiniu.auth.digest.Mac => new qiniu.auth.digest.Mac(kodo.accessKey, kodo.secretKey);
const token = (policy: qiniu.rs.PutPolicyOptions): string => new qiniu.rs.PutPolicy(policy).uploadToken(mac());
const hashOf = (data: Buffer): string => new EtagHash().update(data).digest();
const stored = async (key: string, bucket = 'demo'): Promise<Buffer> => {
  const object = kodo.object(bucket, key);
  assert.ok(object, `${key} is stored`);
  return buffer(kodo.read(object));
};

describe('the official Node SDK', () => {
  const config = (): qiniu.conf.Config => {
    const endpoint = new qiniu.httpc.Endpoint(new URL(kodo.origin).host, { defaultScheme: 'http' });
    const { UP, RS } = qiniu.httpc.SERVICE_NAME;
    return new qiniu.conf.Config({
      useHttpsDomain: false,
      regionsProvider: qiniu.httpc.Region.fromRegionId('z0', {
        extendedServices: { [UP]: [endpoint], [RS]: [endpoint] },
      }),
    });
  };

  for (const [name, size] of [
    ['nothing', 0],
    ['a few bytes', 10],
    ['300 kB', 300_000],
  ] as const) {
    test(`uploads ${name} by form, from memory, a stream and a file`, async () => {
      const data = bytes(size);
      const file = join(folder, `form-${size}.bin`);
      await writeFile(file, data);
      const uploader = new qiniu.form_up.FormUploader(config());
      const extra = new qiniu.form_up.PutExtra(file, { 'x:album': '西湖' });
      const keys = ['memory', 'stream', 'file'].map((way) => `${way}-${size}`);
      const [memory = '', stream = '', path = ''] = keys;
      const returnBody = '{"key":$(key),"hash":$(etag),"size":$(fsize),"album":$(x:album)}';
      const answers = [
        await uploader.put(token({ scope: `demo:${memory}`, returnBody }), memory, data, extra),
        await uploader.putStream(token({ scope: `demo:${stream}`, returnBody }), stream, Readable.from([data]), extra),
        await uploader.putFile(token({ scope: `demo:${path}`, returnBody }), path, file, extra),
      ];
      for (const [index, { resp, data: answer }] of answers.entries()) {
        assert.equal(resp.statusCode, 200);
        assert.deepEqual(answer, { key: keys[index], hash: hashOf(data), size, album: '西湖' });
        assert.deepEqual(await stored(keys[index] ?? ''), data);
      }
    });
  }

  for (const version of ['v1', 'v2'] as const) {
    test(`uploads in parts, ${version}, and goes on from its record`, async () => {
      const data = bytes(9 * MIB + 123);
      const file = join(folder, `parts-${version}.bin`);
      await writeFile(file, data);
      const key = `parts-${version}`;
      const uploader = new qiniu.resume_up.ResumeUploader(config());
      const extra = new qiniu.resume_up.PutExtra(file, { 'x:a': '1' });
      extra.version = version;
      extra.partSize = 4 * MIB;
      extra.resumeRecordFile = join(folder, `record-${version}`);
      kodo.faults.add({ kind: version === 'v1' ? 'make-file' : 'complete', status: 400, times: 1 });
      const scope = `demo:${key}`;
      const failed = await uploader.putFile(token({ scope }), key, file, extra).catch(() => undefined);
      assert.notEqual(failed?.resp.statusCode, 200);
      const done = await uploader.putFile(token({ scope }), key, file, extra);
      assert.equal(done.resp.statusCode, 200);
      const { hash, key: named } = done.data as { hash: string; key: string };
      assert.deepEqual([hash, named], [hashOf(data), key]);
      assert.deepEqual(await stored(key), data);
    });
  }

  test('asks for an object, signs for a private one, and deletes it', async () => {
    const data = bytes(1000);
    const uploader = new qiniu.form_up.FormUploader(config());
    const extra = new qiniu.form_up.PutExtra('x.txt', {}, 'text/plain');
    await uploader.put(token({ scope: 'closed:目录/x.txt' }), '目录/x.txt', data, extra);
    const manager = new qiniu.rs.BucketManager(mac(), config());
    const { data: stat, resp } = await manager.stat('closed', '目录/x.txt');
    assert.equal(resp.statusCode, 200);
    const { fsize, hash, mimeType, putTime } = stat as Readonly<Record<string, unknown>>;
    assert.deepEqual([fsize, hash, mimeType], [1000, hashOf(data), 'text/plain']);
    assert.ok(Math.abs(Number(putTime) / 10_000 - Date.now()) < 60_000, 'putTime counts 100 ns');
    const deadline = Math.floor(Date.now() / 1000) + 60;
    const url = manager.privateDownloadUrl(kodo.domain('closed'), '目录/x.txt', deadline);
    assert.deepEqual(Buffer.from(await (await fetch(url)).arrayBuffer()), data);
    const late = manager.privateDownloadUrl(kodo.domain('closed'), '目录/x.txt', 1);
    assert.equal((await fetch(late)).status, 401);
    assert.equal((await manager.delete('closed', '目录/x.txt')).resp.statusCode, 200);
    assert.equal((await manager.stat('closed', '目录/x.txt')).resp.statusCode, 612);
    assert.equal((await manager.delete('closed', '目录/x.txt')).resp.statusCode, 612);
  });

  test('finds the up host by the region query', async () => {
    const provider = new qiniu.httpc.QueryRegionsProvider({
      accessKey: kodo.accessKey,
      bucketName: 'demo',
      endpointsProvider: new qiniu.httpc.Endpoint(new URL(kodo.origin).host, { defaultScheme: 'http' }),
    });
    const [region] = await provider.getRegions();
    const [endpoint] = region?.services[qiniu.httpc.SERVICE_NAME.UP] ?? [];
    assert.equal(endpoint?.host, new URL(kodo.origin).host);
  });
});

const hasCurl = ((): boolean => {
  try {
    execFileSync('curl', ['--version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
})();

describe('curl', { skip: hasCurl ? false : 'curl is not installed' }, () => {
  const curl = async (...args: string[]): Promise<string> =>
    (await promisify(execFile)('curl', ['--silent', '--show-error', '--fail-with-body', ...args])).stdout;

  test('uploads by form, and downloads whole and in part', async () => {
    const data = bytes(100_000);
    const file = join(folder, 'curl.bin');
    await writeFile(file, data);
    const fields = { token: token({ scope: 'demo:curl.bin' }), key: 'curl.bin' };
    const form = Object.entries(fields).flatMap(([name, value]) => ['--form-string', `${name}=${value}`]);
    const answer = await curl(...form, '-F', `file=@${file};type=application/octet-stream`, `${kodo.origin}/`);
    assert.deepEqual(JSON.parse(answer), { hash: hashOf(data), key: 'curl.bin' });
    const whole = join(folder, 'whole.bin');
    await curl('-o', whole, `${kodo.domain('demo')}/curl.bin`);
    assert.deepEqual(await readFile(whole), data);
    const part = join(folder, 'part.bin');
    await curl('-o', part, '-r', '10-19', `${kodo.domain('demo')}/curl.bin`);
    assert.deepEqual(await readFile(part), data.subarray(10, 20));
  });

  test('uploads in parts by hand', async () => {
    const [first, second] = [bytes(4 * MIB), bytes(1000)];
    const key = Buffer.from('by-hand.bin').toString('base64url');
    const base = `${kodo.origin}/buckets/demo/objects/${key}/uploads`;
    const auth = ['-H', `Authorization: UpToken ${token({ scope: 'demo:by-hand.bin' })}`];
    const { uploadId } = JSON.parse(await curl('-X', 'POST', ...auth, base)) as { uploadId: string };
    const parts: { partNumber: number; etag: string }[] = [];
    for (const [index, data] of [first, second].entries()) {
      const file = join(folder, `part-${index}`);
      await writeFile(file, data);
      const answer = await curl('-T', file, ...auth, `${base}/${uploadId}/${index + 1}`);
      parts.push({ partNumber: index + 1, etag: (JSON.parse(answer) as { etag: string }).etag });
    }
    const complete = ['-H', 'Content-Type: application/json', '-d', JSON.stringify({ parts })];
    const answer = await curl(...auth, ...complete, `${base}/${uploadId}`);
    assert.deepEqual(JSON.parse(answer), { hash: hashOf(Buffer.concat([first, second])), key: 'by-hand.bin' });
  });
});
