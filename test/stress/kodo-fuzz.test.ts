import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { startKodo, type Kodo } from '../../demo-server/kodo/src/start-kodo.js';
import { signUploadToken } from '../../demo-server/kodo/src/policy/upload-token.js';
import { Random } from '../storm/random.js';
import { encodeForm, inAnHour, KodoClient, BOUNDARY } from '../server/kodo-client.js';
import { sign } from '../../demo-server/kodo/src/policy/upload-token.js';

const CASES = Number(process.env['FUZZ_CASES'] ?? 10_000);
const SEED = Number(process.env['FUZZ_SEED'] ?? 1);
const AT_ONCE = 16;
/** Milliseconds in which an answer must come, or the connection end. */
const PATIENCE = 10_000;

/** What goes wrong in the heads of those who write clients, and of those who attack servers. */
const NASTY = [
  ...['', ' ', '\0', '..', '../../etc/passwd', '/', '%', '%2e%2e%2f', '%00', '%ff', '\r\n', '~', '=', ':', '::', ','],
  ...[
    '-1',
    '0',
    '1e9',
    '99999999999999999999',
    'NaN',
    'null',
    'true',
    '[]',
    '{}',
    '{"a":',
    '"',
    '__proto__',
    'constructor',
  ],
  ...[
    '中文',
    '😀',
    'a'.repeat(751),
    'a'.repeat(70_000),
    '$(etag)',
    '$(x:',
    '\ud800',
    'a\udc00b',
    'UpToken',
    'multipart/form-data',
    '\u202e',
  ],
] as const;

interface Raw {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

const nasty = (random: Random): string => random.pick([...NASTY] as [string, ...string[]]);
/** Percent-encoded; half a surrogate pair has no bytes to encode. */
const percent = (text: string): string => encodeURIComponent(text.toWellFormed());
const base64 = (text: string): string => Buffer.from(text).toString('base64url');

/** A policy of which something is wrong, or nothing. */
function makePolicy(random: Random): Record<string, unknown> {
  const policy: Record<string, unknown> = { scope: 'demo', deadline: inAnHour() };
  const names = [
    'scope',
    'deadline',
    'saveKey',
    'returnBody',
    'callbackUrl',
    'callbackBody',
    'fsizeLimit',
    'mimeLimit',
  ];
  const more = [
    'isPrefixalScope',
    'insertOnly',
    'endUser',
    'persistentOps',
    'detectMime',
    'returnUrl',
    'callbackBodyType',
  ];
  for (let change = random.whole(0, 3); change > 0; change -= 1) {
    const value = random.pick<unknown>([nasty(random), random.whole(-5, 5), null, true, [], { a: 1 }, 1e300]);
    policy[random.pick([...names, ...more] as [string, ...string[]])] = value;
  }
  return policy;
}

function makeToken(random: Random, keys: Kodo): string {
  const token = signUploadToken(keys, makePolicy(random));
  if (random.chance(0.7)) return token;
  const parts = token.split(':');
  parts[random.whole(0, parts.length - 1)] = nasty(random);
  return random.pick([parts.join(':'), nasty(random), parts.slice(1).join(':'), `${token}:${token}`]);
}

/** A call that is right, or nearly so. */
function makeCall(random: Random, kodo: Kodo, uploadId: string): Raw {
  const token = makeToken(random, kodo);
  const key = random.pick([base64(nasty(random)), '~', '', 'a2V5', percent(nasty(random))]);
  const headers: Record<string, string> = { authorization: `UpToken ${token}` };
  const id = random.chance(0.6) ? uploadId : percent(nasty(random));
  const uploads = `/buckets/${random.chance(0.8) ? 'demo' : percent(nasty(random))}/objects/${key}/uploads`;
  const number = random.pick(['1', '2', '0', '-1', '10001', 'x', percent(nasty(random))]);
  const json = Buffer.from(
    random.pick([
      JSON.stringify({ parts: [{ partNumber: random.whole(-1, 3), etag: nasty(random) }], fname: nasty(random) }),
      JSON.stringify({ parts: nasty(random), customVars: { [nasty(random)]: nasty(random) } }),
      '[['.repeat(5000),
      nasty(random),
    ]),
  );
  const bytes = Buffer.from(nasty(random));
  const field = (name: string): { name: string; value: string } => ({ name, value: nasty(random) });
  const form = encodeForm([
    { name: 'token', value: token },
    ...(random.chance(0.5) ? [{ name: 'key', value: nasty(random) }] : []),
    ...(random.chance(0.5) ? [field(`x:${nasty(random).replace(/[\r\n"]/g, '')}`)] : []),
    ...(random.chance(0.3) ? [field('crc32')] : []),
    { name: 'file', value: bytes, filename: nasty(random).replace(/[\r\n"]/g, ''), type: 'image/png' },
  ]);
  const formHeaders = {
    'content-type': `multipart/form-data; boundary=${random.chance(0.9) ? BOUNDARY : nasty(random)}`,
  };
  const name = percent(nasty(random));
  return random.pick<Raw>([
    { method: 'POST', path: '/', headers: formHeaders, body: mutate(random, form) },
    { method: 'POST', path: '/', headers: formHeaders, body: form },
    { method: 'POST', path: uploads, headers, body: Buffer.alloc(0) },
    {
      method: 'PUT',
      path: `${uploads}/${id}/${number}`,
      headers: { ...headers, 'content-md5': nasty(random) },
      body: bytes,
    },
    {
      method: 'GET',
      path: `${uploads}/${id}?max-parts=${name}&part-number-marker=${name}`,
      headers,
      body: Buffer.alloc(0),
    },
    {
      method: 'POST',
      path: `${uploads}/${id}`,
      headers: { ...headers, 'content-type': 'application/json' },
      body: json,
    },
    { method: 'POST', path: `/mkblk/${random.pick([String(bytes.length), number])}`, headers, body: bytes },
    { method: 'POST', path: `/bput/${name}/${number}`, headers, body: bytes },
    { method: 'POST', path: `/mkfile/${number}/key/${key}/x:${name}/${key}`, headers, body: json },
    { method: 'POST', path: `/putb64/${number}/key/${key}/crc32/${name}/x:${name}/${key}`, headers, body: bytes },
    { method: 'POST', path: `/stat/${key}`, headers: { authorization: nasty(random) }, body: Buffer.alloc(0) },
    {
      method: 'POST',
      path: `/delete/${key}`,
      headers: { authorization: `QBox ${nasty(random)}` },
      body: Buffer.alloc(0),
    },
    { method: 'GET', path: `/v4/query?ak=${name}&bucket=${name}`, headers: {}, body: Buffer.alloc(0) },
    {
      method: 'GET',
      path: `/-/demo/${nasty(random)}?${name}`,
      headers: { range: `bytes=${nasty(random)}` },
      body: Buffer.alloc(0),
    },
    { method: 'GET', path: `/-/demo/${name}?imageView2/${name}`, headers: {}, body: Buffer.alloc(0) },
    { method: nasty(random), path: nasty(random), headers: { [nasty(random)]: nasty(random) }, body: bytes },
  ]);
}

const FORM = 'application/x-www-form-urlencoded';

/** A management call, signed by the account more often than not, whose path, query or body is wrong, or nearly right. */
function makeManagementCall(random: Random, { accessKey, secretKey }: Kodo): Raw {
  const name = (): string => percent(nasty(random));
  const bucket = (): string => (random.chance(0.7) ? 'demo' : name());
  const entry = (): string =>
    random.pick([
      base64('demo:key'),
      base64('demo:key'),
      base64(nasty(random)),
      base64(`demo:${nasty(random)}`),
      name(),
    ]);
  const number = (): string => random.pick(['0', '1', '2', '7', '-1', '1e9', name()]);
  const verb = random.pick([
    'stat',
    'delete',
    'copy',
    'move',
    'chgm',
    'chtype',
    'chstatus',
    'deleteAfterDays',
    'lifecycle',
    'restoreAr',
  ]);
  const operation = random.pick([
    `/${verb}/${entry()}/${entry()}/force/${name()}`,
    `/${verb}/${entry()}/type/${number()}/status/${number()}/cond/${base64(nasty(random))}`,
    `/${verb}/${entry()}/mime/${base64(nasty(random))}/x-qn-meta-${name()}/${base64(nasty(random))}`,
    `/${verb}/${entry()}/toIAAfterDays/${number()}/deleteAfterDays/${number()}/freezeAfterDays/${number()}`,
    `/${verb}/${entry()}/${number()}`,
  ]);
  const rule = `name=${name()}&prefix=${name()}&event=${name()}&callbackURL=${name()}&delete_after_days=${number()}`;
  const text = random.pick([
    nasty(random),
    Array.from({ length: random.whole(0, 5) }, () => `op=${percent(operation)}`).join('&'),
    `bucket=${bucket()}&key=${name()}&fops=${name()}&type=${number()}&notifyURL=${name()}&id=${name()}`,
    JSON.stringify({
      url: nasty(random),
      bucket: 'demo',
      key: nasty(random),
      callbackurl: nasty(random),
      file_type: 9,
    }),
    JSON.stringify({
      url: 'http://127.0.0.1:1/',
      bucket: 'demo',
      callbackurl: nasty(random),
      Tags: [{ Key: nasty(random) }],
    }),
    JSON.stringify({ remark: nasty(random), Tags: [{ Key: 'a', Value: 'b' }] }),
  ]);
  const paths: readonly string[] = [
    ...[
      operation,
      '/batch',
      '/pfop/',
      '/sisyphus/fetch',
      `/sisyphus/fetch?id=${name()}`,
      `/status/get/prefop?id=${name()}`,
    ],
    ...[`/list?bucket=${bucket()}&marker=${name()}&limit=${number()}&delimiter=${name()}&prefix=${name()}`],
    ...[`/v2/list?bucket=${bucket()}&marker=${base64(JSON.stringify({ c: 0, k: nasty(random) }))}`],
    ...[
      `/fetch/${base64(nasty(random))}/to/${entry()}/host/${name()}`,
      `/fetch/${base64('http://127.0.0.1:1/')}/to/${entry()}`,
    ],
    ...[`/prefetch/${entry()}`, `/rules/add?bucket=${bucket()}&${rule}`, `/events/update?bucket=${bucket()}&${rule}`],
    ...[`/buckets?tagCondition=${name()}&apiVersion=${random.pick(['v4', 'v3'])}&limit=${number()}&marker=${name()}`],
    ...[`/mkbucketv3/${name()}/region/${name()}`, `/mkbucketv2/${base64(nasty(random))}`, `/drop/${name()}`],
    ...[
      `/image/${bucket()}/from/${base64(nasty(random))}/host/${name()}`,
      `/setbucketquota/${bucket()}/size/${number()}`,
    ],
    ...[`/style/${bucket()}/name/${base64(nasty(random))}/style/${name()}`, `/corsRules/set/${bucket()}`],
    ...[`/bucketTagging?bucket=${bucket()}`, `/buckets/${bucket()}?remark`, `/v2/bucketInfo?bucket=${name()}`],
    ...[
      `/rs-mkfile/${entry()}/fsize/${number()}/mimeType/${name()}`,
      `/v${random.pick(['1', '3'])}/query?ak=${accessKey}&bucket=demo`,
    ],
  ];
  const path = random.pick(paths as readonly [string, ...string[]]);
  const body = Buffer.from(text);
  const type = random.chance(0.8) ? FORM : random.pick(['application/json', 'application/octet-stream', nasty(random)]);
  const signed = `${path}\n${type === FORM ? text : ''}`;
  const credential = random.chance(0.85) ? `${accessKey}:${sign(secretKey, signed)}` : nasty(random);
  const date = random.chance(0.1) ? { 'x-qiniu-date': nasty(random) } : {};
  const method = random.chance(0.85) ? 'POST' : random.pick(['GET', 'PUT', 'DELETE', 'OPTIONS', 'HEAD']);
  return { method, path, headers: { authorization: `QBox ${credential}`, 'content-type': type, ...date }, body };
}

/** Bytes of which some are others, missing, or twice there. */
function mutate(random: Random, data: Buffer): Buffer {
  const at = random.whole(0, data.length);
  const length = random.whole(0, 40);
  return random.pick([
    data.subarray(0, at),
    Buffer.concat([data.subarray(0, at), data.subarray(at + length)]),
    Buffer.concat([data.subarray(0, at + length), data.subarray(at)]),
    Buffer.concat([data.subarray(0, at), Buffer.from(nasty(random)), data.subarray(at)]),
  ]);
}

function write({ method, path, headers, body }: Raw, random: Random): Buffer {
  // As it is, line breaks and all: no client library stands between.
  const length = random.chance(0.95) ? String(body.length) : nasty(random);
  const head = [
    `${method} ${path} HTTP/1.1`,
    'Host: kodo',
    'Connection: close',
    ...(random.chance(0.97) ? [`Content-Length: ${length}`] : ['Transfer-Encoding: chunked']),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  const whole = Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n\r\n`), body]);
  return random.chance(0.95) ? whole : mutate(random, whole);
}

/** Milliseconds after which the client ends its side, so that a body that is too short is seen to be. */
const GIVE_UP = 400;

/** @returns what came back */
function exchange(port: number, data: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    let received = '';
    const socket = connect({ port, host: '127.0.0.1' }, () => socket.write(data));
    const timer = setTimeout(() => socket.end(), GIVE_UP);
    socket.setTimeout(PATIENCE, () => {
      socket.destroy();
      reject(new Error(`no answer in ${PATIENCE} ms`));
    });
    socket.on('data', (chunk: Buffer) => (received += chunk.toString('latin1')));
    socket.on('end', () => socket.destroy());
    socket.on('error', () => undefined); // it may cut off what it has refused
    socket.on('close', () => {
      clearTimeout(timer);
      resolve(received);
    });
  });
}

test(`${CASES} malformed requests, seed ${SEED}: no fault of its own, no hang, nothing outside its folder`, async () => {
  const parent = await mkdtemp(join(tmpdir(), 'fuzz-'));
  const folder = join(parent, 'in', 'kodo');
  await mkdir(folder, { recursive: true });
  const warnings: string[] = [];
  const kodo = await startKodo({
    folder,
    callbackTimeout: 1000,
    jobTime: 0,
    onWarning: (text) => warnings.push(text),
  });
  try {
    const port = Number(new URL(kodo.origin).port);
    const client = new KodoClient(kodo);
    const { uploadId } = await client.initiate('key', client.token());
    const statuses = new Map<number, number>();
    let next = 0;
    await Promise.all(
      Array.from({ length: AT_ONCE }, async () => {
        while (next < CASES) {
          const seed = SEED * 1_000_003 + next;
          next += 1;
          const random = new Random(seed);
          const raw = random.chance(0.4) ? makeManagementCall(random, kodo) : makeCall(random, kodo, uploadId);
          const data = write(raw, random);
          const received = await exchange(port, data).catch((error: unknown) => {
            throw new Error(`case ${seed}: ${String(error)}\n${data.subarray(0, 600).toString()}`);
          });
          const status = Number(/^HTTP\/1\.1 (\d+)/.exec(received)?.[1] ?? 0);
          statuses.set(status, (statuses.get(status) ?? 0) + 1);
          // 579: the policy's callback failed, which is the client's; 6xx are Kodo's words for what is wrong.
          const isOwnFault = status >= 500 && status < 600 && status !== 579;
          assert.ok(!isOwnFault, `case ${seed} is answered ${status}: ${received.slice(0, 600)}\n${warnings.at(-1)}`);
        }
      }),
    );
    assert.deepEqual(
      // That an address cannot be fetched is not a fault of Kodo's own.
      warnings.filter((text) => / failed: /.test(text) && !text.startsWith('an asynchronous fetch')),
      [],
    );
    assert.deepEqual(await readdir(parent), ['in']);
    assert.deepEqual(await readdir(join(parent, 'in')), ['kodo']);
    const reply = await client.postForm({ token: client.token(), key: 'after' }, Buffer.from('well'));
    assert.equal(reply.status, 200, 'it is well after all');
    console.log(
      [...statuses]
        .sort(([one], [other]) => one - other)
        .map(([status, count]) => `${status}: ${count}`)
        .join(', '),
    );
  } finally {
    await kodo.close();
    await rm(parent, { recursive: true });
  }
});
