import { Transform, type TransformCallback } from 'node:stream';
import type { FaultEffect } from '../faults.js';
import type { KodoRequest } from '../request-log.js';

/** Counts a body's bytes into the log, and slows it, stops it or reports the byte at which it shall break. */
export function meterBody(entry: KodoRequest, effect: FaultEffect, drop: () => void): Transform {
  const { bytesPerSecond, dropAtByte = Infinity, stallAtByte = Infinity } = effect;
  let timer: NodeJS.Timeout | undefined;
  return new Transform({
    highWaterMark: 0, // hundreds of bodies at once: none is held back here
    transform(chunk: Buffer, _encoding, done: TransformCallback): void {
      entry.bytes += chunk.length;
      if (entry.bytes >= dropAtByte) drop();
      else if (entry.bytes >= stallAtByte)
        return; // never asks for more
      else if (bytesPerSecond === undefined) done(null, chunk);
      else timer = setTimeout(() => done(null, chunk), (chunk.length / bytesPerSecond) * 1000);
    },
    destroy(error, done) {
      clearTimeout(timer);
      done(error);
    },
  });
}
