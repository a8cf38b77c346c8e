/** https://developer.qiniu.com/kodo/4088/s3-access-domainname */
const S3_NAMES: Readonly<Record<string, string>> = {
  z0: 'cn-east-1',
  z1: 'cn-north-1',
  z2: 'cn-south-1',
  na0: 'us-north-1',
  as0: 'ap-southeast-1',
};

/** The region's S3 name: from the table, or the region id for newer regions. */
export function s3NameOf(region: string): string {
  return S3_NAMES[region] ?? region;
}

/** Whether a host is one of the service's own names, as used when DNS points them to the local Kodo. */
export function isServiceName(host: string): boolean {
  return /\.(qiniu|qiniuapi|qiniup|qiniuio|qiniucs)\.com$|\.qbox\.me$/i.test(host);
}
