import { readRetryAfter } from '../../net/retry-after.js';
import type { SentRequest } from '../../items/sent-request.js';
import { FIRST_REQUEST, type SandboxMessage } from './messages.js';

/** Acquires a slot from the page for each request and releases it. */
export interface Admission {
  /** Starts an upload. @param isAdmitted whether its first request already has a slot */
  begin(isAdmitted: boolean): void;
  /** Waits for a slot and returns its number. @param bytes bytes of the file in the request */
  wait(bytes: number): Promise<number>;
  /** Grants a slot; called when the page admits the request. */
  admit(request: number): void;
  /** Reports the bytes of the request sent so far. */
  sent(request: number, bytes: number): void;
  /** Releases the slot, because the request has ended or was aborted before it was sent. */
  end(request: number, isAnswered: boolean): void;
}

export function createAdmission(post: (message: SandboxMessage) => void): Admission {
  const waiting = new Map<number, () => void>();
  let lastRequest = FIRST_REQUEST;
  let isFree = false;
  return {
    begin: (isAdmitted) => (isFree = isAdmitted),
    async wait(bytes) {
      if (isFree) {
        isFree = false;
        return FIRST_REQUEST;
      }
      lastRequest += 1;
      const request = lastRequest;
      await new Promise<void>((resolve) => {
        waiting.set(request, resolve);
        post({ type: 'request-waiting', request, bytes });
      });
      return request;
    },
    admit(request) {
      waiting.get(request)?.();
      waiting.delete(request);
    },
    sent: (request, bytes) => post({ type: 'request-sent', request, bytes }),
    end: (request, isAnswered) => post({ type: 'request-ended', request, isAnswered }),
  };
}

/** The sandbox's callbacks for the life cycle of a request. */
export interface RequestHooks {
  /** Returns the current token, which may have been renewed since the upload began. */
  readonly token: () => string;
  /** A multipart upload was initiated. */
  readonly onBegin: (uploadId: string) => void;
  /** A part has a response; the upload is completed only after the returned promise. */
  readonly onPart: (partNumber: number, body: Blob, etag: string) => Promise<void>;
  /** The upload is about to be completed; resolves when all parts are verified. */
  readonly onComplete: () => Promise<void>;
  /** The last byte was sent. */
  readonly onSent: () => void;
  /** A request has ended, with or without a response. */
  readonly onRequest: (request: SentRequest) => void;
  /** An error response has a `Retry-After`, in milliseconds. */
  readonly onRetryAfter: (milliseconds: number) => void;
}

type RequestKind = 'form' | 'initiate' | 'part' | 'complete' | 'other';

/** Milliseconds between two messages about a request's sent bytes, which only show that it is alive. */
const SENT_INTERVAL = 500;

/** Maximum immediate resends of a part after a 5xx; then the whole upload backs off. */
const RESENDS = 2;
/** Maximum delay before the first resend in milliseconds; doubled for the second. */
const RESEND_DELAY = 400;

/**
 * Replaces the sandbox's `XMLHttpRequest` with one that waits for a slot, sends the newest token and reports progress.
 *
 * Resends a part after a 5xx, because one failed part makes qiniu-js fail the whole upload with all parts in flight.
 */
export function gateRequests(admission: Admission, hooks: RequestHooks): void {
  self.XMLHttpRequest = class GatedRequest extends XMLHttpRequest {
    #aborted = false;
    #kind: RequestKind = 'other';
    #method = '';
    #url = '';
    /** When it was sent, on the clock of `performance.now()`. */
    #sentAt = 0;
    #partNumber = 0;
    #hasToken = false;
    #open = (): void => undefined;
    readonly #headers: [name: string, value: string][] = [];
    #body: Document | XMLHttpRequestBodyInit | null | undefined;
    #resends = 0;
    #willResend = false;
    /** The number of its slot while it is running. */
    #slot: number | undefined;
    /** When its sent bytes were last reported. */
    #notedAt = 0;

    override open(method: string, url: string | URL): void {
      // Added before qiniu-js's own handler, so that a part is being verified before the SDK completes the upload.
      this.addEventListener('readystatechange', (event) => {
        if (this.readyState !== XMLHttpRequest.DONE) return;
        hooks.onRequest(this.#describe());
        this.#willResend = this.#isWorthResending();
        if (this.#willResend) event.stopImmediatePropagation();
        else this.#handleResponse();
      });
      this.#open = () => super.open(method, url, true);
      this.#method = method;
      this.#url = String(url);
      const { pathname } = new URL(url);
      this.#kind = kindOf(method, pathname);
      this.#partNumber = Number(pathname.split('/').at(-1));
      this.#open();
    }

    /** Omits the token, which is added when the request is sent, because it may wait a long time for a slot. */
    override setRequestHeader(name: string, value: string): void {
      if (/^authorization$/i.test(name)) this.#hasToken = true;
      else {
        this.#headers.push([name, value]);
        super.setRequestHeader(name, value);
      }
    }

    override send(body?: Document | XMLHttpRequestBodyInit | null): void {
      if (this.#kind === 'form') this.upload.addEventListener('load', hooks.onSent, { once: true });
      this.upload.addEventListener('progress', ({ loaded }) => this.#noteSent(loaded));
      // For a form, `onSent` reports it.
      if (this.#kind === 'part') this.upload.addEventListener('load', () => this.#noteSent(Infinity));
      this.#body = body;
      void this.#sendWhenAdmitted();
    }

    /** Reports sent bytes: the last byte always, others at intervals. */
    #noteSent(loaded: number): void {
      const now = performance.now();
      if (this.#slot === undefined || this.#fileBytes === 0) return;
      if (loaded < this.#fileBytes && now - this.#notedAt < SENT_INTERVAL) return;
      this.#notedAt = now;
      admission.sent(this.#slot, Math.min(loaded, this.#fileBytes));
    }

    async #sendWhenAdmitted(): Promise<void> {
      const body = this.#body;
      if (this.#kind === 'complete') await hooks.onComplete();
      const slot = await admission.wait(this.#fileBytes);
      if (this.#aborted) {
        admission.end(slot, false);
        return;
      }
      this.#slot = slot;
      const onEnd = (): void => {
        this.#slot = undefined;
        admission.end(slot, this.status !== 0);
        if (this.#willResend) void this.#resend();
      };
      this.addEventListener('loadend', onEnd, { once: true });
      if (this.#hasToken) super.setRequestHeader('Authorization', `UpToken ${hooks.token()}`);
      if (body instanceof FormData && body.has('token')) body.set('token', hooks.token());
      if (this.#kind === 'complete') hooks.onSent();
      this.#sentAt = performance.now();
      super.send(body);
    }

    async #resend(): Promise<void> {
      const delay = RESEND_DELAY * 2 ** this.#resends * (0.5 + Math.random() / 2);
      this.#resends += 1;
      await new Promise((resolve) => setTimeout(resolve, delay));
      if (this.#aborted) return;
      this.#open();
      for (const [name, value] of this.#headers) super.setRequestHeader(name, value);
      await this.#sendWhenAdmitted();
    }

    /** Not for a rate limit (573) or a `Retry-After`, which affect all requests: the page handles them. */
    #isWorthResending(): boolean {
      const { status } = this;
      if (this.#kind !== 'part' || this.#aborted || this.#resends === RESENDS) return false;
      return status >= 500 && status < 600 && status !== 573 && this.#retryAfter === undefined;
    }

    /** `Retry-After` in milliseconds. */
    get #retryAfter(): number | undefined {
      return readRetryAfter(this.#header('retry-after'));
    }

    /**
     * Reading a header that CORS does not expose would log a console warning. The value is read with
     * `getResponseHeader()`, because after a resend `getAllResponseHeaders()` of WebKitGTK 2.50 returns the headers of
     * the previous response.
     */
    #header(name: string): string | undefined {
      const isExposed = new RegExp(`^${name}:`, 'im').test(this.getAllResponseHeaders());
      return isExposed ? (this.getResponseHeader(name) ?? undefined) : undefined;
    }

    /** Bytes of the file in the body. */
    get #fileBytes(): number {
      const body = this.#body;
      const file = body instanceof FormData ? body.get('file') : body;
      return file instanceof Blob ? file.size : 0;
    }

    #describe(): SentRequest {
      const body = this.#body;
      return {
        method: this.#method,
        url: this.#url,
        body: bodyWithoutToken(body),
        fileBytes: this.#fileBytes,
        status: this.status,
        reqid: this.#header('x-reqid'),
        reply: parse(this.responseText) ?? this.responseText,
        duration: performance.now() - this.#sentAt,
      };
    }

    override abort(): void {
      this.#aborted = true;
      super.abort();
    }

    #handleResponse(): void {
      const body = this.#body;
      if (this.status === 0) return;
      if (this.status !== 200) {
        const milliseconds = this.#retryAfter;
        if (milliseconds !== undefined) hooks.onRetryAfter(milliseconds);
        return;
      }
      if (this.#kind !== 'initiate' && this.#kind !== 'part') return;
      const { uploadId, etag } = (parse(this.responseText) ?? {}) as Readonly<Record<string, unknown>>;
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

/** Returns the form fields or JSON sent besides the file's bytes, without the token. */
function bodyWithoutToken(body: Document | XMLHttpRequestBodyInit | null | undefined): unknown {
  if (body instanceof FormData) {
    return Object.fromEntries([...body].filter(([name, value]) => name !== 'token' && typeof value === 'string'));
  }
  return typeof body === 'string' ? parse(body) : undefined;
}

/** Parses JSON. Returns `undefined` for other text, for which qiniu-js fails the upload. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
