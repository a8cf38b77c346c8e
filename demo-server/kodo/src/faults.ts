import { z } from 'zod';
import { CALLBACK_FAULTS } from './callback/callback.js';
import { JOB_FAULTS } from './jobs/job-state.js';
import { REQUEST_KINDS, type KodoRequest, type RequestKind } from './request-log.js';

const count = z.number().int().min(0);

/** What a fault may say. A field that does not exist is refused: a misspelt fault would never happen. */
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

/** Which requests a fault is for; what is absent matches everything but a preflight. */
export interface FaultMatch {
  readonly kind?: RequestKind | readonly RequestKind[] | undefined;
  readonly method?: string | undefined;
  readonly bucket?: string | undefined;
  readonly key?: string | undefined;
  readonly partNumber?: number | undefined;
  /** Skips so many matching requests first. Default 0. */
  readonly skip?: number | undefined;
  /** How many requests it meets; `Infinity` (in JSON: 0) for all. Default 1, with `share` all. */
  readonly times?: number | undefined;
  /** Meets this share of the matching requests, 0 to 1, chosen by `seed`. Default 1. */
  readonly share?: number | undefined;
  /** Makes the choice of `share` repeatable. Default 1. */
  readonly seed?: number | undefined;
}

/** What happens to a request that a fault meets; several things may happen to one. */
export interface FaultEffect {
  /** Milliseconds before the request is looked at. */
  readonly delay?: number | undefined;
  /** Never answers; the body is read. */
  readonly stall?: boolean | undefined;
  /** Stops reading once so many bytes of the body have come in, and never answers. */
  readonly stallAtByte?: number | undefined;
  /** Breaks the connection once so many bytes of the body have come in; 0 breaks it at once. */
  readonly dropAtByte?: number | undefined;
  /** Reads the body at so many bytes a second. */
  readonly bytesPerSecond?: number | undefined;
  /** Answers this status instead of doing the work, with Kodo's own text for it. */
  readonly status?: number | undefined;
  /** With `status`, the JSON text or other body; without it, replaces the body of the answer to work that was done. */
  readonly body?: string | undefined;
  /** Further headers of the answer, e.g. `retry-after`. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Does the work, then breaks the connection instead of answering. */
  readonly loseReply?: boolean | undefined;
  /** Leaves the `Access-Control-*` headers out. */
  readonly withoutCors?: boolean | undefined;
  /** Leaves `X-Reqid` out. */
  readonly withoutReqid?: boolean | undefined;
  /** Answers a part with another part's etag. */
  readonly wrongEtag?: boolean | undefined;
  /** Sees the request's token as expired: in this request alone, or from now on wherever this token comes. */
  readonly expireToken?: 'once' | 'for-good' | undefined;
  /** Forgets the multipart upload first, so that its id is unknown from now on. */
  readonly forgetUpload?: boolean | undefined;
  /** Lets the upload's callback fail. */
  readonly callback?: (typeof CALLBACK_FAULTS)[number] | undefined;
  /** How the request's persistent job ends: `failed`, or `waiting` until `/_kodo/jobs` ends it. */
  readonly job?: (typeof JOB_FAULTS)[number] | undefined;
}

export type Fault = FaultMatch & FaultEffect;

/** A fault on order, and what has come of it. */
export interface OrderedFault {
  readonly fault: Fault;
  /** Requests that matched. */
  readonly matched: number;
  /** Requests to which it happened. */
  readonly met: number;
}

/** Faults on order, in the order in which they were given; a request meets every fault that matches it. */
export class Faults {
  #ordered: { readonly fault: Fault; readonly random: () => number; matched: number; met: number }[] = [];
  readonly #expired = new Set<string>();

  /** @throws {TypeError} for a fault that cannot happen: a field or value that does not exist */
  add(...faults: readonly Fault[]): void {
    const read = faults.map((fault) => readFault(fault));
    this.#ordered.push(...read.map((fault) => ({ fault, random: seeded(fault.seed ?? 1), matched: 0, met: 0 })));
  }

  /** Takes all orders back; tokens that were seen as expired are good again. */
  clear(): void {
    this.#ordered = [];
    this.#expired.clear();
  }

  list(): readonly OrderedFault[] {
    return this.#ordered.map(({ fault, matched, met }) => ({ fault, matched, met }));
  }

  /** What shall happen to this request; each call counts as one meeting. */
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

  /** Whether a token counts as expired, by this request's effect or by an earlier one's. */
  isExpired(token: string, { expireToken }: FaultEffect): boolean {
    if (expireToken === 'for-good') this.#expired.add(token);
    return expireToken !== undefined || this.#expired.has(token);
  }
}

/** Reads what was sent as a fault. @throws {TypeError} naming the field that is wrong */
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

/** Numbers from 0 to 1 that the seed decides (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
