import type { ServerHeaders } from './ask-server.js';
import { loadEngine } from './load-engine.js';

/** What the business server is told about a file when it is asked for a token. */
export interface TokenRequest {
  /** The file's name, as chosen. */
  readonly name: string;
  /** Size in bytes. */
  readonly size: number;
  /** Media type as the browser states it, or `''`. */
  readonly type: string;
  /** Relative path, when the file came out of a folder. */
  readonly path?: string;
  /** Only to renew or resume: the business server's own name for this upload. */
  readonly id?: string;
}

/** What the business server may answer; a plain string is taken as the token. */
export type TokenAnswer = IssuedToken | KnownFile;

/** The usual answer. */
export interface IssuedToken {
  /** The upload token. */
  readonly token: string;
  /** The business server's own name for this upload. */
  readonly id?: string;
  /** The object's key, named by the server; absent when `saveKey` or the hash names it. */
  readonly key?: string;
  /** Up hosts in order of preference, as origins; a bare host means https. */
  readonly hosts?: readonly string[];
  /** Origin, with or without a path, under which the bucket's objects can be fetched. */
  readonly domain?: string;
  /** Seconds until the token's deadline. Default: the policy's deadline, by the clock of `serverTime`. */
  readonly expiresIn?: number;
  /** Milliseconds since 1970 by the business server's clock. Default: the answer's `Date`, else this machine's clock. */
  readonly serverTime?: number;
  /** Whether the token is good for other files too, until it expires: its scope is a bucket or a prefix. */
  readonly shared?: boolean;
}

/** The business server has this very file already: nothing is sent. */
export interface KnownFile {
  /** What the callback's reply would be. */
  readonly response: unknown;
  readonly key?: string;
  readonly hash?: string;
}

/**
 * Gets an upload token from wherever the page likes; replaces the token endpoint.
 *
 * It is called once for each file, just before the file is sent.
 */
export type TokenProvider = (
  request: TokenRequest,
  options: { readonly signal: AbortSignal },
) => TokenAnswer | string | Promise<TokenAnswer | string>;

/** Further headers for the token route, e.g. a CSRF token or `Authorization`; or what gets them for each request. */
export type TokenHeaders = ServerHeaders;

export interface TokenEndpointOptions {
  /** Address of the token route; relative to the page. */
  readonly url: string;
  /** `POST` with a JSON body, or `GET` with a query. Default `POST`. */
  readonly method?: 'GET' | 'POST';
  readonly headers?: TokenHeaders | undefined;
  /** Milliseconds until a silent route is given up. Default 30,000. */
  readonly timeout?: number;
}

/** A token provider that asks a route of the page's own server. */
export function tokenEndpoint(options: TokenEndpointOptions): TokenProvider {
  return async (request, { signal }) => {
    const { askForToken } = await loadEngine();
    return askForToken(options, request, signal);
  };
}
