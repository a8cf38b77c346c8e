import { createHash } from 'node:crypto';
import { json } from 'node:stream/consumers';
import type { Answer, Exchange } from './exchange.js';
import type { Fault, Faults } from './faults.js';
import { KodoError } from './kodo-error.js';
import type { KodoRequest } from './request-log.js';

/** Where tests and the demo page reach the local Kodo's own side; nothing of it exists on the real one. */
export const CONTROL_PREFIX = '/_kodo/';

/**
 * - `GET /_kodo/requests`: the log
 * - `GET /_kodo/objects?bucket=`: the objects, each with the SHA-256 of its stored bytes
 * - `POST /_kodo/faults`, `DELETE /_kodo/faults`: faults on order, see `faults.ts`
 */
export async function control(exchange: Exchange, faults: Faults, log: readonly KodoRequest[]): Promise<Answer> {
  const { req, url, settings, body } = exchange;
  switch (`${req.method ?? ''} ${url.pathname.slice(CONTROL_PREFIX.length)}`) {
    case 'GET requests':
      return { status: 200, body: log };
    case 'GET objects': {
      const objects = settings.store.list(url.searchParams.get('bucket') ?? '');
      const answers = objects.map(async (object) => {
        const hash = createHash('sha256');
        for await (const chunk of settings.store.read(object)) hash.update(chunk as Buffer);
        const { key, hash: etag, fsize, mimeType } = object;
        return { key, hash: etag, fsize, mimeType, sha256: hash.digest('hex') };
      });
      return { status: 200, body: await Promise.all(answers) };
    }
    case 'POST faults': {
      const given: unknown = await json(body);
      faults.add(...((Array.isArray(given) ? given : [given]) as Fault[]));
      return { status: 200, body: {} };
    }
    case 'DELETE faults':
      faults.clear();
      return { status: 200, body: {} };
    default:
      throw new KodoError(404, 'no such control call');
  }
}
