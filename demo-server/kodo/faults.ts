import { Transform, type TransformCallback } from 'node:stream';
import type { KodoRequest, RequestKind } from './request-log.js';

/** Which requests a fault is for; what is absent matches everything. */
export interface FaultMatch {
  readonly kind?: RequestKind;
  readonly method?: string;
  readonly key?: string;
  readonly partNumber?: number;
  /** Skips so many matching requests first. Default 0. */
  readonly skip?: number;
  /** How many requests it meets; `Infinity` (in JSON: 0) for all. Default 1. */
  readonly times?: number;
}

/** What happens to a request that a fault meets; several things may happen to one. */
export interface FaultEffect {
  /** Milliseconds before the request is looked at. */
  readonly delay?: number;
  /** Never answers; the body is read. */
  readonly stall?: boolean;
  /** Answers this status instead of doing the work. */
  readonly status?: number;
  /** With `status`, the JSON text or other body; without it, replaces the body of the answer to work that was done. */
  readonly body?: string;
  /** Further headers of the answer, e.g. `retry-after`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Breaks the connection once so many bytes of the body have come in. */
  readonly dropAtByte?: number;
  /** Does the work, then breaks the connection instead of answering. */
  readonly loseReply?: boolean;
  /** Reads the body at so many bytes a second. */
  readonly bytesPerSecond?: number;
  /** Leaves the `Access-Control-*` headers out. */
  readonly withoutCors?: boolean;
  /** Leaves `X-Reqid` out. */
  readonly withoutReqid?: boolean;
  /** Answers a part with another part's etag. */
  readonly wrongEtag?: boolean;
}

export type Fault = FaultMatch & FaultEffect;

/** Faults on order, in the order in which they were given; a request meets every fault that matches it. */
export class Faults {
  #pending: { readonly fault: Fault; seen: number }[] = [];

  add(...faults: readonly Fault[]): void {
    this.#pending.push(...faults.map((fault) => ({ fault, seen: 0 })));
  }

  clear(): void {
    this.#pending = [];
  }

  /** What shall happen to this request; each call counts as one meeting. */
  meet(request: KodoRequest): FaultEffect {
    let effect: FaultEffect = {};
    for (const entry of this.#pending) {
      const { fault } = entry;
      if (!matches(fault, request)) continue;
      entry.seen += 1;
      const { skip = 0 } = fault;
      const times = fault.times === 0 ? Infinity : (fault.times ?? 1);
      if (entry.seen > skip && entry.seen <= skip + times) effect = { ...effect, ...fault };
    }
    return effect;
  }
}

function matches(fault: FaultMatch, request: KodoRequest): boolean {
  return (
    (fault.kind === undefined ? request.kind !== 'preflight' : fault.kind === request.kind) &&
    (fault.method === undefined || fault.method === request.method) &&
    (fault.key === undefined || fault.key === request.key) &&
    (fault.partNumber === undefined || fault.partNumber === request.partNumber)
  );
}

/** Counts a body's bytes into the log, and slows it or reports the byte at which it shall break. */
export function meterBody(entry: KodoRequest, effect: FaultEffect, drop: () => void): Transform {
  const { bytesPerSecond, dropAtByte } = effect;
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback): void {
      entry.bytes += chunk.length;
      if (dropAtByte !== undefined && entry.bytes >= dropAtByte) {
        drop();
        return;
      }
      if (bytesPerSecond === undefined) done(null, chunk);
      else setTimeout(() => done(null, chunk), (chunk.length / bytesPerSecond) * 1000);
    },
  });
}
