import { isRecord } from './put-policy.js';
import { NO_PROGRESS, ProgressMeter } from './progress-meter.js';
import type { RequestGate } from './request-gate.js';
import type { UploadTransport } from './transport.js';
import { UploadError } from './upload-error.js';
import type { ReplySource, UploadFile, UploadResult, UploadState } from './upload-item.js';
import { parseGrant, type TokenProvider, type TokenRequest, type UploadGrant } from './upload-token.js';

/** What one file's life needs from outside. */
export interface UploadSurroundings {
  readonly tokenProvider: TokenProvider | undefined;
  readonly transport: UploadTransport;
  readonly gate: RequestGate;
  /** Up hosts to use where the token route names none. */
  readonly hosts: readonly string[];
  /** The bucket's region, to name hosts where nobody else does. */
  readonly region: string | undefined;
  /** The bucket's domain, where the token route names none. */
  readonly domain: string | undefined;
}

/**
 * One file's life: ask for a token, send the file, read the reply.
 *
 * @param report takes each state on the way
 * @returns the state it ends in: `done`, `unconfirmed` or `failed`
 * @throws the signal's reason when it was aborted
 */
export async function runUpload(
  file: UploadFile,
  surroundings: UploadSurroundings,
  signal: AbortSignal,
  report: (state: UploadState) => void,
): Promise<UploadState> {
  const meter = new ProgressMeter(file.size, (progress) => report({ status: 'uploading', progress }));
  let grant: UploadGrant | undefined;
  try {
    signal.throwIfAborted();
    report({ status: 'preparing' });
    grant = await askForToken(file, surroundings, signal);
    report({ status: 'uploading', progress: NO_PROGRESS });
    const hosts = grant.hosts.length > 0 ? grant.hosts : surroundings.hosts;
    const { response } = await surroundings.transport.upload(
      { file, token: grant.token, policy: grant.policy, key: grant.key, hosts, region: surroundings.region },
      {
        signal,
        gate: surroundings.gate,
        onProgress: (sentBytes) => meter.update(sentBytes),
        onSent: () => {
          meter.stop();
          report({ status: 'confirming' });
        },
      },
    );
    signal.throwIfAborted();
    return { status: 'done', result: readReply(response, grant, surroundings.domain) };
  } catch (cause) {
    signal.throwIfAborted();
    const error = UploadError.from(cause);
    if (error.code !== 'callback-failed') return { status: 'failed', error };
    return { status: 'unconfirmed', key: error.callback?.key ?? grant?.key, hash: error.callback?.hash, error };
  } finally {
    meter.stop();
  }
}

async function askForToken(
  file: UploadFile,
  { tokenProvider }: UploadSurroundings,
  signal: AbortSignal,
): Promise<UploadGrant> {
  if (tokenProvider === undefined) {
    throw new UploadError('token-source-missing', 'Nobody issues upload tokens: set token-endpoint or tokenProvider.');
  }
  const { name, size, type, path } = file;
  const request: TokenRequest = { name, size, type, ...(path === undefined ? {} : { path }) };
  const answer: unknown = await tokenProvider(request, { signal });
  signal.throwIfAborted();
  return parseGrant(answer);
}

function readReply(response: unknown, grant: UploadGrant, domain: string | undefined): UploadResult {
  const fields = isRecord(response) ? response : {};
  const key = textOf(fields['key']) ?? grant.key;
  return {
    response,
    key,
    hash: textOf(fields['hash']),
    source: sourceOf(grant),
    url: safeUrl(textOf(fields['url'])) ?? objectUrl(grant.domain ?? domain, key),
  };
}

/** An address that may stand in `src` and `href`: http(s), or relative to the page. */
function safeUrl(url: string | undefined): string | undefined {
  return url !== undefined && /^(https?:\/\/|\/(?!\/))/i.test(url) ? url : undefined;
}

/** Where a callback and a `returnBody` are both set, Kodo ignores the latter. */
function sourceOf({ policy }: UploadGrant): ReplySource {
  if (policy.callbackUrl !== undefined) return 'callback';
  return policy.returnBody === undefined ? 'default' : 'return-body';
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

/** An object's address under its bucket's domain: each segment of the key escaped, a bare domain taken as https. */
function objectUrl(domain: string | undefined, key: string | undefined): string | undefined {
  if (domain === undefined || key === undefined) return undefined;
  const base = /^https?:\/\//i.test(domain) ? domain : `https://${domain}`;
  return `${base.replace(/\/+$/, '')}/${key.split('/').map(encodeURIComponent).join('/')}`;
}
