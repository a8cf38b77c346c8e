import { Transform, type TransformCallback } from 'node:stream';
import { KodoError } from '../kodo-error.js';

/** Decodes a stream of padded standard base64; fails with a {@link KodoError} 400 for anything else. */
export function decodeBase64(): Transform {
  let rest = '';
  let isOver = false;
  const invalid = (): KodoError => new KodoError(400, 'invalid argument');
  return new Transform({
    transform(chunk: Buffer, _encoding, done: TransformCallback) {
      const text = rest + chunk.toString('latin1').replace(/[\r\n]/g, '');
      if (!/^[A-Za-z0-9+/]*={0,2}$/.test(text) || (isOver && text !== '')) {
        done(invalid());
        return;
      }
      const whole = text.length - (text.length % 4);
      rest = text.slice(whole);
      isOver ||= text.endsWith('=') && rest === '';
      done(null, Buffer.from(text.slice(0, whole), 'base64'));
    },
    flush(done: TransformCallback) {
      done(rest === '' ? null : invalid());
    },
  });
}
