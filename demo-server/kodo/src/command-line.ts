import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readFault, type Fault } from './faults.js';
import type { KodoBucket } from './store/bucket-store.js';
import type { KodoOptions } from './start-kodo.js';
import { UsageError } from './usage-error.js';

export const HELP = `A local implementation of Qiniu Kodo.

  kodo-local [options]             start the server
  kodo-local judge URL [options]   test a callback route; see "kodo-local judge --help"

  --port N                 port (default 9000); 0 for any free port
  --host H                 address to listen on (default 127.0.0.1)
  --bucket NAME            a bucket; can be repeated (default demo). NAME@z2 sets its region,
                           NAME,private requires a token for downloads, and NAME,accelerated adds
                           an acceleration host on the next port after the regions
  --domain HOST=NAME       a download domain of a bucket; can be repeated
  --region ID              a region with its own port, counting up from --port; can be repeated
  --access-key K           access key (default: random, saved in the folder and printed)
  --secret-key K           secret key (default: random, saved in the folder and printed)
  --folder F               folder for objects, keys and unfinished uploads (default: a temporary folder)
  --callback-scheme S      signature scheme of callbacks: QBox or Qiniu (default QBox)
  --callback-hosts HOST    a host to which callbacks, notifications and fetches are allowed, besides
                           this machine; can be repeated. *.example.com and * are supported
  --callback-timeout MS    callback timeout (default 10000)
  --callback-tries N       maximum number of attempts for each callback URL (default 1)
  --job-time MS            delay before a persistent job runs (default 1000)
  --restore-time MS        how long restoring an archived object takes (default 60000)
  --faults FILE            faults to inject from the start: JSON, one fault or a list
  --control                serve /_kodo/requests, objects, faults and jobs to programs on this machine
  --log                    log each request on arrival
  --help                   show this help`;

export interface CommandLine {
  readonly help: boolean;
  readonly log: boolean;
  readonly options: KodoOptions;
}

/** @throws {UsageError} */
export function readCommandLine(args: readonly string[]): CommandLine {
  const values = parse(args);
  const scheme = values['callback-scheme'];
  if (scheme !== 'QBox' && scheme !== 'Qiniu') throw new UsageError('--callback-scheme must be QBox or Qiniu.');
  const { 'access-key': accessKey, 'secret-key': secretKey, folder } = values;
  return {
    help: values.help,
    log: values.log,
    options: {
      port: readNumber('--port', values.port, 65_535),
      host: values.host,
      buckets: withDomains(values.bucket.map(readBucket), values.domain.map(readDomain)),
      regions: values.region,
      ...(accessKey === undefined ? {} : { accessKey }),
      ...(secretKey === undefined ? {} : { secretKey }),
      ...(folder === undefined ? {} : { folder }),
      callbackScheme: scheme,
      callbackTimeout: readNumber('--callback-timeout', values['callback-timeout'], 2 ** 31 - 1),
      callbackTries: readNumber('--callback-tries', values['callback-tries'], 100, 1),
      callbackHosts: values['callback-hosts'],
      jobTime: readNumber('--job-time', values['job-time'], 2 ** 31 - 1),
      restoreTime: readNumber('--restore-time', values['restore-time'], Number.MAX_SAFE_INTEGER),
      faults: values.faults === undefined ? [] : readFaults(values.faults),
      control: values.control,
    },
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        port: { type: 'string', default: '9000' },
        host: { type: 'string', default: '127.0.0.1' },
        bucket: { type: 'string', multiple: true, default: ['demo'] },
        domain: { type: 'string', multiple: true, default: [] },
        region: { type: 'string', multiple: true, default: [] },
        'access-key': { type: 'string' },
        'secret-key': { type: 'string' },
        folder: { type: 'string' },
        'callback-scheme': { type: 'string', default: 'QBox' },
        'callback-hosts': { type: 'string', multiple: true, default: [] },
        'callback-timeout': { type: 'string', default: '10000' },
        'callback-tries': { type: 'string', default: '1' },
        'job-time': { type: 'string', default: '1000' },
        'restore-time': { type: 'string', default: '60000' },
        faults: { type: 'string' },
        control: { type: 'boolean', default: false },
        log: { type: 'boolean', default: false },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    throw new UsageError(messageOf(error));
  }
}

function readNumber(name: string, text: string, max: number, min = 0): number {
  const isNumber = /^\d+$/.test(text) && Number(text) >= min && Number(text) <= max;
  if (!isNumber) throw new UsageError(`${name} must be a number from ${min} to ${max}.`);
  return Number(text);
}

/** Parses `name`, then `@region`, `,private` and `,accelerated`, in this order. */
function readBucket(text: string): KodoBucket {
  const match = /^([\w.-]+)(?:@([\w-]+))?(,private)?(,accelerated)?$/.exec(text);
  const [, name, region, isPrivate, isAccelerated] = match ?? [];
  if (name === undefined) {
    throw new UsageError(`--bucket ${text}: expected NAME, NAME@REGION, NAME,private or NAME,accelerated.`);
  }
  return {
    name,
    ...(region === undefined ? {} : { region }),
    private: isPrivate !== undefined,
    accelerated: isAccelerated !== undefined,
  };
}

function readDomain(text: string): { readonly host: string; readonly bucket: string } {
  const [, host, bucket] = /^([\w.-]+(?::\d+)?)=([\w.-]+)$/.exec(text) ?? [];
  if (host === undefined || bucket === undefined) throw new UsageError(`--domain ${text}: expected HOST=BUCKET.`);
  return { host, bucket };
}

function withDomains(
  buckets: readonly KodoBucket[],
  domains: readonly { readonly host: string; readonly bucket: string }[],
): KodoBucket[] {
  const stray = domains.find(({ bucket }) => !buckets.some(({ name }) => name === bucket));
  if (stray !== undefined) throw new UsageError(`--domain ${stray.host}=${stray.bucket}: no --bucket has this name.`);
  return buckets.map((bucket) => {
    const own = domains.filter((domain) => domain.bucket === bucket.name).map(({ host }) => host);
    return own.length === 0 ? bucket : { ...bucket, domains: own };
  });
}

function readFaults(file: string): Fault[] {
  try {
    const value: unknown = JSON.parse(readFileSync(file, 'utf8'));
    return (Array.isArray(value) ? value : [value]).map(readFault);
  } catch (error) {
    throw new UsageError(`--faults ${file}: ${messageOf(error)}`);
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
