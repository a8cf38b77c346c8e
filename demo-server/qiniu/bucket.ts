import qiniu from 'qiniu';
import { z } from 'zod';
import { downloadUrl } from './download-url.js';
import type { UploadSettings } from '../uploads/upload-settings.js';

/** What Kodo says of a stored object. */
export interface ObjectStat {
  readonly hash: string;
  /** Bytes. */
  readonly fsize: number;
  readonly mimeType: string;
}

/** What this server asks of its bucket. */
export interface Bucket {
  /** Asks Kodo about an object; `undefined` when it is not there. */
  stat(key: string): Promise<ObjectStat | undefined>;
  /** Deletes an object; one that is not there is deleted already. */
  delete(key: string): Promise<void>;
  /** A picture's pixels; `undefined` for what Kodo takes for none. */
  imageSize(key: string): Promise<{ readonly width: number; readonly height: number } | undefined>;
  /** A picture's average colour, `#rrggbb`; `undefined` for what Kodo takes for none. */
  averageColor(key: string): Promise<string | undefined>;
}

/** Kodo did not answer, or answered with an error of its own: the same request may succeed in a moment. */
export class BucketUnavailableError extends Error {
  override readonly name = 'BucketUnavailableError';
}

/** Milliseconds after which a request to Kodo ends with an error. */
const TIMEOUT = 10_000;

/** https://developer.qiniu.com/dora/1269/pictures-basic-information-imageinfo */
const imageInfo = z.object({ width: z.number(), height: z.number() });
/** https://developer.qiniu.com/dora/1268/image-average-hue-imageave */
const imageAve = z.object({ RGB: z.string().regex(/^0x[\da-f]{6}$/i) });

const NO_SUCH_OBJECT = 612;

/** The bucket by the official SDK, which finds its management host. */
export function bucketOf(settings: UploadSettings): Bucket {
  const { accessKey, secretKey, bucket, managementOrigin } = settings;
  const mac = new qiniu.auth.digest.Mac(accessKey, secretKey);
  const manager = new qiniu.rs.BucketManager(mac, sdkConfig(managementOrigin));
  return {
    async stat(key) {
      const { data, resp } = await inTime('stat', manager.stat(bucket, key));
      if (resp.statusCode === NO_SUCH_OBJECT) return undefined;
      if (resp.statusCode !== 200) throw new BucketUnavailableError(`Kodo's stat answered ${String(resp.statusCode)}.`);
      const { hash, fsize, mimeType } = data as ObjectStat;
      return { hash, fsize, mimeType };
    },
    async delete(key) {
      const { resp } = await inTime('delete', manager.delete(bucket, key));
      if (resp.statusCode !== 200 && resp.statusCode !== NO_SUCH_OBJECT) {
        throw new BucketUnavailableError(`Kodo's delete answered ${String(resp.statusCode)}.`);
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
 * Waits for an answer to the SDK, which itself waits for as long as the connection lasts.
 *
 * @throws {BucketUnavailableError} when Kodo cannot be reached, or does not answer in time
 */
async function inTime<T>(name: string, answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    const message = `Kodo's ${name} did not answer within ${TIMEOUT / 1000} s.`;
    timer = setTimeout(() => reject(new BucketUnavailableError(message)), TIMEOUT);
  });
  try {
    return await Promise.race([answer, tooLate]);
  } catch (cause) {
    if (cause instanceof BucketUnavailableError) throw cause;
    throw new BucketUnavailableError(`Kodo could not be asked (${name}).`, { cause });
  } finally {
    clearTimeout(timer);
  }
}

/** Lets Kodo process an object; what it refuses (4xx) is nothing it could process. */
async function process<T>(
  settings: UploadSettings,
  key: string,
  command: string,
  schema: z.ZodType<T>,
): Promise<T | undefined> {
  const url = downloadUrl(settings, key, Date.now(), command);
  const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT), redirect: 'error' });
  if (response.status >= 400 && response.status < 500) return undefined;
  if (response.status !== 200) throw new Error(`Kodo's ${command} answered ${response.status}.`);
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
