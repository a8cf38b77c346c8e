import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { parseJson, readText, type Answer, type Exchange } from './exchange.js';
import { readFault } from './faults.js';
import { readJobOrder } from './jobs/job-order.js';
import { KodoError } from './kodo-error.js';
import type { KodoObject, ObjectStore } from './store/object-store.js';

/** Path prefix of the local Kodo's own control API, for tests and the demo page; the real service has no such API. */
export const CONTROL_PREFIX = '/_kodo/';

/** Maximum size of a request body, in bytes. */
const MAX_BODY = 1024 * 1024;

/**
 * - `GET /_kodo/requests`: the request log
 * - `GET /_kodo/objects?bucket=`: the stored objects, each with the SHA-256 of its stored bytes
 * - `GET`, `POST`, `DELETE /_kodo/faults`: injected faults, see `faults.ts`; `POST` takes one fault or a list
 * - `GET /_kodo/jobs`: the persistent jobs; `POST` finishes a waiting job, see `jobs/job-order.ts`
 *
 * @throws {KodoError} 403 if a web page sent the request
 */
export async function control(exchange: Exchange): Promise<Answer> {
  const { req, sentPath, query, services, body } = exchange;
  if (isFromPage(req)) throw new KodoError(403, 'web pages may not control the local Kodo: call it from a program');
  const { faults, store, log, jobs } = services;
  switch (`${req.method ?? ''} ${sentPath.slice(CONTROL_PREFIX.length)}`) {
    case 'GET requests':
      return { status: 200, body: log.entries };
    case 'GET objects': {
      const described = store.list(query.get('bucket') ?? '').map((object) => describe(object, store));
      return { status: 200, body: await Promise.all(described) };
    }
    case 'GET faults':
      return { status: 200, body: faults.list() };
    case 'POST faults': {
      const given = parseJson(await readText(body, MAX_BODY));
      faults.add(...(Array.isArray(given) ? given : [given]).map((fault) => orRefuse(readFault, fault)));
      return { status: 200, body: {} };
    }
    case 'DELETE faults':
      faults.clear();
      return { status: 200, body: {} };
    case 'GET jobs':
      return { status: 200, body: jobs.list() };
    case 'POST jobs': {
      const order = orRefuse(readJobOrder, parseJson(await readText(body, MAX_BODY)));
      if (!(await jobs.end(order.id, order.state))) throw new KodoError(404, 'no job of this id is waiting');
      return { status: 200, body: {} };
    }
    default:
      throw new KodoError(404, 'no such control call');
  }
}

/**
 * Whether a request comes from this machine and addresses it by a local name. Checking the name blocks DNS
 * rebinding and proxies that are open to the internet.
 */
export function isLocal({ socket, headers }: IncomingMessage): boolean {
  const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  const name = (headers.host ?? '').replace(/:\d+$/, '');
  const isLoopback = (text: string): boolean => /^127(\.\d{1,3}){3}$/.test(text);
  return (isLoopback(address) || address === '::1') && (isLoopback(name) || ['localhost', '[::1]'].includes(name));
}

/**
 * Whether a browser sent the request on behalf of a page. Browsers send the page's `Origin` or a `Sec-Fetch-Site`
 * that names a page; an address typed by the user has neither.
 */
function isFromPage({ headers }: IncomingMessage): boolean {
  const site = headers['sec-fetch-site'];
  return headers.origin !== undefined || (site !== undefined && site !== 'none');
}

function orRefuse<T>(read: (value: unknown) => T, value: unknown): T {
  try {
    return read(value);
  } catch (error) {
    throw new KodoError(400, error instanceof Error ? error.message : String(error));
  }
}

async function describe(object: KodoObject, store: ObjectStore): Promise<Readonly<Record<string, unknown>>> {
  const hash = createHash('sha256');
  for await (const chunk of store.read(object)) hash.update(chunk as Buffer);
  const { key, hash: etag, fsize, mimeType } = object;
  return { key, hash: etag, fsize, mimeType, sha256: hash.digest('hex') };
}
