import qiniu from 'qiniu';
import type { UploadSettings } from './upload-settings.js';

/** What Kodo says of a stored object. */
export interface ObjectStat {
  readonly hash: string;
  /** Bytes. */
  readonly fsize: number;
  readonly mimeType: string;
}

/** Asks Kodo about one object of our bucket; `undefined` when it is not there. */
export type StatObject = (key: string) => Promise<ObjectStat | undefined>;

const NO_SUCH_OBJECT = 612;

/** Asks by the official SDK, which finds the bucket's own management host. */
export function statWithSdk({ accessKey, secretKey, bucket, managementOrigin }: UploadSettings): StatObject {
  const mac = new qiniu.auth.digest.Mac(accessKey, secretKey);
  const manager = new qiniu.rs.BucketManager(mac, sdkConfig(managementOrigin));
  return async (key) => {
    const { data, resp } = await manager.stat(bucket, key);
    if (resp.statusCode === NO_SUCH_OBJECT) return undefined;
    if (resp.statusCode !== 200) throw new Error(`Kodo's stat answered ${String(resp.statusCode)}.`);
    const { hash, fsize, mimeType } = data as ObjectStat;
    return { hash, fsize, mimeType };
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
