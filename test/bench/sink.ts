/**
 * A server that accepts uploads at full speed and stores nothing: Kodo's form and multipart v2 requests, and S3's.
 *
 * It runs in a separate process, so that its cost is the same for every contender. Its responses contain the hash of
 * each part, for clients that verify it. The hashes of benchmark files are computed before the measurement, because a
 * real server does not share the browser's processor. It prints its addresses as JSON; `POST /bench/conditions` sets
 * faults and known files.
 */
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { BLOCK, blocksOf } from './blocks.js';
import { openLink } from './link.js';

const uploads = new Map<string, Map<number, Hashes>>();
let [uploadCount, partCount, preflights] = [0, 0, 0];
/** Every n-th part or form gets a 503 response; 0 for none. */
let failEvery = 0;

const CORS = {
  'access-control-allow-origin': '*',
  'access-control-allow-headers': '*, authorization, content-type, content-md5',
  'access-control-allow-methods': 'GET, POST, PUT, DELETE, OPTIONS',
  'access-control-expose-headers': '*',
  'access-control-max-age': '2592000',
};

function answer(res: ServerResponse, status: number, body: unknown, headers: Record<string, string> = {}): void {
  const isXml = typeof body === 'string';
  const text = isXml ? body : JSON.stringify(body);
  res.writeHead(status, {
    ...CORS,
    'content-type': isXml ? 'application/xml' : 'application/json',
    'content-length': Buffer.byteLength(text),
    'x-reqid': 'benchbenchbench1',
    ...headers,
  });
  res.end(text);
}

async function readAll(req: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

interface Hashes {
  readonly sha1: Buffer;
  readonly blocks: number;
  readonly md5: string | undefined;
}

/** Hashes of the blocks of benchmark files, by block size and first four bytes. */
const known = new Map<string, Hashes>();

function addKnownFile(size: number): void {
  for (const block of blocksOf(size)) {
    const name = `${block.length} ${block.readUInt32LE()}`;
    if (known.has(name)) continue;
    const hash = (algorithm: string): Buffer => createHash(algorithm).update(block).digest();
    known.set(name, { sha1: hash('sha1'), md5: hash('md5').toString('hex'), blocks: 1 });
  }
}

/** Returns the SHA-1 of the block or, for several blocks, of their SHA-1 digests, as in Qiniu's hash; and the MD5. */
async function hashesOf(req: IncomingMessage): Promise<Hashes> {
  const length = Number(req.headers['content-length']);
  const sums: Buffer[] = [];
  // Compute the MD5 only if parts may be resent: qiniu-js identifies stored parts by it.
  const md5 = failEvery > 0 ? createHash('md5') : undefined;
  let [block, name, isKnown] = [createHash('sha1'), '', false];
  let at = 0;
  const end = (): void => void sums.push(known.get(name)?.sha1 ?? block.digest());
  for await (const whole of req as AsyncIterable<Buffer>) {
    let chunk = whole;
    while (chunk.length > 0) {
      if (at % BLOCK === 0) {
        if (at > 0) end();
        name = chunk.length < 4 ? '' : `${Math.min(BLOCK, length - at)} ${chunk.readUInt32LE()}`;
        isKnown = known.has(name);
        if (!isKnown) block = createHash('sha1');
      }
      const rest = Math.min(chunk.length, BLOCK - (at % BLOCK));
      if (!isKnown) block.update(chunk.subarray(0, rest));
      if (length > BLOCK || !isKnown) md5?.update(chunk.subarray(0, rest));
      chunk = chunk.subarray(rest);
      at += rest;
    }
  }
  end();
  const [only] = sums;
  const digest = md5?.digest('hex');
  if (only !== undefined && sums.length === 1) return { sha1: only, md5: known.get(name)?.md5 ?? digest, blocks: 1 };
  return { sha1: createHash('sha1').update(Buffer.concat(sums)).digest(), md5: digest, blocks: sums.length };
}

const safe64 = (data: Buffer): string => data.toString('base64').replaceAll('+', '-').replaceAll('/', '_');
const etagOf = ({ sha1, blocks }: Hashes): string =>
  safe64(Buffer.concat([Buffer.of(blocks === 1 ? 0x16 : 0x96), sha1]));

/** Returns the hash that Kodo assigns to an object with these parts: version 2 if a part has more than one block. */
function hashOf(parts: Map<number, Hashes>): string {
  const sums = [...parts].sort(([a], [b]) => a - b).map(([, hashes]) => hashes);
  const [only] = sums;
  const areBlocks = sums.every(({ blocks }) => blocks === 1);
  if (only !== undefined && sums.length === 1 && areBlocks) return etagOf(only);
  const sum = createHash('sha1')
    .update(Buffer.concat(sums.map(({ sha1 }) => sha1)))
    .digest();
  return safe64(Buffer.concat([Buffer.of(areBlocks ? 0x96 : 0x9e), sum]));
}

const begin = (): string => {
  uploadCount += 1;
  const id = `upload${uploadCount}`;
  uploads.set(id, new Map());
  return id;
};

function shouldFail(): boolean {
  partCount += 1;
  return failEvery > 0 && partCount % failEvery === 0;
}

async function serve(req: IncomingMessage, res: ServerResponse): Promise<void> {
  const url = new URL(req.url ?? '/', 'http://sink');
  if (req.method === 'OPTIONS') {
    preflights += 1;
    res.writeHead(204, CORS).end();
    return;
  }
  if (url.pathname === '/bench/conditions') {
    const conditions = JSON.parse((await readAll(req)).toString()) as { failEvery: number; fileSize?: number };
    ({ failEvery } = conditions);
    if (conditions.fileSize !== undefined) addKnownFile(conditions.fileSize);
    answer(res, 200, { preflights });
    [partCount, preflights] = [0, 0];
    return;
  }
  const [, id = '', part] = /\/uploads\/(\w+)(?:\/(\d+))?$/.exec(url.pathname) ?? [];
  const s3Id = url.searchParams.get('uploadId') ?? '';
  if (req.method === 'PUT' || (req.method === 'POST' && url.pathname === '/')) {
    const hashes = await hashesOf(req);
    if (shouldFail()) {
      answer(res, 503, { error: 'service unavailable' });
      return;
    }
    const partNumber = Number(part ?? url.searchParams.get('partNumber'));
    uploads.get(id || s3Id)?.set(partNumber, hashes);
    const { sha1, md5 } = hashes;
    answer(res, 200, { etag: etagOf(hashes), md5, key: 'bench' }, { etag: `"${sha1.toString('hex')}"` });
  } else if (url.pathname.startsWith('/s3/')) {
    await readAll(req);
    if (url.searchParams.has('uploads')) {
      answer(
        res,
        200,
        `<InitiateMultipartUploadResult><UploadId>${begin()}</UploadId></InitiateMultipartUploadResult>`,
      );
    } else if (req.method === 'GET') answer(res, 200, '<ListPartsResult></ListPartsResult>');
    else {
      answer(
        res,
        200,
        '<CompleteMultipartUploadResult><Location>l</Location><Bucket>b</Bucket><Key>k</Key><ETag>e</ETag></CompleteMultipartUploadResult>',
      );
    }
  } else if (url.pathname.endsWith('/uploads')) {
    await readAll(req);
    answer(res, 200, { uploadId: begin(), expireAt: Math.floor(Date.now() / 1000) + 604_800 });
  } else if (id !== '' && req.method === 'POST') {
    await readAll(req);
    answer(res, 200, { key: 'bench', hash: hashOf(uploads.get(id) ?? new Map<number, Hashes>()) });
  } else {
    await readAll(req);
    answer(res, 404, { error: `${req.method} ${url.pathname}` });
  }
}

const server = createServer({ keepAliveTimeout: 75_000, requestTimeout: 0 }, (req, res) => {
  serve(req, res).catch(() => void res.destroy());
});
server.listen(0, '127.0.0.1');
await once(server, 'listening');
const { port } = server.address() as AddressInfo;
const [slow, fast] = await Promise.all([
  openLink(port, { megabits: 100, roundTrip: 40 }),
  openLink(port, { megabits: 300, roundTrip: 20 }),
]);
const address = (number: number): string => `http://127.0.0.1:${number}`;
console.log(JSON.stringify({ loopback: address(port), slow: address(slow), fast: address(fast) }));
