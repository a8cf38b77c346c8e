/** https://developer.qiniu.com/kodo/4088/s3-access-domainname */
const S3_NAMES: Readonly<Record<string, string>> = {
  z0: 'cn-east-1',
  z1: 'cn-north-1',
  z2: 'cn-south-1',
  na0: 'us-north-1',
  as0: 'ap-southeast-1',
};

/** The region's name in S3: that of the table, or its own for newer regions. */
export function s3NameOf(region: string): string {
  return S3_NAMES[region] ?? region;
}

/** Whether a host has one of the service's own names, as it has where DNS leads these to the local Kodo. */
export function isServiceName(host: string): boolean {
  return /\.(qiniu|qiniuapi|qiniup|qiniuio|qiniucs)\.com$|\.qbox\.me$/i.test(host);
}
