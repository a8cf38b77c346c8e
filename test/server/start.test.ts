import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { spawn, type ChildProcessByStdio } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { describe, test } from 'node:test';
import { ConfigError, readEnvironment } from '../../demo-server/setup/config.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

function run(env: Readonly<Record<string, string>>): ChildProcessByStdio<null, Readable, Readable> {
  const { PATH = '' } = process.env;
  return spawn(process.execPath, ['--import', 'tsx', 'demo-server/main.ts'], {
    cwd: ROOT,
    env: { PATH, PORT: '0', KODO_PORT: '0', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

const REAL = { QINIU_ACCESS_KEY: 'a', QINIU_SECRET_KEY: 'b', QINIU_BUCKET: 'c', QINIU_DOMAIN: 'cdn.example.com' };

describe('configuration', () => {
  test('has a working default, and takes an empty variable as absent', () => {
    const { port, kodoPort, host, qiniu } = readEnvironment({ PORT: '', QINIU_BUCKET: '' });
    assert.deepEqual(
      { port, kodoPort, host, qiniu },
      { port: 3000, kodoPort: 3001, host: '127.0.0.1', qiniu: undefined },
    );
  });

  test('knows no address of the local Kodo where HOST is all of them', () => {
    for (const HOST of ['0.0.0.0', '::']) {
      assert.throws(() => readEnvironment({ HOST }), { name: 'ConfigError', message: /^HOST is .* 192\.168\.1\.5/ });
      assert.equal(readEnvironment({ HOST, ...REAL }).host, HOST);
    }
  });

  test('takes a bare domain as https', () => {
    assert.equal(readEnvironment(REAL).qiniu?.domain, 'https://cdn.example.com');
    assert.equal(
      readEnvironment({ ...REAL, QINIU_DOMAIN: 'http://x.clouddn.com' }).qiniu?.domain,
      'http://x.clouddn.com',
    );
  });

  test('takes several keys, origins and secrets, and secrets from files', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'demo-secrets-'));
    try {
      const file = join(folder, 'key');
      await writeFile(file, 'from-a-file\n');
      const secret = 'x'.repeat(32);
      const { qiniu, allowedOrigins, sessionSecrets } = readEnvironment({
        ...REAL,
        NODE_ENV: 'production',
        PUBLIC_URL: 'https://www.example.com',
        QINIU_SECRET_KEY: '',
        QINIU_SECRET_KEY_FILE: file,
        QINIU_PREVIOUS_KEYS: 'a1:s1, a2:s2',
        QINIU_PRIVATE: '1',
        ALLOWED_ORIGINS: 'https://a.example,http://b.example:8080',
        SESSION_SECRET: `${secret},${secret}2`,
      });
      assert.equal(qiniu?.secretKey, 'from-a-file');
      assert.equal(qiniu.isPrivate, true);
      assert.deepEqual(qiniu.previousKeys, [
        { accessKey: 'a1', secretKey: 's1' },
        { accessKey: 'a2', secretKey: 's2' },
      ]);
      assert.deepEqual(allowedOrigins, ['https://a.example', 'http://b.example:8080']);
      assert.deepEqual(sessionSecrets, [secret, `${secret}2`]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  const wrong: readonly [Readonly<Record<string, string>>, RegExp][] = [
    [{ PORT: 'x' }, /^PORT must be a whole number/],
    [{ PORT: '70000' }, /^PORT must be a whole number/],
    [{ MAX_FILE_SIZE: '10MB' }, /^MAX_FILE_SIZE must be a whole number/],
    [{ TOKEN_LIFETIME: '3600000' }, /^TOKEN_LIFETIME must be a whole number from 60 to 86400/],
    [{ DATABASE_URL: 'mysql://x' }, /^DATABASE_URL must begin with postgres/],
    [{ LOG_LEVEL: 'loud' }, /^LOG_LEVEL must be one of/],
    [{ ALLOWED_TYPES: 'png' }, /^ALLOWED_TYPES must be types/],
    [{ PUBLIC_URL: 'https://x.example' }, /^PUBLIC_URL is set, but QINIU_ACCESS_KEY/],
    [{ QINIU_ACCESS_KEY: 'a' }, /^QINIU_SECRET_KEY, QINIU_BUCKET, QINIU_DOMAIN are missing/],
    [{ ...REAL, QINIU_SECRET_KEY: '' }, /^QINIU_SECRET_KEY is missing/],
    [{ ...REAL, QINIU_REGION: 'https://up.qiniup.com' }, /^QINIU_REGION must be a region id/],
    [{ ...REAL, QINIU_DOMAIN: 'not a domain' }, /^QINIU_DOMAIN must be/],
    [{ ...REAL, PUBLIC_URL: 'www.example.com' }, /^PUBLIC_URL must be an http\(s\) address/],
    [{ ...REAL, PUBLIC_URL: 'http://localhost:3000' }, /^PUBLIC_URL is an address that Qiniu cannot reach/],
    [{ ...REAL, PUBLIC_URL: 'http://192.168.1.4' }, /^PUBLIC_URL is an address that Qiniu cannot reach/],
    [{ ...REAL, PUBLIC_URL: 'http://[::1]:3000' }, /^PUBLIC_URL is an address that Qiniu cannot reach/],
    [{ ...REAL, PUBLIC_URL: 'http://box.local' }, /^PUBLIC_URL is an address that Qiniu cannot reach/],
    [{ ...REAL, QINIU_PREVIOUS_KEYS: 'secret' }, /^QINIU_PREVIOUS_KEYS must be access-key:secret-key/],
    [{ ...REAL, QINIU_PRIVATE: 'yes' }, /^QINIU_PRIVATE must be 1 or 0/],
    [{ ALLOWED_ORIGINS: 'https://a.example/path' }, /^ALLOWED_ORIGINS must be origins/],
    [{ ALLOWED_ORIGINS: '*' }, /^ALLOWED_ORIGINS must be origins without path and wildcards/],
    [{ ALLOWED_ORIGINS: 'https://*.example.com' }, /^ALLOWED_ORIGINS must be origins without path and wildcards/],
    [{ ALLOWED_ORIGINS: 'app.example.com' }, /^ALLOWED_ORIGINS must be origins/],
    [{ ALLOWED_ORIGINS: 'null' }, /^ALLOWED_ORIGINS must be origins/],
    [{ FRAMED_BY: 'https://a.example/page' }, /^FRAMED_BY must be origins/],
    [{ ...REAL, PUBLIC_URL: 'https://user:password@www.example.com' }, /^PUBLIC_URL must be an http\(s\) address/],
    [{ ...REAL, QINIU_ENDPOINT: 'http://user@kodo.example.com' }, /^QINIU_ENDPOINT must be an http\(s\) address/],
    [{ MAX_OPEN_UPLOADS: '0' }, /^MAX_OPEN_UPLOADS must be a whole number/],
    [{ SESSION_SECRET: 'short' }, /^SESSION_SECRET must be 32 characters or longer/],
    [{ DATABASE_URL_FILE: '/nothing/there' }, /^DATABASE_URL_FILE cannot be read \(ENOENT\)/],
    [{ NODE_ENV: 'production' }, /^NODE_ENV is production, but no bucket is set/],
    [{ NODE_ENV: 'production', ...REAL }, /^SESSION_SECRET is missing/],
    [
      { NODE_ENV: 'production', ...REAL, QINIU_SECRET_KEY: 'local-secret-key' },
      /^QINIU_SECRET_KEY is an example, not a key of your account/,
    ],
    [{ NODE_ENV: 'production', ...REAL, QINIU_ACCESS_KEY: 'MY_ACCESS_KEY' }, /^QINIU_ACCESS_KEY is an example/],
  ];
  test('takes every real key in production: 40 random characters, whatever they begin with (A3)', () => {
    const production = { ...REAL, NODE_ENV: 'production', SESSION_SECRET: 'x'.repeat(32) };
    const random = (): string => randomBytes(30).toString('base64url');
    const beginnings = ['my', 'My', 'xxx', 'test', 'your', 'local-', 'example', 'ak', 'sk', 'changeme', 'access_key'];
    const keys = [
      ...beginnings.map((beginning) => `${beginning}${random()}`.slice(0, 40)),
      ...Array.from({ length: 5000 }, random),
    ];
    for (const key of keys) {
      const { qiniu } = readEnvironment({ ...production, QINIU_ACCESS_KEY: key, QINIU_SECRET_KEY: key });
      assert.equal(qiniu?.secretKey, key);
    }
    const examples =
      'local-secret-key MY_ACCESS_KEY your-secret-key YourAccessKey <AccessKey> xxxxxxxx changeme test example ' +
      'ACCESS_KEY YOUR_ACCESS_KEY_HERE ${QINIU_ACCESS_KEY} accessKey 你的AccessKey';
    for (const key of examples.split(' ')) {
      assert.throws(() => readEnvironment({ ...production, QINIU_ACCESS_KEY: key, QINIU_SECRET_KEY: random() }), {
        message: /^QINIU_ACCESS_KEY is an example, not a key of your account/,
      });
    }
  });

  for (const [env, message] of wrong) {
    test(`refuses ${Object.entries(env)
      .map(([name, value]) => `${name}=${value}`)
      .join(' ')}`, () => {
      assert.throws(
        () => readEnvironment(env),
        (error) => error instanceof ConfigError && message.test(error.message),
      );
    });
  }
});

describe('the process', { concurrency: 2 }, () => {
  test('prints its address, answers, and stops with 0 on SIGTERM', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'demo-process-'));
    const child = run({ DATA_FOLDER: folder });
    try {
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
      while (!/Local Kodo: \S+\n/.test(output)) await once(child.stdout, 'data');
      const origin = /Demo page: +(\S+)\//.exec(output)?.[1] ?? '';
      assert.equal((await fetch(`${origin}/healthz`)).status, 200);
      child.kill('SIGTERM');
      const [code] = (await once(child, 'exit')) as [number | null];
      assert.equal(code, 0);
    } finally {
      child.kill('SIGKILL');
      await rm(folder, { recursive: true, force: true });
    }
  });

  test('stops with one sentence on a wrong variable', async () => {
    const child = run({ PORT: 'x' });
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit') as Promise<[number | null]>]);
    assert.equal(stderr, 'PORT must be a whole number from 0 to 65535.\n');
    assert.equal(code, 1);
  });

  test('stops with one sentence when its port is in use', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as AddressInfo;
    const folder = await mkdtemp(join(tmpdir(), 'demo-process-'));
    try {
      const child = run({ DATA_FOLDER: folder, PORT: String(port) });
      const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit') as Promise<[number | null]>]);
      assert.equal(stderr, `Port ${port} is in use: stop the program that uses it, or set PORT to another port.\n`);
      assert.equal(code, 1);
    } finally {
      other.close();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
