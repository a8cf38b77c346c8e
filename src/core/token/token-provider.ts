/** A request for an upload token. */
export interface TokenRequest {
  /** The file's name, as chosen. */
  readonly name: string;
  /** Size in bytes. */
  readonly size: number;
  /** Media type as reported by the browser, or `''`. */
  readonly type: string;
  /** Relative path, if the file comes from a folder. */
  readonly path?: string;
  /** Only when renewing or resuming: the business server's ID of this upload. */
  readonly id?: string;
}

/** The business server's response to a token request. A plain string is also accepted, as the token. */
export type TokenAnswer = IssuedToken | KnownFile;

/** The usual token response. */
export interface IssuedToken {
  /** The upload token. */
  readonly token: string;
  /** The business server's ID of this upload. */
  readonly id?: string;
  /** The object's key, if the server chooses it; omit it if `saveKey` or the hash determines the key. */
  readonly key?: string;
  /** Up hosts in order of preference, as origins; a bare host means https. */
  readonly hosts?: readonly string[];
  /** Origin, with or without a path, that serves the bucket's objects. */
  readonly domain?: string;
  /** Seconds until the token's deadline. Default: the policy's deadline minus `serverTime`. */
  readonly expiresIn?: number;
  /** The business server's time in milliseconds since 1970. Default: the `Date` header, else this machine's clock. */
  readonly serverTime?: number;
  /** Whether other files can use the token until it expires: its scope is a bucket or a prefix. Default `false`. */
  readonly shared?: boolean;
}

/** A token response for a file that the business server already has: nothing is sent to Kodo. */
export interface KnownFile {
  /** The response that the callback would return. */
  readonly response: unknown;
  readonly key?: string;
  readonly hash?: string;
}

/**
 * Returns an upload token; replaces the token endpoint.
 *
 * Called for each file just before it is sent, and again whenever its upload needs a new token. Not called for a file
 * that can use a `shared` token.
 */
export type TokenProvider = (
  request: TokenRequest,
  options: { readonly signal: AbortSignal },
) => TokenAnswer | string | Promise<TokenAnswer | string>;
