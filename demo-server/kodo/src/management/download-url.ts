import type { IncomingMessage } from 'node:http';
import { goWords } from '../callback/callback-request.js';
import { KodoError } from '../kodo-error.js';
import { HostRefused, type Outbound } from '../outbound/outbound.js';
import type { Blob, BlobStore } from '../store/blob-store.js';

/** Maximum number of redirects to follow. */
const MAX_REDIRECTS = 5;

export interface DownloadSettings {
  readonly outbound: Outbound;
  readonly blobs: BlobStore;
  /** Aborts downloads when Kodo closes. */
  readonly closing: AbortSignal;
}

/** The result of a download. */
export interface Downloaded {
  readonly blob: Blob;
  /** The `Content-Type` of the response. */
  readonly type: string | undefined;
}

/**
 * Downloads a URL into the blob store.
 *
 * Source of the statuses: https://developer.qiniu.com/kodo/1263/fetch
 *
 * @param host value of the `Host` header, if it differs from the URL's host
 * @throws {KodoError} 400 for an invalid URL, 403 for a host that is not allowed, 404 if the source returns 404,
 * 478 for any other failure of the source
 */
export async function downloadUrl(
  address: string,
  host: string | undefined,
  settings: DownloadSettings,
): Promise<Downloaded> {
  let url = parseUrl(address);
  for (let redirects = 0; redirects <= MAX_REDIRECTS; redirects += 1) {
    const response = await get(url, redirects === 0 ? host : undefined, settings);
    const { statusCode = 0, headers } = response;
    if (statusCode >= 300 && statusCode < 400 && headers.location !== undefined) {
      response.resume();
      url = parseUrl(headers.location, url);
      continue;
    }
    if (statusCode !== 200) {
      response.resume();
      throw new KodoError(statusCode === 404 ? 404 : 478, `httpGet url failed: E${statusCode}`);
    }
    const blob = await settings.blobs.write(response, { md5: true, crc32: true }).catch((error: unknown) => {
      throw 'syscall' in Object(error) ? error : sourceFailed(error, url);
    });
    return { blob, type: headers['content-type'] };
  }
  throw new KodoError(478, 'httpGet url failed: too many redirects');
}

function get(url: URL, host: string | undefined, settings: DownloadSettings): Promise<IncomingMessage> {
  const headers = { 'User-Agent': 'qiniu-fetch/1.0', ...(host === undefined ? {} : { Host: host }) };
  return new Promise((resolve, reject) => {
    const fail = (error: Error): void =>
      reject(error instanceof HostRefused ? new KodoError(403, error.message) : sourceFailed(error, url));
    try {
      settings.outbound
        .request(url, { method: 'GET', headers, signal: settings.closing })
        .on('response', resolve)
        .on('error', fail)
        .end();
    } catch (error) {
      fail(error as Error);
    }
  });
}

function sourceFailed(error: unknown, url: URL): KodoError {
  const reason = error instanceof Error ? goWords(error, url.href) : String(error);
  return new KodoError(478, `httpGet url failed: ${reason}`);
}

/** @throws {KodoError} 400 */
function parseUrl(text: string, base?: URL): URL {
  const url = URL.canParse(text, base?.href) ? new URL(text, base) : undefined;
  if (url === undefined || !['http:', 'https:'].includes(url.protocol)) throw new KodoError(400, 'invalid url');
  return url;
}
