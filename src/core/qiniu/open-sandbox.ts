import { untilAborted } from '../net/abort.js';
import { UploadError } from '../items/upload-error.js';
import { warnOnce } from '../shared/warn-once.js';
import type { SandboxCommand, SandboxMessage } from './sandbox/messages.js';
import { isTrustedTypesError, POLICY_NAME, trustedScriptUrl } from './trusted-script.js';

/** Milliseconds until a sandbox that does not start is given up. */
const START_TIMEOUT = 15_000;

/** A place where qiniu-js runs apart from the page; ending it ends everything it does. */
export interface SdkSandbox {
  /** Takes the sandbox's messages while one upload runs. */
  onMessage: ((message: SandboxMessage) => void) | undefined;
  /** Takes an uncaught error of its script: nothing more is to be expected of it. */
  onCrash: ((error: Error) => void) | undefined;
  /** Whether a service worker may make its requests, so that their progress cannot be seen. */
  readonly isHidden: boolean;
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
  const isHidden = await mayBeIntercepted(url);
  if (!workersRefused) {
    try {
      return await openWorker(url, isHidden);
    } catch (cause) {
      if (typeof document === 'undefined') throw await unavailable(url, cause);
      if (!workersRefused) {
        warnOnce(
          `no worker could be started from ${url.href}, so uploads run in the page, which may make it less smooth. ` +
            (await explain(url, cause, "The content security policy must allow it: worker-src 'self'.")),
        );
      }
      workersRefused = true;
    }
  }
  try {
    return await openFrame(url, isHidden);
  } catch (cause) {
    throw await unavailable(url, cause);
  }
}

async function openWorker(url: URL, isHidden: boolean): Promise<SdkSandbox> {
  if (typeof Worker === 'undefined') throw new Error('This environment has no workers.');
  const { address, type } = workerScript(url);
  const worker = new Worker(trustedScriptUrl(address), { type, name: 'qiniu-uploader' });
  const failed = new Promise<never>((_, reject) => {
    worker.addEventListener('error', (event) => reject(new Error(event.message || 'The worker did not start.')));
  });
  return connect({
    isHidden,
    post: (command, transfer) => worker.postMessage(command, transfer),
    failed,
    end: () => worker.terminate(),
  });
}

/**
 * A worker's script must come from the page's own origin; one from elsewhere, such as a CDN, is imported by a script that
 * does. In a sandboxed frame, whose origin is opaque, Chromium starts no module worker from such a script, so a classic
 * one imports it; messages that arrive before it is loaded are kept for it.
 */
function workerScript(url: URL): { readonly address: URL | string; readonly type: WorkerType } {
  if (typeof location === 'undefined' || url.origin === self.origin) return { address: url, type: 'module' };
  const href = JSON.stringify(url.href);
  if (self.origin !== 'null') return { address: scriptUrl(`import ${href};`), type: 'module' };
  const script = `
    const early = [];
    const keep = (event) => early.push(event);
    addEventListener('message', keep);
    import(${href}).then(
      () => {
        removeEventListener('message', keep);
        for (const { data, ports } of early) dispatchEvent(new MessageEvent('message', { data, ports: [...ports] }));
      },
      (error) => setTimeout(() => { throw error; }),
    );`;
  return { address: scriptUrl(script), type: 'classic' };
}

function scriptUrl(code: string): string {
  return URL.createObjectURL(new Blob([code], { type: 'text/javascript' }));
}

async function openFrame(url: URL, isHidden: boolean): Promise<SdkSandbox> {
  const frame = document.createElement('iframe');
  frame.hidden = true;
  frame.title = 'qiniu-uploader';
  // Firefox replaces the first, empty document; a script put into it before that would be lost.
  const loaded = new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }));
  document.body.append(frame);
  try {
    await untilAborted(loaded, AbortSignal.timeout(START_TIMEOUT));
    const { contentWindow, contentDocument } = frame;
    if (contentWindow === null || contentDocument === null) throw new Error('The frame has no document.');
    const script = contentDocument.createElement('script');
    script.type = 'module';
    script.src = trustedScriptUrl(url);
    const failed = new Promise<never>((_, reject) => {
      script.addEventListener('error', () => reject(new Error('The script did not load.')));
      contentWindow.addEventListener('error', ({ message }) => reject(new Error(message)));
    });
    const started = new Promise((resolve) => script.addEventListener('load', resolve, { once: true }));
    contentDocument.head.append(script);
    await untilAborted(Promise.race([started, failed]), AbortSignal.timeout(START_TIMEOUT));
    return await connect({
      isHidden,
      // The frame's origin is the page's own, but an about:blank document cannot be addressed by it everywhere.
      post: (command, transfer) => contentWindow.postMessage(command, '*', transfer),
      failed,
      end: () => frame.remove(),
    });
  } catch (error) {
    frame.remove();
    throw error;
  }
}

interface Connection {
  readonly isHidden: boolean;
  readonly post: (command: SandboxCommand, transfer: Transferable[]) => void;
  /** Rejects when the script has an uncaught error. */
  readonly failed: Promise<never>;
  readonly end: () => void;
}

/**
 * Hands the sandbox the port it answers through, and waits until it does.
 *
 * Commands do not go through that port: a `File` that came through one loses requests in Firefox. Its slices are read
 * by way of the parent process there, and some of several that are sent at once wait for their bytes for ever
 * (Firefox 140 sends not even the preflight). A file that was posted to the worker itself stays in the process.
 */
async function connect({ isHidden, post, failed, end }: Connection): Promise<SdkSandbox> {
  const { port1, port2 } = new MessageChannel();
  let terminated = false;
  const sandbox: SdkSandbox = {
    onMessage: undefined,
    onCrash: undefined,
    isHidden,
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
  failed.catch((error: Error) => sandbox.onCrash?.(error)); // also raced below
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

/**
 * Whether a service worker may make the sandbox's requests itself: the one that controls the page, or the one whose
 * scope the worker's script lies in.
 */
async function mayBeIntercepted(url: URL): Promise<boolean> {
  try {
    const { serviceWorker } = globalThis.navigator as Partial<Navigator>;
    if (serviceWorker === undefined) return false;
    if (serviceWorker.controller !== null) return true;
    return url.origin === self.origin && (await serviceWorker.getRegistration(url.href))?.active != null;
  } catch {
    return false; // refused in sandboxed frames, and there is no `navigator` in Node
  }
}

async function unavailable(url: URL, cause: unknown): Promise<UploadError> {
  const remedy = 'Serve dist/sdk-sandbox.js there, or name its address by sandboxUrl.';
  return new UploadError(
    'engine-unavailable',
    `The upload engine could not be started from ${url.href}. ${await explain(url, cause, remedy)}`,
    { cause },
  );
}

/** Why a script did not start: browsers do not say it, so its address is asked. @param otherwise if that is no help */
async function explain(url: URL, cause: unknown, otherwise: string): Promise<string> {
  if (isTrustedTypesError(cause)) {
    return `The page requires Trusted Types: its policy must allow "trusted-types ${POLICY_NAME} lit-html".`;
  }
  try {
    const { ok, status, headers } = await fetch(url, { signal: AbortSignal.timeout(START_TIMEOUT) });
    const type = headers.get('content-type') ?? 'no type';
    if (!ok) return `That address answers ${status}. Serve dist/sdk-sandbox.js there.`;
    if (!/javascript/i.test(type))
      return `That address answers "${type}", not a script. Serve dist/sdk-sandbox.js there.`;
  } catch {
    return `That address cannot be loaded. ${otherwise}`;
  }
  return otherwise;
}
