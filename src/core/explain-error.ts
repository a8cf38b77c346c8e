import { UploadError } from './upload-error.js';
import type { UploadFile } from './upload-item.js';

const MINUTE = 60_000;

/** A broken connection may be a file that changed: then no other try helps, and none may mix old and new bytes. */
export async function explain(
  error: UploadError,
  { file, size }: UploadFile,
  clockError: number | undefined,
): Promise<UploadError> {
  if (error.code === 'network' || error.code === 'file-unreadable') {
    try {
      await file.slice(0, 1).arrayBuffer();
      if (size > 0) await file.slice(size - 1).arrayBuffer();
    } catch (cause) {
      return new UploadError('file-changed', 'The file has changed on disk, or is gone, since it was chosen.', {
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
