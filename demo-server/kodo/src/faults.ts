import { z } from 'zod';
import { CALLBACK_FAULTS } from './callback/callback.js';
import { JOB_FAULTS } from './jobs/job-state.js';
import { REQUEST_KINDS, type KodoRequest, type RequestKind } from './request-log.js';

const count = z.number().int().min(0);

/** Schema of a fault. Unknown fields are rejected, because a misspelled fault would never fire. */
const FAULT = z.strictObject({
  kind: z.union([z.enum(REQUEST_KINDS), z.array(z.enum(REQUEST_KINDS)).nonempty()]).optional(),
  method: z.string().optional(),
  bucket: z.string().optional(),
  key: z.string().optional(),
  partNumber: z.number().int().min(1).optional(),
  skip: count.optional(),
  times: z.union([count, z.literal(Infinity)]).optional(),
  share: z.number().min(0).max(1).optional(),
  seed: z.number().int().optional(),
  delay: z
    .number()
    .min(0)
    .max(2 ** 31 - 1)
    .optional(),
  stall: z.boolean().optional(),
  stallAtByte: count.optional(),
  dropAtByte: count.optional(),
  bytesPerSecond: z.number().positive().optional(),
  status: z.number().int().min(200).max(999).optional(),
  body: z.string().optional(),
  headers: z.record(z.string().regex(/^[\w!#$%&'*+.^`|~-]+$/), z.string().regex(/^[\x20-\x7e]*$/)).optional(),
  loseReply: z.boolean().optional(),
  withoutCors: z.boolean().optional(),
  withoutReqid: z.boolean().optional(),
  wrongEtag: z.boolean().optional(),
  expireToken: z.enum(['once', 'for-good']).optional(),
  forgetUpload: z.boolean().optional(),
  callback: z.enum(CALLBACK_FAULTS).optional(),
  job: z.enum(JOB_FAULTS).optional(),
});

/** Selects the requests that a fault applies to; an absent field matches everything except preflights. */
export interface FaultMatch {
  readonly kind?: RequestKind | readonly RequestKind[] | undefined;
  readonly method?: string | undefined;
  readonly bucket?: string | undefined;
  readonly key?: string | undefined;
  readonly partNumber?: number | undefined;
  /** Number of matching requests to skip first. Default 0. */
  readonly skip?: number | undefined;
  /** Maximum number of requests to affect; `Infinity` (in JSON: 0) for all. Default 1, or all if `share` is set. */
  readonly times?: number | undefined;
  /** Fraction of the matching requests to affect, 0 to 1, chosen by `seed`. Default 1. */
  readonly share?: number | undefined;
  /** Seed that makes the choice of `share` reproducible. Default 1. */
  readonly seed?: number | undefined;
}

/** Effects on a matching request; several can be combined. */
export interface FaultEffect {
  /** Delay before the request is processed, in milliseconds. */
  readonly delay?: number | undefined;
  /** Reads the body but never responds. */
  readonly stall?: boolean | undefined;
  /** Stops reading after this many bytes of the body and never responds. */
  readonly stallAtByte?: number | undefined;
  /** Breaks the connection after this many bytes of the body; 0 breaks it immediately. */
  readonly dropAtByte?: number | undefined;
  /** Limits how fast the body is read, in bytes per second. */
  readonly bytesPerSecond?: number | undefined;
  /** Responds with this status, and Kodo's own text for it, instead of processing the request. */
  readonly status?: number | undefined;
  /** With `status`, the response body, JSON or not; without it, replaces the body of a normal response. */
  readonly body?: string | undefined;
  /** Additional response headers, e.g. `retry-after`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Processes the request, then breaks the connection instead of responding. */
  readonly loseReply?: boolean | undefined;
  /** Omits the `Access-Control-*` headers. */
  readonly withoutCors?: boolean | undefined;
  /** Omits `X-Reqid`. */
  readonly withoutReqid?: boolean | undefined;
  /** Responds to a part with another part's etag. */
  readonly wrongEtag?: boolean | undefined;
  /** Treats the request's token as expired: for this request only, or for every later request with the token. */
  readonly expireToken?: 'once' | 'for-good' | undefined;
  /** Discards the multipart upload first, so that its id is unknown from now on. */
  readonly forgetUpload?: boolean | undefined;
  /** Makes the upload's callback fail. */
  readonly callback?: (typeof CALLBACK_FAULTS)[number] | undefined;
  /** Outcome of the request's persistent job: `failed`, or `waiting` until `/_kodo/jobs` finishes it. */
  readonly job?: (typeof JOB_FAULTS)[number] | undefined;
}

export type Fault = FaultMatch & FaultEffect;

/** A registered fault, with its counters. */
export interface OrderedFault {
  readonly fault: Fault;
  /** Number of requests that matched. */
  readonly matched: number;
  /** Number of requests that were affected. */
  readonly met: number;
}

/** Registered faults, in the order in which they were added; every matching fault applies to a request. */
export class Faults {
  #ordered: { readonly fault: Fault; readonly random: () => number; matched: number; met: number }[] = [];
  readonly #expired = new Set<string>();

  /** @throws {TypeError} if a fault has an unknown field or an invalid value */
  add(...faults: readonly Fault[]): void {
    const read = faults.map((fault) => readFault(fault));
    this.#ordered.push(...read.map((fault) => ({ fault, random: seeded(fault.seed ?? 1), matched: 0, met: 0 })));
  }

  /** Removes all faults; tokens treated as expired are valid again. */
  clear(): void {
    this.#ordered = [];
    this.#expired.clear();
  }

  list(): readonly OrderedFault[] {
    return this.#ordered.map(({ fault, matched, met }) => ({ fault, matched, met }));
  }

  /** Returns the combined effect on this request, and counts it. */
  meet(request: KodoRequest): FaultEffect {
    let effect: FaultEffect = {};
    for (const entry of this.#ordered) {
      const { fault } = entry;
      if (!matches(fault, request)) continue;
      entry.matched += 1;
      const { skip = 0, share, times = share === undefined ? 1 : 0 } = fault;
      const isDue = entry.matched > skip && (times === 0 || entry.met < times);
      if (!isDue || (share !== undefined && entry.random() >= share)) continue;
      entry.met += 1;
      effect = { ...effect, ...fault };
    }
    return effect;
  }

  /** Whether a token is treated as expired, because of this request's effect or an earlier one. */
  isExpired(token: string, { expireToken }: FaultEffect): boolean {
    if (expireToken === 'for-good') this.#expired.add(token);
    return expireToken !== undefined || this.#expired.has(token);
  }
}

/** Validates a fault from JSON. @throws {TypeError} naming the invalid field */
export function readFault(value: unknown): Fault {
  const read = FAULT.safeParse(value);
  if (read.success) return read.data;
  const reasons = read.error.issues.map(({ path, message }) => [path.join('.'), message].filter(Boolean).join(': '));
  throw new TypeError(`no such fault: ${reasons.join('; ')}`);
}

function matches(fault: FaultMatch, request: KodoRequest): boolean {
  return (
    (fault.kind === undefined ? request.kind !== 'preflight' : [fault.kind].flat().includes(request.kind)) &&
    (fault.method === undefined || fault.method === request.method) &&
    (fault.bucket === undefined || fault.bucket === request.bucket) &&
    (fault.key === undefined || fault.key === request.key) &&
    (fault.partNumber === undefined || fault.partNumber === request.partNumber)
  );
}

/** Pseudorandom numbers from 0 to 1, determined by the seed (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
