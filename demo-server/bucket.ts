import qiniu from 'qiniu';
import type { UploadSettings } from './upload-settings.js';

/** What Kodo says of a stored object. */
export interface ObjectStat {
  readonly hash: string;
  /** Bytes. */
  readonly fsize: number;
  readonly mimeType: string;
}

/** The management calls on our bucket that this server makes. */
export interface Bucket {
  /** Asks Kodo about an object; `undefined` when it is not there. */
  stat(key: string): Promise<ObjectStat | undefined>;
  /** Deletes an object; one that is not there is deleted already. */
  delete(key: string): Promise<void>;
}

const NO_SUCH_OBJECT = 612;

/** The bucket by the official SDK, which finds its management host. */
export function bucketOf({ accessKey, secretKey, bucket, managementOrigin }: UploadSettings): Bucket {
  const mac = new qiniu.auth.digest.Mac(accessKey, secretKey);
  const manager = new qiniu.rs.BucketManager(mac, sdkConfig(managementOrigin));
  return {
    async stat(key) {
      const { data, resp } = await manager.stat(bucket, key);
      if (resp.statusCode === NO_SUCH_OBJECT) return undefined;
      if (resp.statusCode !== 200) throw new Error(`Kodo's stat answered ${String(resp.statusCode)}.`);
      const { hash, fsize, mimeType } = data as ObjectStat;
      return { hash, fsize, mimeType };
    },
    async delete(key) {
      const { resp } = await manager.delete(bucket, key);
      if (resp.statusCode !== 200 && resp.statusCode !== NO_SUCH_OBJECT) {
        throw new Error(`Kodo's delete answered ${String(resp.statusCode)}.`);
      }
    },
  };
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
