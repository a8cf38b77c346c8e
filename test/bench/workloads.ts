const KIB = 1024;
const MIB = 1024 * KIB;

export interface Workload {
  readonly name: string;
  readonly count: number;
  /** Bytes of each file. */
  readonly size: number;
  /** `slow`: 100 Mbit/s, 40 ms round trip; `fast`: 300 Mbit/s, 20 ms round trip. */
  readonly link: 'loopback' | 'slow' | 'fast';
  /** In order of execution; the first one is the baseline. */
  readonly contenders: readonly string[];
  /** Every n-th request that carries file data gets a 503 response. Default: none. */
  readonly failEvery?: number;
  /** Whether to upload a small file first. Default: true. */
  readonly warmUp?: boolean;
}

const ALL = ['raw XHR', 'raw parts', 'qiniu-js', 'Uppy S3', 'qiniu-uploader'];
const LISTED = ['raw XHR', 'qiniu-js', 'Uppy S3', 'qiniu-uploader'];
const PARTS = ['raw parts', 'qiniu-js', 'Uppy S3', 'qiniu-uploader', 'qiniu-uploader, unverified'];

export const WORKLOADS: readonly Workload[] = [
  { name: '512 MiB, loopback', count: 1, size: 512 * MIB, link: 'loopback', contenders: [...PARTS, 'raw XHR'] },
  { name: '64 MiB, loopback', count: 1, size: 64 * MIB, link: 'loopback', contenders: [...PARTS, 'raw XHR'] },
  { name: '200 × 64 KiB, loopback', count: 200, size: 64 * KIB, link: 'loopback', contenders: LISTED },
  { name: '1,000 × 1 KiB, loopback', count: 1000, size: KIB, link: 'loopback', contenders: LISTED },
  { name: '200 × 16 KiB, 100 Mbit/s', count: 200, size: 16 * KIB, link: 'slow', contenders: LISTED },
  ...[8, 16, 32, 128].map((size) => ({
    name: `${size} MiB, 100 Mbit/s`,
    count: 1,
    size: size * MIB,
    link: 'slow' as const,
    contenders: ALL,
  })),
  { name: '128 MiB, 300 Mbit/s', count: 1, size: 128 * MIB, link: 'fast', contenders: ALL },
  {
    name: '128 MiB, 300 Mbit/s, 20 % of 503',
    count: 1,
    size: 128 * MIB,
    link: 'fast',
    contenders: ['qiniu-uploader', 'qiniu-js', 'Uppy S3'],
    failEvery: 5,
  },
];
