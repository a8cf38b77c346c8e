import type { SandboxMessage } from './messages.js';

/** Asks the page for a place for each request, and gives it back. */
export interface Admission {
  /** Resolves when the request may go. */
  wait(request: number): Promise<void>;
  /** The page's answer. */
  admit(request: number): void;
  /** The request has ended, or is not made after all. */
  end(request: number): void;
}

export function createAdmission(say: (message: SandboxMessage) => void): Admission {
  const waiting = new Map<number, () => void>();
  return {
    wait: (request) =>
      new Promise((resolve) => {
        waiting.set(request, resolve);
        say({ type: 'request-waiting', request });
      }),
    admit(request) {
      waiting.get(request)?.();
      waiting.delete(request);
    },
    end: (request) => say({ type: 'request-ended', request }),
  };
}

/** What the sandbox does at the turns of a request's life. */
export interface RequestHooks {
  /** The token that requests carry now; it may have been renewed since the upload began. */
  readonly token: () => string;
  /** A multipart upload was opened. */
  readonly onBegin: (uploadId: string) => void;
  /** A part was answered; what is returned is waited for before the upload is completed. */
  readonly onPart: (partNumber: number, body: Blob, etag: string) => Promise<void>;
  /** The upload may be completed; resolves when every part is known to be right. */
  readonly onComplete: () => Promise<void>;
  /** The last byte is out. */
  readonly onSent: () => void;
  /** An answer that refuses asked to wait so many milliseconds. */
  readonly onRetryAfter: (milliseconds: number) => void;
}

type RequestKind = 'form' | 'initiate' | 'part' | 'complete' | 'other';

let lastRequest = 0;

/** Replaces the sandbox's `XMLHttpRequest` by one that waits for its turn, carries the newest token and is watched. */
export function gateRequests(admission: Admission, hooks: RequestHooks): void {
  self.XMLHttpRequest = class GatedRequest extends XMLHttpRequest {
    readonly #request = ++lastRequest;
    #aborted = false;
    #kind: RequestKind = 'other';
    #partNumber = 0;
    #hasToken = false;
    #body: unknown;

    override open(method: string, url: string | URL): void {
      // Registered before qiniu-js's own handler, so that a part is being checked before the SDK goes on to complete.
      this.addEventListener('readystatechange', () => this.readyState === XMLHttpRequest.DONE && this.#look());
      const { pathname } = new URL(url);
      this.#kind = kindOf(method, pathname);
      this.#partNumber = Number(pathname.split('/').at(-1));
      super.open(method, url, true);
    }

    /** The token is put in when the request goes, not when it is made: it may wait for its turn for long. */
    override setRequestHeader(name: string, value: string): void {
      if (/^authorization$/i.test(name)) this.#hasToken = true;
      else super.setRequestHeader(name, value);
    }

    override send(body?: Document | XMLHttpRequestBodyInit | null): void {
      if (this.#kind === 'form') this.upload.addEventListener('load', hooks.onSent, { once: true });
      this.#body = body;
      void this.#turn().then(() => {
        if (this.#aborted) {
          admission.end(this.#request);
          return;
        }
        this.addEventListener('loadend', () => admission.end(this.#request), { once: true });
        if (this.#hasToken) super.setRequestHeader('Authorization', `UpToken ${hooks.token()}`);
        if (body instanceof FormData && body.has('token')) body.set('token', hooks.token());
        if (this.#kind === 'complete') hooks.onSent();
        super.send(body);
      });
    }

    override abort(): void {
      this.#aborted = true;
      super.abort();
    }

    async #turn(): Promise<void> {
      if (this.#kind === 'complete') await hooks.onComplete();
      await admission.wait(this.#request);
    }

    #look(): void {
      const body = this.#body;
      if (this.status === 0) return;
      if (this.status !== 200) {
        // Asking for a header that is not exposed to other origins would be a warning in the console.
        const match = /^retry-after: *(\d+)/im.exec(this.getAllResponseHeaders());
        if (match?.[1] !== undefined) hooks.onRetryAfter(Number(match[1]) * 1000);
        return;
      }
      if (this.#kind !== 'initiate' && this.#kind !== 'part') return;
      const { uploadId, etag } = parse(this.responseText);
      if (this.#kind === 'initiate' && typeof uploadId === 'string') hooks.onBegin(uploadId);
      if (this.#kind === 'part' && body instanceof Blob) void hooks.onPart(this.#partNumber, body, String(etag));
    }
  };
}

/** https://developer.qiniu.com/kodo/6364/multipartupload-interface */
function kindOf(method: string, path: string): RequestKind {
  if (method === 'POST' && path === '/') return 'form';
  if (method === 'POST' && path.endsWith('/uploads')) return 'initiate';
  if (method === 'POST' && /\/uploads\/[^/]+$/.test(path)) return 'complete';
  if (method === 'PUT' && /\/uploads\/[^/]+\/\d+$/.test(path)) return 'part';
  return 'other';
}

/** An answer that is no JSON is qiniu-js's matter: it fails the upload. */
function parse(text: string): { readonly uploadId?: unknown; readonly etag?: unknown } {
  try {
    return (JSON.parse(text) ?? {}) as { readonly uploadId?: unknown; readonly etag?: unknown };
  } catch {
    return {};
  }
}
