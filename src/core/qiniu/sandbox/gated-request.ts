import { readRetryAfter } from '../../net/retry-after.js';
import type { SentRequest } from '../../transport/transport.js';
import { FIRST_REQUEST, type SandboxMessage } from './messages.js';

/** Asks the page for a place for each request, and gives it back. */
export interface Admission {
  /** An upload begins. @param isAdmitted whether its first request has a place already */
  begin(isAdmitted: boolean): void;
  /** Resolves with the place's number when the request may go. @param bytes of the file that it will send */
  wait(bytes: number): Promise<number>;
  /** The page's answer. */
  admit(request: number): void;
  /** So many bytes of the request are out. */
  sent(request: number, bytes: number): void;
  /** The request that has this place has ended, or is not made after all. */
  end(request: number, isAnswered: boolean): void;
}

export function createAdmission(say: (message: SandboxMessage) => void): Admission {
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
        say({ type: 'request-waiting', request, bytes });
      });
      return request;
    },
    admit(request) {
      waiting.get(request)?.();
      waiting.delete(request);
    },
    sent: (request, bytes) => say({ type: 'request-sent', request, bytes }),
    end: (request, isAnswered) => say({ type: 'request-ended', request, isAnswered }),
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
  /** A request has ended, answered or not. */
  readonly onRequest: (request: SentRequest) => void;
  /** An answer that refuses asked to wait so many milliseconds. */
  readonly onRetryAfter: (milliseconds: number) => void;
}

type RequestKind = 'form' | 'initiate' | 'part' | 'complete' | 'other';

/** Milliseconds between two messages about the bytes of a request: they only show that it is alive. */
const SENT_INTERVAL = 500;

/** How often a part is sent again at once where Kodo could not take it; then it is the whole upload's turn to wait. */
const RESENDS = 2;
/** Milliseconds before it is, at most; doubled the second time. */
const RESEND_DELAY = 400;

/**
 * Replaces the sandbox's `XMLHttpRequest` by one that waits for its turn, carries the newest token and is watched.
 *
 * A part that is refused with 5xx goes again by itself: for qiniu-js one refused part ends the upload, and with it
 * every other part that is under way.
 */
export function gateRequests(admission: Admission, hooks: RequestHooks): void {
  self.XMLHttpRequest = class GatedRequest extends XMLHttpRequest {
    #aborted = false;
    #kind: RequestKind = 'other';
    #method = '';
    #url = '';
    /** When it went, as `performance.now()` tells time. */
    #sentAt = 0;
    #partNumber = 0;
    #hasToken = false;
    #open = (): void => undefined;
    readonly #headers: [name: string, value: string][] = [];
    #body: Document | XMLHttpRequestBodyInit | null | undefined;
    #resends = 0;
    #goesAgain = false;
    /** The number of its place, while it is under way. */
    #place: number | undefined;
    /** When its bytes were last reported. */
    #notedAt = 0;

    override open(method: string, url: string | URL): void {
      // Registered before qiniu-js's own handler, so that a part is being checked before the SDK goes on to complete.
      this.addEventListener('readystatechange', (event) => {
        if (this.readyState !== XMLHttpRequest.DONE) return;
        hooks.onRequest(this.#describe());
        this.#goesAgain = this.#isWorthResending();
        if (this.#goesAgain) event.stopImmediatePropagation();
        else this.#look();
      });
      this.#open = () => super.open(method, url, true);
      this.#method = method;
      this.#url = String(url);
      const { pathname } = new URL(url);
      this.#kind = kindOf(method, pathname);
      this.#partNumber = Number(pathname.split('/').at(-1));
      this.#open();
    }

    /** The token is put in when the request goes, not when it is made: it may wait for its turn for long. */
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
      // Of a form the page learns it by `onSent`.
      if (this.#kind === 'part') this.upload.addEventListener('load', () => this.#noteSent(Infinity));
      this.#body = body;
      void this.#go();
    }

    /** The last byte is always reported, others now and then. */
    #noteSent(loaded: number): void {
      const now = performance.now();
      if (this.#place === undefined || this.#fileBytes === 0) return;
      if (loaded < this.#fileBytes && now - this.#notedAt < SENT_INTERVAL) return;
      this.#notedAt = now;
      admission.sent(this.#place, Math.min(loaded, this.#fileBytes));
    }

    async #go(): Promise<void> {
      const body = this.#body;
      if (this.#kind === 'complete') await hooks.onComplete();
      const place = await admission.wait(this.#fileBytes);
      if (this.#aborted) {
        admission.end(place, false);
        return;
      }
      this.#place = place;
      const onEnd = (): void => {
        this.#place = undefined;
        admission.end(place, this.status !== 0);
        if (this.#goesAgain) void this.#goAgain();
      };
      this.addEventListener('loadend', onEnd, { once: true });
      if (this.#hasToken) super.setRequestHeader('Authorization', `UpToken ${hooks.token()}`);
      if (body instanceof FormData && body.has('token')) body.set('token', hooks.token());
      if (this.#kind === 'complete') hooks.onSent();
      this.#sentAt = performance.now();
      super.send(body);
    }

    async #goAgain(): Promise<void> {
      const delay = RESEND_DELAY * 2 ** this.#resends * (0.5 + Math.random() / 2);
      this.#resends += 1;
      await new Promise((resolve) => setTimeout(resolve, delay));
      if (this.#aborted) return;
      this.#open();
      for (const [name, value] of this.#headers) super.setRequestHeader(name, value);
      await this.#go();
    }

    /** Too many requests (573), or a time to wait that Kodo names, concern all requests: the page decides. */
    #isWorthResending(): boolean {
      const { status } = this;
      if (this.#kind !== 'part' || this.#aborted || this.#resends === RESENDS) return false;
      return status >= 500 && status < 600 && status !== 573 && this.#retryAfter === undefined;
    }

    /** Milliseconds. */
    get #retryAfter(): number | undefined {
      return readRetryAfter(this.#header('retry-after'));
    }

    /**
     * Asking for a header that is not exposed to other origins would be a warning in the console. The value is asked for
     * by its name: of a request that goes again WebKitGTK 2.50 gives all headers as the answer before had them.
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
        body: shownBody(body),
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

    #look(): void {
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

/** What went beside the file's bytes, without the token. */
function shownBody(body: Document | XMLHttpRequestBodyInit | null | undefined): unknown {
  if (body instanceof FormData) {
    return Object.fromEntries([...body].filter(([name, value]) => name !== 'token' && typeof value === 'string'));
  }
  return typeof body === 'string' ? parse(body) : undefined;
}

/** An answer that is no JSON is qiniu-js's matter: it fails the upload. */
function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
