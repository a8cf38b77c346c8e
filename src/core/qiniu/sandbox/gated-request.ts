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

let lastRequest = 0;

/**
 * Replaces the sandbox's `XMLHttpRequest` by one that waits for its turn before it sends,
 * and that tells when the last byte of the upload is out.
 */
export function gateRequests(admission: Admission, onSent: () => void): void {
  self.XMLHttpRequest = class GatedRequest extends XMLHttpRequest {
    readonly #request = ++lastRequest;
    #aborted = false;
    #isForm = false;
    #isComplete = false;

    override open(method: string, url: string | URL): void {
      const { pathname } = new URL(url);
      // "POST /" is the form upload; "POST …/uploads/<id>" completes a multipart upload.
      this.#isForm = method === 'POST' && pathname === '/';
      this.#isComplete = method === 'POST' && /\/uploads\/[^/]+$/.test(pathname);
      super.open(method, url, true);
    }

    override send(body?: Document | XMLHttpRequestBodyInit | null): void {
      if (this.#isForm) this.upload.addEventListener('load', onSent, { once: true });
      void admission.wait(this.#request).then(() => {
        if (this.#aborted) {
          admission.end(this.#request);
          return;
        }
        this.addEventListener('loadend', () => admission.end(this.#request), { once: true });
        if (this.#isComplete) onSent();
        super.send(body);
      });
    }

    override abort(): void {
      this.#aborted = true;
      super.abort();
    }
  };
}
