import { findPolicyMistakes } from './policy-mistakes.js';
import { UploadError } from './upload-error.js';
import { type KnownFile, type TokenProvider, type TokenRequest } from './token-endpoint.js';
import { isKnownFile, parseGrant, type UploadGrant } from './token-grant.js';
import { warnOnce } from './warn-once.js';

/** Milliseconds that a shared token must still be good for to be used again. */
const MIN_REST = 60_000;

/**
 * Asks for tokens: one for each file, unless the answers say that they are `shared`.
 *
 * Whether they are is known from the first answer on, so calls that come before it wait for it.
 */
export class TokenSource {
  readonly #provider: TokenProvider;
  #shared: UploadGrant | undefined;
  #first: Promise<unknown> | undefined;

  constructor(provider: TokenProvider) {
    this.#provider = provider;
  }

  /**
   * @param request with an `id`, a new token for that upload
   * @throws {UploadError} or the signal's reason when it was aborted
   */
  async get(request: TokenRequest, signal: AbortSignal): Promise<UploadGrant | KnownFile> {
    if (request.id === undefined && this.#first !== undefined) {
      await untilSettled(this.#first, signal);
      const shared = this.#shared;
      if (shared !== undefined && shared.expiresAt - performance.now() > MIN_REST) return shared;
    }
    const answer = this.#ask(request, signal);
    this.#first ??= answer;
    return answer;
  }

  /** A token that Kodo refused is not given out again. */
  forget(grant: UploadGrant): void {
    if (this.#shared?.token === grant.token) this.#shared = undefined;
  }

  async #ask(request: TokenRequest, signal: AbortSignal): Promise<UploadGrant | KnownFile> {
    const answer: unknown = await this.#provider(request, { signal });
    signal.throwIfAborted();
    if (isKnownFile(answer)) return answer;
    const grant = parseGrant(answer);
    for (const mistake of findPolicyMistakes(grant)) warnOnce(mistake);
    const { policy, shared } = grant;
    if (shared && policy.scopeKey !== undefined && !policy.isPrefixalScope) {
      warnOnce('The token answer says "shared", but its scope names one key. It is used for one file only.');
    } else if (shared) this.#shared = grant;
    return grant;
  }
}

/** Where nobody issues tokens. */
export function noTokenSource(): Promise<never> {
  return Promise.reject(
    new UploadError('token-source-missing', 'Nobody issues upload tokens: set token-endpoint or tokenProvider.'),
  );
}

/** Waits for a promise, whatever becomes of it. @throws the signal's reason when it was aborted meanwhile */
async function untilSettled(promise: Promise<unknown>, signal: AbortSignal): Promise<void> {
  await new Promise<void>((resolve) => {
    const settle = (): void => resolve();
    promise.then(settle, settle);
    signal.addEventListener('abort', settle, { once: true });
  });
  signal.throwIfAborted();
}
