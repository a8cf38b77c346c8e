import { isAccepted } from '../files/accept-list.js';
import { mediaType, UNKNOWN_TYPE } from '../files/media-types.js';
import type { PutPolicy } from '../transport/put-policy.js';
import { UploadError } from '../items/upload-error.js';
import type { UploadFile } from '../items/upload-item.js';

/**
 * Holds a token's own limits before a byte is sent; Kodo would say the same after the last one.
 *
 * The type is judged by what the browser states, and only where it states one: Kodo looks at the content.
 *
 * @throws {UploadError} `too-large`, `too-small` or `type-forbidden`
 */
export function checkPolicyLimits(file: UploadFile, policy: PutPolicy): void {
  const { size, type } = file;
  const { fsizeLimit, fsizeMin, mimeLimit } = policy;
  // Kodo takes a limit of 0 as none.
  if (fsizeLimit && size > fsizeLimit) {
    throw new UploadError('too-large', `The file has ${size} bytes; the token allows ${fsizeLimit} (fsizeLimit).`);
  }
  if (fsizeMin !== undefined && size < fsizeMin) {
    throw new UploadError('too-small', `The file has ${size} bytes; the token asks for ${fsizeMin} (fsizeMin).`);
  }
  if (mimeLimit && mediaType(type) !== UNKNOWN_TYPE && !isAllowed(file, mimeLimit)) {
    throw new UploadError('type-forbidden', `The token does not allow ${type} (mimeLimit).`);
  }
}

/**
 * A type by another name, or by the file's extension, is not refused: Kodo looks at the content.
 *
 * https://developer.qiniu.com/kodo/1206/put-policy: a leading `!` negates the whole list.
 */
function isAllowed({ name, type }: UploadFile, mimeLimit: string): boolean {
  const isNegated = mimeLimit.startsWith('!');
  const types = mimeLimit.slice(isNegated ? 1 : 0);
  if (types.trim() === '') return true;
  return isNegated ? !isAccepted({ name: '', type }, types) : isAccepted({ name, type }, types);
}
