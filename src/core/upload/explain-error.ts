import { untilAborted } from '../net/abort.js';
import { UploadError } from '../items/upload-error.js';
import type { UploadFile } from '../items/upload-item.js';

const MINUTE = 60_000;

/**
 * Refines an error. A changed file can cause a network error: retries must then stop, because they would mix old and
 * new bytes.
 *
 * @param clockError milliseconds by which this machine's clock is ahead of the business server's, if known
 * @throws the signal's reason if it is aborted meanwhile
 */
export async function explain(
  error: UploadError,
  { file, size }: UploadFile,
  clockError: number | undefined,
  signal: AbortSignal,
): Promise<UploadError> {
  if (error.code === 'network' || error.code === 'file-unreadable') {
    try {
      await untilAborted(file.slice(0, 1).arrayBuffer(), signal);
      if (size > 0) await untilAborted(file.slice(size - 1).arrayBuffer(), signal);
    } catch (cause) {
      signal.throwIfAborted();
      return new UploadError('file-changed', 'The file was changed, moved or deleted after it was chosen.', {
        cause,
      });
    }
  }
  if (error.code === 'token-expired' && clockError !== undefined && Math.abs(clockError) > MINUTE) {
    const minutes = Math.round(Math.abs(clockError) / MINUTE);
    const direction = clockError > 0 ? 'ahead of' : 'behind';
    return new UploadError(
      'token-expired',
      `${error.message} This machine's clock is ${minutes} min ${direction} the server's.`,
      {
        ...error,
        cause: error,
      },
    );
  }
  return error;
}
