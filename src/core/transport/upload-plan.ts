const MIB = 1024 * 1024;

/** Maximum size always sent in one form request; qiniu-js sends larger files in parts. */
const SMALL = 4 * MIB;
/** Maximum size sent in one form request on a fast connection: an interruption loses all of it. */
const MAX_FORM_SIZE = 32 * MIB;
/** Maximum expected duration of a form request in seconds. */
const FORM_SECONDS = 4;

/** Default part size: a block of Qiniu's hash, so that the object's hash does not depend on how it was sent. */
const DEFAULT_PART = 4 * MIB;
/** Part size of large files: a quarter of the requests, preflights and records. Gives a version 2 hash of Qiniu. */
const LARGE_PART = 16 * MIB;
/** Minimum size of a large file. */
const LARGE = 256 * MIB;
/** Bytes per second that a single connection cannot saturate: 200 Mbit/s. */
const FAST = 25_000_000;

/** Maximum parts of a multipart upload. Source: https://developer.qiniu.com/kodo/6365/multipartupload-part */
const MAX_PARTS = 10_000;

/** Returns the part size in bytes, whole MiB. Depends only on the file size, so a file always has the same hash. */
export function partSizeOf(size: number): number {
  return Math.max(size < LARGE ? DEFAULT_PART : LARGE_PART, minPartSize(size));
}

/**
 * Returns the next smaller part size for a connection on which larger parts stall: a quarter, at least Kodo's 1 MiB.
 *
 * @param partSize size in bytes of the parts that stalled; `undefined` if the file was sent in one request
 * @returns `undefined` if there is no smaller size
 */
export function smallerPartSize(size: number, partSize: number | undefined): number | undefined {
  if (size <= SMALL) return undefined; // sent in one request
  const smaller = partSize === undefined ? DEFAULT_PART : Math.max(MIB, Math.floor(partSize / 4 / MIB) * MIB);
  const possible = Math.max(smaller, minPartSize(size));
  return partSize === undefined || possible < partSize ? possible : undefined;
}

function minPartSize(size: number): number {
  return Math.ceil(size / MAX_PARTS / MIB) * MIB;
}

/**
 * Returns the number of parts of one file to send concurrently.
 *
 * More than a few help only on a fast connection; on a slow one, an interruption just loses more data.
 *
 * @param speed bytes per second, if known
 * @param limit maximum of concurrent requests
 */
export function partsAtOnce(partSize: number, speed: number | undefined, limit: number): number {
  if (speed !== undefined && speed >= FAST) return limit;
  return Math.min(limit, partSize > DEFAULT_PART ? 2 : 3);
}

/**
 * Returns whether to send a file in one form request.
 *
 * Parts cost three more round trips (initiate, preflights, complete), which pay off only if there is something to
 * resume: if the file takes more than a few seconds at the measured speed.
 *
 * @param speed bytes per second, if known
 */
export function isSentAsForm(size: number, speed: number | undefined): boolean {
  if (size <= SMALL) return true;
  return speed !== undefined && size <= MAX_FORM_SIZE && size / speed <= FORM_SECONDS;
}
