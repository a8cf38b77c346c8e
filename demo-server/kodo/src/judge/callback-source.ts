import { randomBytes, randomUUID } from 'node:crypto';
import { FORM, type CallbackMessage } from '../callback/callback.js';
import { withScheme } from '../callback/callback-request.js';
import { fillIn } from '../callback/upload-callback.js';
import { KodoError } from '../kodo-error.js';
import type { Keys } from '../policy/upload-token.js';
import { readPutPolicy, type PutPolicy } from '../policy/put-policy.js';
import { EtagHash } from '../store/etag.js';
import { nameObject } from '../upload/finish-upload.js';
import type { UploadFacts } from '../upload/upload-variables.js';
import { askForToken, type TokenRoute } from './ask-for-token.js';
import { asFormTemplate, asJsonTemplate } from './body-templates.js';
import { JudgeError } from './judge-error.js';

/** Encoding of a callback's body. */
export type BodyType = 'form' | 'json';

export const CONTENT_TYPES: Readonly<Record<BodyType, string>> = { form: FORM, json: 'application/json' };

/** A callback as Kodo would send it. */
export interface Callback {
  /** The URL in the put policy: its path, query and host are signed. */
  readonly signedUrl: string;
  /** The URL that the request is sent to. */
  readonly target: URL;
  readonly message: CallbackMessage & { readonly host: string };
}

/** The callback of one upload as form and as JSON; one is absent if the policy's body cannot be converted. */
export interface UploadCallback {
  readonly form: Callback | undefined;
  readonly json: Callback | undefined;
  /** The encoding that the put policy specifies. */
  readonly own: BodyType;
  /** The object's hash, which most bodies contain. */
  readonly hash: string;
  /** Whether the response must contain the key, as with `callbackFetchKey`. */
  readonly namesKey: boolean;
}

export interface SourceOptions {
  readonly keys: Keys;
  /** The URL to call; with a token route, defaults to the policy's `callbackUrl`. */
  readonly url: string | undefined;
  /** The URL known to Kodo, if it differs from `url`. */
  readonly signedUrl: string | undefined;
  readonly callbackBody: string | undefined;
  readonly bodyType: BodyType | undefined;
  readonly tokenRoute: TokenRoute | undefined;
}

/** The default callback body without a token route. */
export const DEFAULT_BODY =
  'bucket=$(bucket)&key=$(key)&hash=$(etag)&fsize=$(fsize)&mimeType=$(mimeType)&fname=$(fname)&endUser=$(endUser)';

/** Size of the reported upload, in bytes. */
const SIZE = 68;
const NAME = 'judge.png';

/**
 * Creates the callback of a new upload; with a token route, of an upload with an issued token.
 *
 * @throws {JudgeError}
 */
export async function newUploadCallback(options: SourceOptions): Promise<UploadCallback> {
  const { tokenRoute, keys } = options;
  if (tokenRoute === undefined) return fillInBoth(ownPolicy(options), undefined, options);
  const file = { name: NAME, size: SIZE, type: 'image/png' };
  const { policy, key } = await askForToken(tokenRoute, file, keys);
  return fillInBoth(policy, key, options);
}

function ownPolicy({ url, callbackBody, bodyType = 'form' }: SourceOptions): PutPolicy {
  const json = asJsonTemplate(DEFAULT_BODY) ?? '';
  return readPolicy({
    scope: 'demo',
    deadline: Math.floor(Date.now() / 1000) + 3600,
    endUser: 'judge',
    callbackUrl: url,
    callbackBody: callbackBody ?? (bodyType === 'form' ? DEFAULT_BODY : json),
    callbackBodyType: CONTENT_TYPES[bodyType],
  });
}

/** @throws {JudgeError} */
export function readPolicy(fields: Readonly<Record<string, unknown>>): PutPolicy {
  try {
    return readPutPolicy(fields);
  } catch (error) {
    if (error instanceof KodoError) throw new JudgeError('bad-policy', error.message, { cause: error });
    throw error;
  }
}

function fillInBoth(policy: PutPolicy, clientKey: string | undefined, options: SourceOptions): UploadCallback {
  const facts = newFacts(policy);
  const key = policy.callbackFetchKey ? undefined : nameObject({ policy, key: clientKey ?? scopeKeyOf(policy) }, facts);
  const own: BodyType = policy.callbackBodyType === FORM ? 'form' : 'json';
  const template = options.callbackBody ?? policy.callbackBody ?? '';
  const make = (type: BodyType): Callback | undefined => {
    const convert = type === 'form' ? asFormTemplate : asJsonTemplate;
    const callbackBody = type === own ? template : convert(template);
    if (callbackBody === undefined) return undefined;
    const written = { ...policy, callbackBody, callbackBodyType: CONTENT_TYPES[type] };
    return addressed(fillIn({ policy: written, facts, reqid: newReqid(), onWarning: () => undefined }, key), options);
  };
  return { form: make('form'), json: make('json'), own, hash: facts.hash, namesKey: policy.callbackFetchKey };
}

/** Adds the URLs to a callback: a policy may contain several, of which Kodo calls the first. */
function addressed({ message, urls: [first] }: ReturnType<typeof fillIn>, { url, signedUrl }: SourceOptions): Callback {
  const signed = signedUrl ?? first;
  if (signed === undefined) throw new JudgeError('no-callback-url');
  const address = withScheme(signed);
  if (!URL.canParse(address)) throw new JudgeError('bad-policy', `callbackUrl ${address}`);
  const host = message.host ?? new URL(address).host;
  return { signedUrl: address, target: new URL(url ?? address), message: { ...message, host } };
}

function scopeKeyOf({ scopeKey, isPrefixalScope }: PutPolicy): string | undefined {
  return isPrefixalScope && scopeKey !== undefined ? `${scopeKey}judge-${randomUUID()}` : scopeKey;
}

function newFacts({ bucket, endUser }: PutPolicy): UploadFacts {
  return {
    bucket,
    hash: new EtagHash().update(randomBytes(SIZE)).digest(),
    fsize: SIZE,
    mimeType: 'image/png',
    fname: NAME,
    endUser,
    customVars: {},
    content: { imageInfo: { colorModel: 'nrgba', format: 'png', height: 1, size: SIZE, width: 1 } },
    persistentId: undefined,
    uuid: randomUUID(),
    now: Date.now(),
  };
}

function newReqid(): string {
  return randomBytes(12).toString('base64url');
}
