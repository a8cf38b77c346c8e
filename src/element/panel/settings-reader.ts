import { confirmEndpoint } from '../../core/token/confirm-endpoint.js';
import type { UploadQueueSettings } from '../../core/queue/queue-options.js';
import { tokenEndpoint } from '../../core/token/token-endpoint.js';
import { toOrigin } from '../../core/net/up-origin.js';
import { warnOnce } from '../../core/shared/warn-once.js';
import { readCount, readSize } from '../attributes.js';
import { readCompress, readCredentials, readHosts, readMethod, readPixels } from './panel-attributes.js';
import type { UploaderSettings } from '../uploader-settings.js';

type Providers = Pick<UploadQueueSettings, 'tokenProvider' | 'confirmProvider' | 'providerTimeout'>;

/** Maps the element's properties to queue settings. */
export class SettingsReader {
  #cached: { readonly inputs: readonly unknown[]; readonly providers: Providers } | undefined;

  read(host: UploaderSettings): UploadQueueSettings {
    const { accept, region, domain, manual } = host;
    return {
      ...this.#readProviders(host),
      rules: {
        accept,
        maxSize: readSize('max-size', host.maxSize),
        minSize: readSize('min-size', host.minSize),
        maxTotalSize: readSize('max-total-size', host.maxTotalSize),
        maxFiles: readMaxFiles(host),
        minImageSize: readPixels('min-image-size', host.minImageSize),
        maxImageSize: readPixels('max-image-size', host.maxImageSize),
      },
      retries: readCount('retries', host.retries, 0) ?? 5,
      stallTimeout: readCount('stall-timeout', host.stallTimeout),
      hookTimeout: readCount('hook-timeout', host.hookTimeout),
      resumeScope: host.tokenEndpoint ? new URL(host.tokenEndpoint, document.baseURI).href : '',
      duplicates: host.duplicates === 'allow' ? 'allow' : 'reject',
      concurrency: readCount('concurrency', host.concurrency) ?? 6,
      upHosts: readHosts(host.upHost, toOrigin),
      validator: host.validator,
      beforeUpload: host.beforeUpload,
      compress: readCompress(host.compress),
      region,
      domain,
      manual,
    };
  }

  /** Reuses the functions until a property that they depend on changes, because the queue compares them by identity. */
  #readProviders(host: UploaderSettings): Providers {
    const { tokenEndpoint: url, tokenMethod, tokenHeaders: headers, tokenCredentials, tokenTimeout } = host;
    const { tokenProvider, confirmEndpoint: confirmUrl, confirmProvider } = host;
    const inputs = [
      url,
      tokenMethod,
      headers,
      tokenCredentials,
      tokenTimeout,
      tokenProvider,
      confirmUrl,
      confirmProvider,
    ];
    if (this.#cached !== undefined && inputs.every((input, index) => input === this.#cached?.inputs[index])) {
      return this.#cached.providers;
    }
    const method = readMethod(tokenMethod);
    const credentials = readCredentials(tokenCredentials);
    const timeout = readCount('token-timeout', tokenTimeout);
    const providers = {
      tokenProvider: tokenProvider ?? (url ? tokenEndpoint({ url, method, headers, credentials, timeout }) : undefined),
      confirmProvider:
        confirmProvider ??
        (confirmUrl ? confirmEndpoint({ url: confirmUrl, headers, credentials, timeout }) : undefined),
      providerTimeout: timeout,
    };
    this.#cached = { inputs, providers };
    return providers;
  }
}

/** Maximum number of files in the list. Without `multiple`, `max-files` has no effect. */
export function readMaxFiles({ maxFiles: value, takesSeveral }: UploaderSettings): number | undefined {
  const maxFiles = readCount('max-files', value);
  if (takesSeveral || maxFiles === undefined) return maxFiles;
  if (maxFiles > 1) warnOnce(`max-files="${maxFiles}" requires "multiple". Only one file is accepted.`);
  return undefined;
}
