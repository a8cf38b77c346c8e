import { Transform, type TransformCallback } from 'node:stream';
import type { FaultEffect } from '../faults.js';
import type { KodoRequest } from '../request-log.js';

/** Counts a body's bytes for the log; throttles or stops the body, or calls `drop` at a given byte. */
export function meterBody(entry: KodoRequest, effect: FaultEffect, drop: () => void): Transform {
  const { bytesPerSecond, dropAtByte = Infinity, stallAtByte = Infinity } = effect;
  let timer: NodeJS.Timeout | undefined;
  return new Transform({
    highWaterMark: 0, // there may be hundreds of bodies at once: do not buffer here
    transform(chunk: Buffer, _encoding, done: TransformCallback): void {
      entry.bytes += chunk.length;
      if (entry.bytes >= dropAtByte) drop();
      else if (entry.bytes >= stallAtByte)
        return; // stops reading
      else if (bytesPerSecond === undefined) done(null, chunk);
      else timer = setTimeout(() => done(null, chunk), (chunk.length / bytesPerSecond) * 1000);
    },
    destroy(error, done) {
      clearTimeout(timer);
      done(error);
    },
  });
}
