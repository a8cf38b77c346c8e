const MIB = 1024 * 1024;

/** What is sent in one form request whatever the speed; qiniu-js sends larger files in parts. */
const SMALL = 4 * MIB;
/** Largest file that is sent in one form request: a break costs all of it. */
const FORM_AT_MOST = 32 * MIB;
/** Seconds that a form request may take. */
const FORM_SECONDS = 4;

/** A block of Qiniu's hash: an object of such parts has the same hash however it was sent. */
const USUAL_PART = 4 * MIB;
/** Part of a large file: a quarter of the requests, preflights and record. Its object has Qiniu's hash of version 2. */
const LARGE_PART = 16 * MIB;
/** Bytes from which a file is large. */
const LARGE = 256 * MIB;
/** Bytes per second of a line that one connection does not fill: 200 Mbit/s. */
const FAST = 25_000_000;

/** Parts of a multipart upload at most. Source: https://developer.qiniu.com/kodo/6365/multipartupload-part */
const MOST_PARTS = 10_000;

/** Bytes of a part: whole MiB. By the file's size alone, so that a file has the same hash whenever it is uploaded. */
export function partSizeOf(size: number): number {
  return Math.max(size < LARGE ? USUAL_PART : LARGE_PART, leastPartSize(size));
}

/**
 * The next smaller size of a part, for a line on which larger ones do not get through: a quarter, at least Kodo's 1 MiB.
 *
 * @param partSize bytes of a part that did not get through; `undefined` where the file went in one request
 * @returns `undefined` where there is none
 */
export function smallerPartSize(size: number, partSize: number | undefined): number | undefined {
  if (size <= SMALL) return undefined; // goes in one request
  const smaller = partSize === undefined ? USUAL_PART : Math.max(MIB, Math.floor(partSize / 4 / MIB) * MIB);
  const possible = Math.max(smaller, leastPartSize(size));
  return partSize === undefined || possible < partSize ? possible : undefined;
}

function leastPartSize(size: number): number {
  return Math.ceil(size / MOST_PARTS / MIB) * MIB;
}

/**
 * Parts of one file in flight at once.
 *
 * More than a few are of use on a fast line alone; on any other they are only more to lose when it breaks.
 *
 * @param speed bytes per second, where it is known
 * @param limit requests at once
 */
export function partsAtOnce(partSize: number, speed: number | undefined, limit: number): number {
  if (speed !== undefined && speed >= FAST) return limit;
  return Math.min(limit, partSize > USUAL_PART ? 2 : 3);
}

/**
 * Whether a file goes in one form request.
 *
 * Parts cost three more round trips (initiate, preflights, complete) and are worth it where there is something to
 * resume: when the file will take more than a few seconds at the speed that was measured.
 *
 * @param speed bytes per second, where it is known
 */
export function isSentAsForm(size: number, speed: number | undefined): boolean {
  if (size <= SMALL) return true;
  return speed !== undefined && size <= FORM_AT_MOST && size / speed <= FORM_SECONDS;
}
