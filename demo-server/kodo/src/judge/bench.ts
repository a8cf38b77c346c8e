import { callbackAuthorization, callbackHeaders, type CallbackScheme } from '../callback/callback.js';
import type { Keys } from '../policy/upload-token.js';
import type { Callback, UploadCallback } from './callback-source.js';
import { readJson } from '../text/json-text.js';
import { sendCallback, Sending, type Outgoing, type Seen } from './send-callback.js';

/** Changes to the callback that Kodo would send: first to what is signed, then to what is sent. */
export interface Changes {
  readonly keys?: Keys;
  readonly signedUrl?: string;
  readonly signedHost?: string;
  readonly signedBody?: string;
  readonly signedType?: string;
  /** The complete header; empty to omit it. */
  readonly authorization?: string;
  readonly sentBody?: string;
  readonly sentType?: string;
  /** A query appended to the URL that is called. */
  readonly sentQuery?: string;
  readonly chunked?: boolean;
  readonly readingPause?: number;
}

/** Tools shared by the cases. */
export class Bench {
  readonly keys: Keys;
  /** Timeout for the response to a callback, in milliseconds. */
  readonly timeout: number;
  /** Milliseconds after which the server should have closed an incomplete request. */
  readonly stallLimit: number;
  readonly #next: () => Promise<UploadCallback>;
  readonly #secrets: Set<string>;

  constructor(
    settings: { readonly keys: Keys; readonly timeout: number; readonly stallLimit: number },
    next: () => Promise<UploadCallback>,
  ) {
    this.keys = settings.keys;
    this.timeout = settings.timeout;
    this.stallLimit = settings.stallLimit;
    this.#next = next;
    this.#secrets = new Set([settings.keys.secretKey]);
  }

  /** The callback of a new upload. @throws {JudgeError} */
  next(): Promise<UploadCallback> {
    return this.#next();
  }

  send(callback: Callback, scheme: CallbackScheme, changes: Changes = {}): Promise<Seen> {
    return this.resend(this.prepare(callback, scheme, changes));
  }

  /** Sends a prepared callback; a repeated call sends the same bytes again. */
  resend(outgoing: Outgoing): Promise<Seen> {
    return sendCallback(outgoing, this.timeout);
  }

  /** Starts a callback whose body is sent later. */
  begin(outgoing: Outgoing): Sending {
    return new Sending(outgoing);
  }

  /** Signs a callback. */
  prepare({ signedUrl, target, message }: Callback, scheme: CallbackScheme, changes: Changes = {}): Outgoing {
    const signed = {
      url: changes.signedUrl ?? signedUrl,
      host: changes.signedHost ?? message.host,
      contentType: changes.signedType ?? message.contentType,
      body: changes.signedBody ?? message.body,
      reqid: message.reqid,
    };
    const authorization = changes.authorization ?? callbackAuthorization(scheme, changes.keys ?? this.keys, signed);
    this.#secrets.add(authorization.slice(authorization.indexOf(':') + 1));
    const contentType = changes.sentType ?? message.contentType;
    const headers = Object.entries(callbackHeaders({ ...message, contentType }, authorization));
    const url = new URL(target);
    if (changes.sentQuery !== undefined) url.search += `${url.search === '' ? '?' : '&'}${changes.sentQuery}`;
    return {
      target: url,
      headers: Object.fromEntries(headers.filter(([, value]) => value !== '')),
      body: Buffer.from(changes.sentBody ?? message.body),
      ...(changes.chunked === undefined ? {} : { chunked: changes.chunked }),
      ...(changes.readingPause === undefined ? {} : { readingPause: changes.readingPause }),
    };
  }

  /** Removes the secret key and signatures from a result, in case the server echoes them. */
  redact(seen: Seen): Seen {
    if (seen.kind !== 'answered') return seen;
    const text = seen.body.toString('utf8');
    const hidden = [...this.#secrets].filter((secret) => secret !== '' && text.includes(secret));
    if (hidden.length === 0) return seen;
    const body = hidden.reduce((rest, secret) => rest.replaceAll(secret, '***'), text);
    return { ...seen, body: Buffer.from(body), json: readJson(body) };
  }
}
