import qiniu from 'qiniu';
import { z } from 'zod';
import { downloadUrl } from './download-url.js';
import type { UploadSettings } from '../uploads/upload-settings.js';

/** Metadata of a stored object, as returned by Kodo's `stat`. */
export interface ObjectStat {
  readonly hash: string;
  /** Bytes. */
  readonly fsize: number;
  readonly mimeType: string;
}

/** The operations on the bucket that this server uses. */
export interface Bucket {
  /** Returns an object's metadata, or `undefined` if it does not exist. */
  stat(key: string): Promise<ObjectStat | undefined>;
  /** Deletes an object. Succeeds if it does not exist. */
  delete(key: string): Promise<void>;
  /** Returns an image's size in pixels, or `undefined` if Kodo does not recognize an image. */
  imageSize(key: string): Promise<{ readonly width: number; readonly height: number } | undefined>;
  /** Returns an image's average color, `#rrggbb`, or `undefined` if Kodo does not recognize an image. */
  averageColor(key: string): Promise<string | undefined>;
}

/** Kodo did not respond, or responded with an unexpected error. The same request may succeed later. */
export class BucketUnavailableError extends Error {
  override readonly name = 'BucketUnavailableError';
}

/** Timeout of a request to Kodo, in milliseconds. */
const TIMEOUT = 10_000;

/** https://developer.qiniu.com/dora/1269/pictures-basic-information-imageinfo */
const imageInfo = z.object({ width: z.number(), height: z.number() });
/** https://developer.qiniu.com/dora/1268/image-average-hue-imageave */
const imageAve = z.object({ RGB: z.string().regex(/^0x[\da-f]{6}$/i) });

const NO_SUCH_OBJECT = 612;

/** Creates the bucket client with the official SDK, which looks up the management host. */
export function bucketOf(settings: UploadSettings): Bucket {
  const { accessKey, secretKey, bucket, managementOrigin } = settings;
  const mac = new qiniu.auth.digest.Mac(accessKey, secretKey);
  const manager = new qiniu.rs.BucketManager(mac, sdkConfig(managementOrigin));
  return {
    async stat(key) {
      const { data, resp } = await withTimeout('stat', manager.stat(bucket, key));
      if (resp.statusCode === NO_SUCH_OBJECT) return undefined;
      if (resp.statusCode !== 200) throw new BucketUnavailableError(`Kodo's stat returned ${String(resp.statusCode)}.`);
      const { hash, fsize, mimeType } = data as ObjectStat;
      return { hash, fsize, mimeType };
    },
    async delete(key) {
      const { resp } = await withTimeout('delete', manager.delete(bucket, key));
      if (resp.statusCode !== 200 && resp.statusCode !== NO_SUCH_OBJECT) {
        throw new BucketUnavailableError(`Kodo's delete returned ${String(resp.statusCode)}.`);
      }
    },
    imageSize: (key) => process(settings, key, 'imageInfo', imageInfo),
    async averageColor(key) {
      const average = await process(settings, key, 'imageAve', imageAve);
      return average?.RGB.toLowerCase().replace('0x', '#');
    },
  };
}

/**
 * Adds a timeout to a call of the SDK, which has none of its own.
 *
 * @throws {BucketUnavailableError} if Kodo cannot be reached or does not respond in time
 */
async function withTimeout<T>(name: string, call: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<never>((_, reject) => {
    const message = `Kodo's ${name} did not respond within ${TIMEOUT / 1000} s.`;
    timer = setTimeout(() => reject(new BucketUnavailableError(message)), TIMEOUT);
  });
  try {
    return await Promise.race([call, timeout]);
  } catch (cause) {
    if (cause instanceof BucketUnavailableError) throw cause;
    throw new BucketUnavailableError(`The request to Kodo failed (${name}).`, { cause });
  } finally {
    clearTimeout(timer);
  }
}

/** Runs a data-processing command on an object. Returns `undefined` if Kodo cannot process the object (4xx). */
async function process<T>(
  settings: UploadSettings,
  key: string,
  command: string,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  const url = downloadUrl(settings, key, Date.now(), command);
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT), redirect: 'error' });
  if (response.status >= 400 && response.status < 500) return undefined;
  if (response.status !== 200) throw new Error(`Kodo's ${command} returned ${response.status}.`);
  return schema.parse(await response.json());
}

function sdkConfig(origin: string | undefined): qiniu.conf.Config {
  if (origin === undefined) return new qiniu.conf.Config({ useHttpsDomain: true });
  const { host, protocol } = new URL(origin);
  const endpoint = new qiniu.httpc.Endpoint(host, { defaultScheme: protocol.slice(0, -1) });
  return new qiniu.conf.Config({
    useHttpsDomain: protocol === 'https:',
    regionsProvider: qiniu.httpc.Region.fromRegionId('z0', {
      extendedServices: { [qiniu.httpc.SERVICE_NAME.RS]: [endpoint] },
    }),
  });
}
