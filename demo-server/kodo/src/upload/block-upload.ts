import { Transform, type TransformCallback } from 'node:stream';
import { authorizeHeader } from '../policy/authorize.js';
import { toBase64Url } from '../text/base64url.js';
import { BLOCK_SIZE, etagOfBlocks, EtagHash } from '../store/etag.js';
import { readText, type Answer, type Exchange } from '../exchange.js';
import { finishUpload } from './finish-upload.js';
import { KodoError } from '../kodo-error.js';
import { readCustomVars, readHeaders, readMetadata } from './object-metadata.js';
import { parseEntry } from '../text/object-path.js';
import { readPathFields, readSize } from '../text/path-fields.js';
import type { PendingBlock } from './pending-blocks.js';
import { checkClientKey, type PutPolicy } from '../policy/put-policy.js';
import { checkDeadline, HEADER_EXPIRY } from '../policy/upload-token.js';

/** Maximum size of a list of contexts, in bytes. */
const MAX_CONTEXTS = 4 * 1024 * 1024;

/**
 * `POST /mkblk/<blockSize>`: creates a block of up to 4 MiB with its first chunk. An empty block is accepted: the
 * official Java SDK sends one at the end of a stream whose size is a multiple of the block size.
 *
 * Source: https://developer.qiniu.com/kodo/1286/mkblk
 */
export async function makeBlock(exchange: Exchange): Promise<Answer> {
  authorizeHeader(exchange);
  const size = readSize(exchange.path.split('/')[2]);
  if (size > BLOCK_SIZE) throw new KodoError(400, 'invalid argument');
  return addChunk(exchange, undefined, size, 0);
}

/** `POST /bput/<ctx>/<offset>`: appends a chunk to a block. Source: https://developer.qiniu.com/kodo/1251/bput */
export async function putChunk(exchange: Exchange): Promise<Answer> {
  authorizeHeader(exchange);
  const [, , context = '', offset] = exchange.path.split('/');
  const block = exchange.services.blocks.get(context);
  if (block?.offset !== readSize(offset)) throw invalidContext(0);
  return addChunk(exchange, context, block.size, block.offset);
}

async function addChunk(
  { body, services, origin }: Exchange,
  context: string | undefined,
  size: number,
  offset: number,
): Promise<Answer> {
  const { blocks, store } = services;
  const hash = await blocks.hashOf(context);
  const hashing = new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      hash.update(chunk);
      done(null, chunk);
    },
  });
  body.on('error', (error) => hashing.destroy(error));
  const blob = await store.blobs.write(body.pipe(hashing), { crc32: true });
  const isStale = context !== undefined && blocks.get(context) === undefined;
  if (isStale || offset + blob.size > size) {
    await store.blobs.remove([blob]);
    throw isStale ? invalidContext(0) : new KodoError(400, 'invalid argument');
  }
  const { context: ctx, block } = await blocks.add(context, blob, size, hash);
  return {
    status: 200,
    body: {
      ctx,
      checksum: toBase64Url(block.digest),
      crc32: blob.crc32,
      offset: block.offset,
      host: origin,
      expired_at: Math.floor(block.expireAt / 1000),
    },
  };
}

/**
 * `POST /mkfile/<fileSize>[/key/<b64>][/fname/<b64>][/mimeType/<b64>][/x:<name>/<b64>]…`: creates a file from blocks,
 * identified by their last contexts. Source: https://developer.qiniu.com/kodo/1287/mkfile
 */
export async function makeFile(exchange: Exchange): Promise<Answer> {
  const policy = authorizeHeader(exchange);
  const [, , size, ...segments] = exchange.path.split('/');
  const fields = readPathFields(segments);
  return joinBlocks(exchange, { policy, fields, fsize: readSize(size), key: fields.get('key') });
}

/**
 * `POST /rs-mkfile/<entry>/fsize/<n>[/mimeType/<b64>]…`: the older form of the call, used by the official Ruby SDK.
 * `meta`, `customer`, `params` and `rotate` are accepted and have no effect.
 *
 * Source: https://github.com/qiniu/ruby-sdk, lib/qiniu/resumable_upload.rb
 */
export async function makeFileOfEntry(exchange: Exchange): Promise<Answer> {
  const policy = authorizeHeader(exchange);
  const [, , segment = '', ...segments] = exchange.path.split('/');
  const { bucket, key } = parseEntry(segment);
  if (bucket !== policy.bucket) throw new KodoError(401, 'bad token');
  const fields = readPathFields(segments);
  return joinBlocks(exchange, { policy, fields, fsize: readSize(fields.get('fsize')), key });
}

interface FileOfBlocks {
  readonly policy: PutPolicy;
  readonly fields: ReadonlyMap<string, string>;
  /** Size in bytes. */
  readonly fsize: number;
  readonly key: string | undefined;
}

/** Creates an object from the blocks listed in the body. */
async function joinBlocks(exchange: Exchange, { policy, fields, fsize, key }: FileOfBlocks): Promise<Answer> {
  const { body, services, entry, effect } = exchange;
  entry.key = key;
  checkClientKey(policy, key);
  const list = await readText(body, MAX_CONTEXTS);
  checkDeadline(policy, services.now(), HEADER_EXPIRY);
  const contexts = list === '' ? [] : list.split(',');
  const chosen = contexts.map((context, index) => {
    const block = services.blocks.get(context);
    if (block === undefined || contexts.indexOf(context) !== index) throw invalidContext(index);
    return block;
  });
  if (!isWhole(chosen, fsize)) throw new KodoError(400, 'invalid argument');
  return services.blocks.use(contexts, async () => {
    const { isStored, ...answer } = await finishUpload(
      {
        policy,
        key,
        fname: fields.get('fname'),
        clientType: fields.get('mimeType'),
        customVars: readCustomVars(fields),
        metadata: readMetadata(fields),
        headers: readHeaders(fields),
        hash: hashOf(chosen),
        files: chosen.flatMap(({ files }) => files),
        // Unlike other upload methods, this one overwrites if the scope is a bucket only.
        insert: policy.insertOnly || policy.isPrefixalScope,
        reqid: entry.reqid,
        callbackFault: effect.callback,
        job: effect.job,
      },
      services,
    );
    return { isOver: isStored, result: answer };
  });
}

/** The hash of a file made of blocks; empty blocks are ignored. */
function hashOf(blocks: readonly PendingBlock[]): string {
  const filled = blocks.filter(({ size }) => size > 0);
  return filled.length === 0 ? new EtagHash().digest() : etagOfBlocks(filled.map(({ digest }) => digest));
}

/** Whether blocks make up a file of this size: all of 4 MiB, except the last. */
function isWhole(blocks: readonly PendingBlock[], fsize: number): boolean {
  const isFull = blocks.every(
    ({ offset, size }, index) => offset === size && (index === blocks.length - 1 || size === BLOCK_SIZE),
  );
  return isFull && blocks.reduce((sum, { size }) => sum + size, 0) === fsize;
}

function invalidContext(index: number): KodoError {
  return new KodoError(701, `block ${index}: invalid context`);
}
