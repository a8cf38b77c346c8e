import { isPixelImage } from './images/image-rules.js';
import type { RejectReason } from './rules.js';
import type { BeforeUploadAnswer, UploadQueueSettings } from './upload-queue-settings.js';

/** What is to be uploaded, or why nothing is. */
export type Verdict = { readonly upload: File } | { readonly reject: RejectReason };

/** Whether anything asks to see a file before it is uploaded. */
export function wantsExamination({ type }: File, settings: UploadQueueSettings): boolean {
  const { validator, beforeUpload } = settings;
  return validator !== undefined || beforeUpload !== undefined || (isPixelImage(type) && wantsPixels(settings));
}

/**
 * Looks at a file whose turn has come: the rules about pixels, the page's own hooks, and compression, in this order.
 *
 * @throws the signal's reason when it was aborted meanwhile
 */
export async function examineFile(file: File, settings: UploadQueueSettings, signal: AbortSignal): Promise<Verdict> {
  const { validator, beforeUpload, rules = {}, compress } = settings;
  const images =
    isPixelImage(file.type) && wantsPixels(settings) ? await import('./images/examine-image.js') : undefined;
  const reason =
    rules.minImageSize === undefined && rules.maxImageSize === undefined
      ? undefined
      : await images?.checkImage(file, rules);
  if (reason !== undefined) return { reject: reason };
  let answer: BeforeUploadAnswer;
  try {
    const words = await validator?.(file, { signal });
    answer = words === undefined ? await beforeUpload?.(file, { signal }) : { refuse: words };
  } catch (error) {
    // A hook that fails has not said yes.
    answer = { refuse: error instanceof Error ? error.message : String(error) };
  }
  signal.throwIfAborted();
  if (answer !== undefined && 'refuse' in answer) return { reject: { code: 'refused', message: answer.refuse } };
  const upload = answer?.replace ?? file;
  if (compress === undefined || !isPixelImage(upload.type)) return { upload };
  const { compressImage } = images ?? (await import('./images/examine-image.js'));
  const compressed = await compressImage(upload, compress, signal);
  signal.throwIfAborted();
  return { upload: compressed };
}

function wantsPixels({ rules, compress }: UploadQueueSettings): boolean {
  return compress !== undefined || rules?.minImageSize !== undefined || rules?.maxImageSize !== undefined;
}
