import { authorizeHeader } from '../policy/authorize.js';
import { readComplete, type Part } from './complete-body.js';
import { etagOfParts } from '../store/etag.js';
import type { Answer, Exchange } from '../exchange.js';
import { finishUpload } from './finish-upload.js';
import { KodoError } from '../kodo-error.js';
import { parseMultipartPath } from '../text/object-path.js';
import type { PendingPart, PendingUpload } from './pending-uploads.js';
import { checkClientKey, type PutPolicy } from '../policy/put-policy.js';
import { checkDeadline, HEADER_EXPIRY } from '../policy/upload-token.js';

const MAX_PART_NUMBER = 10_000;
/** Minimum size of a part except the last, and maximum size, in bytes; checked when the upload is completed. */
const [MIN_PART_SIZE, MAX_PART_SIZE] = [1024 * 1024, 1024 * 1024 * 1024];
/** Maximum number of parts per list, and the default. */
const MAX_LISTED = 1000;

/**
 * A multipart upload (version 2) call with verified token, bucket and key. Every call is verified separately, so the
 * token can be renewed during an upload.
 */
interface MultipartCall {
  readonly policy: PutPolicy;
  readonly bucket: string;
  readonly key: string | undefined;
  readonly uploadId: string;
  readonly partNumber: string;
}

function readCall(exchange: Exchange): MultipartCall {
  const { bucket = '', key, uploadId = '', partNumber = '' } = parseMultipartPath(exchange.path) ?? {};
  const policy = authorizeHeader(exchange);
  exchange.services.buckets.require(bucket);
  if (policy.bucket !== bucket) throw new KodoError(401, 'bad token');
  exchange.entry.key = key;
  checkClientKey(policy, key);
  return { policy, bucket, key, uploadId, partNumber };
}

function findUpload({ services }: Exchange, { uploadId, bucket, key }: MultipartCall): PendingUpload {
  return services.uploads.find(uploadId, bucket, key);
}

/** `POST …/uploads`. Source for all five calls: https://developer.qiniu.com/kodo/6364/multipartupload-interface */
export async function initiate(exchange: Exchange): Promise<Answer> {
  const { bucket, key } = readCall(exchange);
  const { id, expireAt } = await exchange.services.uploads.create(bucket, key);
  exchange.entry.uploadId = id;
  return { status: 200, body: { uploadId: id, expireAt } };
}

/** `PUT …/uploads/<uploadId>/<partNumber>` */
export async function putPart(exchange: Exchange): Promise<Answer> {
  const { req, body, services, effect } = exchange;
  const call = readCall(exchange);
  const upload = findUpload(exchange, call);
  const number = readCount(call.partNumber);
  if (number < 1 || number > MAX_PART_NUMBER) throw new KodoError(400, 'invalid argument');
  const blob = await services.store.blobs.write(body, { md5: true });
  const expected = req.headers['content-md5'];
  if (typeof expected === 'string' && !isMd5(expected, blob.md5)) {
    await services.store.blobs.remove([blob]);
    throw new KodoError(406, 'md5 check error');
  }
  await services.uploads.putPart(upload, number, blob);
  const etag = effect.wrongEtag === true ? 'Fto5o-5ea0sNMlW_75VgGJCv2AcJ' : blob.etag;
  return { status: 200, body: { etag, md5: blob.md5 } };
}

/** `GET …/uploads/<uploadId>?max-parts=&part-number-marker=` */
export function listParts(exchange: Exchange): Answer {
  const { query } = exchange;
  const { id, parts, expireAt } = findUpload(exchange, readCall(exchange));
  const marker = readCount(query.get('part-number-marker') ?? query.get('part-number_marker') ?? '0');
  const max = readCount(query.get('max-parts') ?? String(MAX_LISTED));
  if (max < 1 || max > MAX_LISTED) throw new KodoError(400, 'invalid argument');
  const rest = [...parts.values()]
    .sort((a, b) => a.partNumber - b.partNumber)
    .filter(({ partNumber }) => partNumber > marker);
  const page = rest.slice(0, max);
  const partNumberMarker = rest.length > max ? (page.at(-1)?.partNumber ?? 0) : 0;
  const listed = page.map(({ size, etag, partNumber, putTime }) => ({ size, etag, partNumber, putTime }));
  return { status: 200, body: { uploadId: id, expireAt, partNumberMarker, parts: listed } };
}

/** `POST …/uploads/<uploadId>` */
export async function complete(exchange: Exchange): Promise<Answer> {
  const { services, entry, effect } = exchange;
  const { policy, bucket, key, uploadId } = readCall(exchange);
  services.uploads.find(uploadId, bucket, key);
  const { parts, ...said } = await readComplete(exchange);
  checkDeadline(policy, services.now(), HEADER_EXPIRY);
  const upload = services.uploads.find(uploadId, bucket, key); // it may have ended while the body was being received
  const chosen = choose(upload, parts);
  return services.uploads.complete(upload, async () => {
    const { isStored, ...answer } = await finishUpload(
      {
        ...said,
        policy,
        key,
        hash: etagOfParts(chosen),
        files: chosen,
        parts: chosen.map(({ size }) => size),
        reqid: entry.reqid,
        callbackFault: effect.callback,
        job: effect.job,
      },
      services,
    );
    return { isOver: isStored, taken: chosen, result: answer };
  });
}

/** `DELETE …/uploads/<uploadId>` */
export async function abort(exchange: Exchange): Promise<Answer> {
  const { id } = findUpload(exchange, readCall(exchange));
  await exchange.services.uploads.forget(id);
  return { status: 200, body: {} }; // qiniu-js parses the response as JSON
}

/** Parses a decimal number. @throws {KodoError} 400 */
function readCount(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw new KodoError(400, 'invalid argument');
  return Number(text);
}

/** SDKs send lower-case hex; RFC 1864's base64 is accepted too. */
function isMd5(header: string, md5: string): boolean {
  return header.toLowerCase() === md5 || header === Buffer.from(md5, 'hex').toString('base64');
}

/**
 * The parts listed in a complete call, in its order.
 *
 * @throws {KodoError} 400; checks the order first, then each part, then the sizes
 */
function choose(upload: PendingUpload, parts: readonly Part[]): readonly PendingPart[] {
  const isOrdered = parts.every(
    ({ partNumber }, index) => index === 0 || partNumber > (parts[index - 1]?.partNumber ?? 0),
  );
  if (!isOrdered) throw new KodoError(400, 'invalid parts order');
  const chosen = parts.map(({ partNumber, etag }) => {
    const part = upload.parts.get(partNumber);
    if (part?.etag !== etag) throw new KodoError(400, 'invalid part');
    return part;
  });
  checkPartSizes(chosen.map(({ size }) => size));
  return chosen;
}

/** @throws {KodoError} 400 */
export function checkPartSizes(sizes: readonly number[]): void {
  if (sizes.slice(0, -1).some((size) => size < MIN_PART_SIZE)) throw new KodoError(400, 'part size too small');
  if (sizes.some((size) => size > MAX_PART_SIZE)) throw new KodoError(400, 'part size too large');
}
