const MIB = 1024 * 1024;

/** What is sent in one form request whatever the speed; qiniu-js sends larger files in parts. */
const SMALL = 4 * MIB;
/** Largest file that is sent in one form request: a break costs all of it. */
const FORM_AT_MOST = 32 * MIB;
/** Seconds that a form request may take. */
const FORM_SECONDS = 4;

/** Size of a part: a block of Qiniu's hash, so that the object has the same hash however it was sent. */
export const PART_SIZE = 4 * MIB;

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
