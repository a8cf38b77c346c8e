/** Measures the cost of a long list: adding files, and the progress of a few uploads. */
import type { UploadTransport } from '../../../src/index.js';

/** A transport whose uploads progress by a few bytes per frame and never end. */
const ENDLESS: UploadTransport = {
  upload: ({ file }, { signal, onProgress }) =>
    new Promise((_, reject) => {
      let sent = 0;
      const id = setInterval(() => {
        sent += file.size / 2000;
        onProgress(Math.min(sent, file.size - 1));
      }, 16);
      signal.addEventListener('abort', () => {
        clearInterval(id);
        reject(signal.reason as Error);
      });
    }),
  findHosts: () => Promise.resolve(['https://up.example']),
  abandon: () => Promise.resolve(),
};

export interface LongList {
  /** Duration of the longest main thread task while files are added and rendered, in milliseconds. */
  readonly longestTask: number;
  /** Number of elements in the shadow root. */
  readonly elements: number;
}

/** Shows an element with `count` files, six of which are uploading, and leaves it on the page. */
export async function showLongList(count: number, token: string): Promise<LongList> {
  const path = '/qiniu-uploader/qiniu-uploader.core.bundle.js';
  const { UploadQueue } = (await import(/* @vite-ignore */ path)) as typeof import('../../../src/index.js');
  const element = document.createElement('qiniu-uploader');
  element.multiple = true;
  element.queue = new UploadQueue({ transport: ENDLESS, resume: false, tokenProvider: () => ({ token }) });
  document.querySelector('#stage')?.replaceChildren(element);
  await element.updateComplete;
  const transfer = new DataTransfer();
  for (let index = 0; index < count; index += 1) {
    transfer.items.add(new File([new Uint8Array(2000)], `file-${index}.bin`));
  }
  const input = element.shadowRoot?.querySelector<HTMLInputElement>('input[type=file]');
  if (!input) throw new Error('The element has no input.');
  const tasks: number[] = [];
  const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries().map(({ duration }) => duration)));
  input.files = transfer.files;
  await new Promise((resolve) => setTimeout(resolve, 500));
  observer.observe({ type: 'longtask' });
  input.dispatchEvent(new Event('change'));
  while (element.items.length < count) await new Promise((resolve) => setTimeout(resolve, 50));
  await new Promise((resolve) => setTimeout(resolve, 1000));
  observer.disconnect();
  return { longestTask: Math.max(0, ...tasks), elements: element.shadowRoot?.querySelectorAll('*').length ?? 0 };
}

let frames = 0;

/** Returns the number of frames drawn since the first call. */
export function framesDrawn(): number {
  if (frames === 0)
    requestAnimationFrame(function onFrame() {
      frames += 1;
      requestAnimationFrame(onFrame);
    });
  return frames;
}
