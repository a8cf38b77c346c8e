import { createHash } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { parseJson, readText, type Answer, type Exchange } from './exchange.js';
import { readFault } from './faults.js';
import { KodoError } from './kodo-error.js';
import type { KodoObject, ObjectStore } from './store/object-store.js';

/** Where tests and the demo page reach the local Kodo's own side; nothing of it exists on the real one. */
export const CONTROL_PREFIX = '/_kodo/';

/** Most bytes of an order. */
const MAX_BODY = 1024 * 1024;

/**
 * - `GET /_kodo/requests`: the log
 * - `GET /_kodo/objects?bucket=`: the objects, each with the SHA-256 of its stored bytes
 * - `GET`, `POST`, `DELETE /_kodo/faults`: faults on order, see `faults.ts`; `POST` takes one or a list of them
 */
export async function control(exchange: Exchange): Promise<Answer> {
  const { req, path, query, services, body } = exchange;
  const { faults, store, log } = services;
  switch (`${req.method ?? ''} ${path.slice(CONTROL_PREFIX.length)}`) {
    case 'OPTIONS requests':
    case 'OPTIONS objects':
    case 'OPTIONS faults':
      return { status: 200, body: '' };
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
      faults.add(...(Array.isArray(given) ? given : [given]).map(readOrder));
      return { status: 200, body: {} };
    }
    case 'DELETE faults':
      faults.clear();
      return { status: 200, body: {} };
    default:
      throw new KodoError(404, 'no such control call');
  }
}

/**
 * Whether a request comes from this machine and by a name of it. The name keeps out pages whose host was made to
 * point here, and proxies that let the world in.
 */
export function isLocal({ socket, headers }: IncomingMessage): boolean {
  const address = (socket.remoteAddress ?? '').replace(/^::ffff:/, '');
  const name = (headers.host ?? '').replace(/:\d+$/, '');
  const isLoopback = (text: string): boolean => /^127(\.\d{1,3}){3}$/.test(text);
  return (isLoopback(address) || address === '::1') && (isLoopback(name) || ['localhost', '[::1]'].includes(name));
}

function readOrder(value: unknown): ReturnType<typeof readFault> {
  try {
    return readFault(value);
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
