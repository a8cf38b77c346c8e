import type * as Engine from './engine.js';
import { UploadError } from './upload-error.js';

let loading: Promise<typeof Engine> | undefined;

/**
 * Loads what uploading needs: a page that only shows the element does without.
 *
 * @throws {UploadError} `engine-unavailable`; the next call tries again
 */
export function loadEngine(): Promise<typeof Engine> {
  loading ??= import('./engine.js').catch((cause: unknown) => {
    loading = undefined;
    throw new UploadError('engine-unavailable', 'The upload engine could not be loaded. Serve all files of dist/.', {
      cause,
    });
  });
  return loading;
}
