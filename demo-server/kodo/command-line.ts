import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { readFault, type Fault } from './faults.js';
import type { KodoBucket } from './store/object-store.js';
import type { KodoOptions } from './start-kodo.js';

export const HELP = `A local double of Qiniu Kodo's upload service.

  --port N                 port (default 9000); 0 takes any free one
  --host H                 address to listen on (default 127.0.0.1)
  --bucket NAME            a bucket; may be repeated (default demo). NAME@z2 puts it into a region,
                           NAME,private makes its downloads need a token
  --region ID              a region with a port of its own, from --port on; may be repeated
  --access-key K           access key (default local-access-key)
  --secret-key K           secret key (default local-secret-key)
  --folder F               where objects and begun uploads are kept (default: a temporary folder)
  --callback-scheme S      QBox or Qiniu: how callbacks are signed (default QBox)
  --callback-timeout MS    when a silent callback is given up (default 10000)
  --callback-tries N       how often each callback URL is called until one answers (default 1)
  --faults FILE            faults on order from the start: JSON, one or a list
  --control                answer /_kodo/requests, /_kodo/objects and /_kodo/faults, on loopback alone
  --log                    print each request as it arrives
  --help                   this text`;

/** A command line that cannot be followed; the message says which part. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

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
      buckets: values.bucket.map(readBucket),
      regions: values.region,
      ...(accessKey === undefined ? {} : { accessKey }),
      ...(secretKey === undefined ? {} : { secretKey }),
      ...(folder === undefined ? {} : { folder }),
      callbackScheme: scheme,
      callbackTimeout: readNumber('--callback-timeout', values['callback-timeout'], 2 ** 31 - 1),
      callbackTries: readNumber('--callback-tries', values['callback-tries'], 100, 1),
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
        region: { type: 'string', multiple: true, default: [] },
        'access-key': { type: 'string' },
        'secret-key': { type: 'string' },
        folder: { type: 'string' },
        'callback-scheme': { type: 'string', default: 'QBox' },
        'callback-timeout': { type: 'string', default: '10000' },
        'callback-tries': { type: 'string', default: '1' },
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

/** Reads `name`, `name@region`, `name,private` or `name@region,private`. */
function readBucket(text: string): KodoBucket {
  const match = /^([\w.-]+)(?:@([\w-]+))?(,private)?$/.exec(text);
  const [, name, region, isPrivate] = match ?? [];
  if (name === undefined) throw new UsageError(`--bucket ${text} is no name, name@region or name,private.`);
  return { name, ...(region === undefined ? {} : { region }), private: isPrivate !== undefined };
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
