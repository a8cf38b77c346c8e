import { UploadError } from '../upload-error.js';
import type { SandboxCommand, SandboxMessage } from './sandbox/messages.js';

/** Milliseconds until a sandbox that does not come up is given up. */
const START_TIMEOUT = 15_000;

/** A place where qiniu-js runs apart from the page; ending it ends all it does. */
export interface SdkSandbox {
  /** Takes the sandbox's messages while one upload runs. */
  onMessage: ((message: SandboxMessage) => void) | undefined;
  send(command: SandboxCommand): void;
  /** Stops everything at once: no further request leaves it, running ones are ended. */
  terminate(): void;
}

/** Address of the sandbox's script, which is built as a file beside this module. */
export const SANDBOX_URL = new URL('./sdk-sandbox.js', import.meta.url);

let workersRefused = false;

/**
 * Opens a sandbox: a worker, or an empty frame where no worker can start (content security policy, old web view).
 *
 * @throws {UploadError} `engine-unavailable`
 */
export async function openSandbox(url: URL): Promise<SdkSandbox> {
  if (!workersRefused) {
    try {
      return await openWorker(url);
    } catch (cause) {
      if (typeof document === 'undefined') throw unavailable(url, cause);
      if (!workersRefused) warnOfNoWorker(url);
      workersRefused = true;
    }
  }
  try {
    return await openFrame(url);
  } catch (cause) {
    throw unavailable(url, cause);
  }
}

async function openWorker(url: URL): Promise<SdkSandbox> {
  if (typeof Worker === 'undefined') throw new Error('This environment has no workers.');
  const worker = new Worker(sameOriginUrl(url), { type: 'module', name: 'qiniu-uploader' });
  const failed = new Promise<never>((_, reject) => {
    worker.addEventListener('error', (event) => reject(new Error(event.message || 'The worker did not start.')));
  });
  return connect(
    (command, transfer) => worker.postMessage(command, transfer),
    failed,
    () => worker.terminate(),
  );
}

/** A worker's script must come from the page's own origin; one from a CDN is imported by a script that does. */
function sameOriginUrl(url: URL): URL | string {
  if (typeof location === 'undefined' || url.origin === location.origin) return url;
  return URL.createObjectURL(new Blob([`import ${JSON.stringify(url.href)};`], { type: 'text/javascript' }));
}

async function openFrame(url: URL): Promise<SdkSandbox> {
  const frame = document.createElement('iframe');
  frame.hidden = true;
  frame.title = 'qiniu-uploader';
  // Firefox replaces the first, empty document; a script put into it before that would be lost.
  const loaded = new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }));
  document.body.append(frame);
  await loaded;
  const { contentWindow, contentDocument } = frame;
  if (contentWindow === null || contentDocument === null) throw new Error('The frame has no document.');
  const script = contentDocument.createElement('script');
  script.type = 'module';
  script.src = url.href;
  const failed = new Promise<never>((_, reject) => {
    script.addEventListener('error', () => reject(new Error('The script did not load.')));
  });
  const started = new Promise((resolve) => script.addEventListener('load', resolve, { once: true }));
  contentDocument.head.append(script);
  try {
    await Promise.race([started, failed]);
  } catch (error) {
    frame.remove();
    throw error;
  }
  return connect(
    // The frame's origin is the page's own, but an about:blank document cannot be addressed by it everywhere.
    (command, transfer) => contentWindow.postMessage(command, '*', transfer),
    failed,
    () => frame.remove(),
  );
}

/**
 * Hands the sandbox the port it answers through, and waits until it does.
 *
 * Commands do not go through that port: a `File` that came through one loses requests in Firefox. Its slices are read
 * by way of the parent process there, and some of several that are sent at once wait for their bytes for ever
 * (Firefox 140 sends not even the preflight). A file that was posted to the worker itself stays in the process.
 */
async function connect(
  post: (command: SandboxCommand, transfer: Transferable[]) => void,
  failed: Promise<never>,
  end: () => void,
): Promise<SdkSandbox> {
  const { port1, port2 } = new MessageChannel();
  let terminated = false;
  const sandbox: SdkSandbox = {
    onMessage: undefined,
    send: (command) => post(command, []),
    terminate() {
      terminated = true;
      port1.close();
      end();
    },
  };
  let timeoutId: ReturnType<typeof setTimeout> | undefined;
  const ready = new Promise<void>((resolve, reject) => {
    timeoutId = setTimeout(() => reject(new Error('It did not answer.')), START_TIMEOUT);
    port1.onmessage = ({ data: message }: MessageEvent<SandboxMessage>): void => {
      if (message.type === 'ready') resolve();
      else if (!terminated) sandbox.onMessage?.(message);
    };
  });
  failed.catch(() => undefined); // also raced below; afterwards a failing script shows as a failed upload
  post({ type: 'connect' }, [port2]);
  try {
    await Promise.race([ready, failed]);
    return sandbox;
  } catch (error) {
    sandbox.terminate();
    throw error;
  } finally {
    clearTimeout(timeoutId);
  }
}

function warnOfNoWorker(url: URL): void {
  console.warn(
    `qiniu-uploader: no worker could be started from ${url.href}; uploads run in the page, which may make it less smooth. ` +
      "A content security policy must allow it: worker-src 'self'.",
  );
}

function unavailable(url: URL, cause: unknown): UploadError {
  return new UploadError(
    'engine-unavailable',
    `The upload engine could not be loaded from ${url.href}. Serve dist/sdk-sandbox.js there, or name its address by sandboxUrl.`,
    { cause },
  );
}
