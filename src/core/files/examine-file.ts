import { callWithLimit, untilAborted } from '../net/abort.js';
import type * as Images from './images/examine-image.js';
import { isPixelImage } from './images/image-rules.js';
import type { RejectReason } from '../items/reject-reason.js';
import { isRecord } from '../shared/json.js';
import type { FileCheckSettings } from './check-settings.js';
import { UploadError } from '../items/upload-error.js';
import { isFile } from './upload-file.js';

/** The file to upload, or the reason to reject it. */
export type Verdict = { readonly upload: File } | { readonly reject: RejectReason };

/** Whether a file must be examined before its upload: by image rules, hooks or compression. */
export function wantsExamination({ type }: File, settings: FileCheckSettings): boolean {
  const { validator, beforeUpload } = settings;
  return validator !== undefined || beforeUpload !== undefined || (isPixelImage(type) && wantsPixels(settings));
}

/**
 * Examines a file just before its upload: applies the image rules, then the page's hooks, then compression.
 *
 * @throws {UploadError} `hook-timeout` or `engine-unavailable`; or the signal's reason as soon as it is aborted
 */
export async function examineFile(file: File, settings: FileCheckSettings, signal: AbortSignal): Promise<Verdict> {
  const { rules = {}, compress } = settings;
  if (isPixelImage(file.type) && (rules.minImageSize !== undefined || rules.maxImageSize !== undefined)) {
    const { checkImage } = await loadImages(signal);
    const reason = await untilAborted(checkImage(file, rules), signal);
    if (reason !== undefined) return { reject: reason };
  }
  const verdict = await askHooks(file, settings, signal);
  if ('reject' in verdict || compress === undefined || !isPixelImage(verdict.upload.type)) return verdict;
  const { compressImage } = await loadImages(signal);
  return { upload: await untilAborted(compressImage(verdict.upload, compress, signal), signal) };
}

/** @throws {UploadError} `hook-timeout`, or the signal's reason if it is aborted */
async function askHooks(
  file: File,
  { validator, beforeUpload, hookTimeout }: FileCheckSettings,
  signal: AbortSignal,
): Promise<Verdict> {
  const onTimeout = (): UploadError =>
    new UploadError('hook-timeout', `validator or beforeUpload did not return within ${(hookTimeout ?? 0) / 1000} s.`);
  const ask = async (signal: AbortSignal): Promise<Verdict> => {
    const verdict = toVerdict('validator', file, await validator?.(file, { signal }));
    if ('reject' in verdict) return verdict;
    signal.throwIfAborted();
    return toVerdict('beforeUpload', file, await beforeUpload?.(file, { signal }));
  };
  try {
    return await callWithLimit(ask, { signal, timeout: hookTimeout, onTimeout });
  } catch (error) {
    signal.throwIfAborted();
    if (error instanceof UploadError) throw error;
    // A hook that throws rejects the file.
    return refuse(error instanceof Error ? error.message : String(error));
  }
}

/**
 * Interprets a hook's return value. Besides the documented values, it supports those of other libraries' hooks: `true`,
 * `null` and `''` accept the file, `false` rejects it without a reason, a `File` or `Blob` replaces it.
 */
function toVerdict(hook: 'validator' | 'beforeUpload', file: File, answer: unknown): Verdict {
  if (answer === undefined || answer === null || answer === true || answer === '') return { upload: file };
  if (answer === false) return refuse('');
  if (typeof answer === 'string') return refuse(answer);
  const fields = isRecord(answer) ? answer : {};
  if (typeof fields['refuse'] === 'string') return refuse(fields['refuse']);
  const replacement = fields['replace'] ?? answer;
  if (isFile(replacement)) return { upload: replacement };
  if (replacement instanceof Blob) return { upload: new File([replacement], file.name, { type: replacement.type }) };
  throw new TypeError(
    `${hook} must return undefined to accept a file, a string to reject it, or {replace: file}, not ${typeof answer}.`,
  );
}

function refuse(message: string): Verdict {
  return { reject: { code: 'refused', message } };
}

/** @throws {UploadError} `engine-unavailable`, or the signal's reason if it is aborted */
async function loadImages(signal: AbortSignal): Promise<typeof Images> {
  try {
    return await untilAborted(import('./images/examine-image.js'), signal);
  } catch (cause) {
    signal.throwIfAborted();
    const message = 'A module of the uploader could not be loaded. Serve all files of dist/.';
    throw new UploadError('engine-unavailable', message, { cause });
  }
}

function wantsPixels({ rules, compress }: FileCheckSettings): boolean {
  return compress !== undefined || rules?.minImageSize !== undefined || rules?.maxImageSize !== undefined;
}
