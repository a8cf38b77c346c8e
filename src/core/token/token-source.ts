import { callWithLimit, untilAborted } from '../net/abort.js';
import { findPolicyMistakes } from './policy-mistakes.js';
import type { HoldControl } from '../net/hold-control.js';
import { type KnownFile, type TokenProvider, type TokenRequest } from './token-endpoint.js';
import { isKnownFile, parseGrant, type UploadGrant } from './token-grant.js';
import { fromProviderError } from './token-refusal.js';
import { UploadError } from '../items/upload-error.js';
import { warnOnce } from '../shared/warn-once.js';

/** Milliseconds that a shared token must still be valid to be used again. */
const MIN_REST = 60_000;

export interface TokenCall {
  readonly signal: AbortSignal;
  /** Milliseconds until a provider that does not answer is given up. */
  readonly timeout: number;
  /** Called whenever a hold of the queue makes the request wait. */
  readonly onHeld: () => void;
}

/**
 * Gets tokens from a provider: one for each file, unless the answers say that they are `shared`.
 *
 * Whether they are is known from the first answer on, so requests made before it wait for it.
 */
export class TokenSource {
  readonly #hold: HoldControl;
  #provider: TokenProvider | undefined;
  #shared: UploadGrant | undefined;
  #first: Promise<unknown> | undefined;

  constructor(hold: HoldControl) {
    this.#hold = hold;
  }

  /** Gets tokens from this provider from now on; without one, every request fails with `token-source-missing`. */
  use(provider: TokenProvider | undefined): void {
    if (provider === this.#provider) return;
    this.#provider = provider;
    this.#shared = undefined;
    this.#first = undefined;
    this.#hold.reset();
  }

  /**
   * @param request with an `id`, a new token for that upload
   * @throws {UploadError} or the signal's reason when it was aborted
   */
  async get(request: TokenRequest, call: TokenCall): Promise<UploadGrant | KnownFile> {
    if (request.id === undefined && this.#first !== undefined) {
      await untilAborted(
        this.#first.catch(() => undefined),
        call.signal,
      );
      const shared = this.#shared;
      if (shared !== undefined && shared.expiresAt - performance.now() > MIN_REST) return shared;
    }
    const answer = this.#ask(request, call);
    this.#first ??= answer;
    return answer;
  }

  /** A token that Kodo refused is not given out again. */
  forget(grant: UploadGrant): void {
    if (this.#shared?.token === grant.token) this.#shared = undefined;
  }

  async #ask(request: TokenRequest, { signal, timeout, onHeld }: TokenCall): Promise<UploadGrant | KnownFile> {
    const turn = await this.#hold.enter(signal, onHeld);
    try {
      const answer = await this.#call(request, signal, timeout);
      const grant = isKnownFile(answer) ? answer : this.#accept(answer);
      turn.accept();
      return grant;
    } catch (cause) {
      const error = signal.aborted ? undefined : fromProviderError(cause, request);
      if (error?.code === 'token-malformed') warnOnce(error.message);
      turn.fail(error);
      throw error ?? cause;
    }
  }

  #call(request: TokenRequest, signal: AbortSignal, timeout: number): Promise<unknown> {
    const provider = this.#provider;
    if (provider === undefined) {
      const remedy = 'No token source is configured: set token-endpoint or tokenProvider.';
      warnOnce(remedy);
      return Promise.reject(new UploadError('token-source-missing', remedy));
    }
    const onTimeout = (): UploadError =>
      new UploadError('token-timeout', `The token provider did not answer within ${timeout / 1000} s.`);
    return callWithLimit<unknown>((signal) => provider(request, { signal }), { signal, timeout, onTimeout });
  }

  #accept(answer: unknown): UploadGrant {
    const grant = parseGrant(answer);
    for (const mistake of findPolicyMistakes(grant)) warnOnce(mistake);
    const { policy, shared } = grant;
    if (shared && policy.scopeKey !== undefined && !policy.isPrefixalScope) {
      warnOnce('The token answer says "shared", but its scope names one key. It is used for one file only.');
    } else if (shared) this.#shared = grant;
    return grant;
  }
}
