import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { startKodo, type Kodo } from '../../demo-server/kodo/src/start-kodo.js';
import { bytes } from '../support/test-data.js';
import { BOUNDARY, encodeForm, KodoClient, MIB, openRequest, type FormPart } from './kodo-client.js';

let kodo: Kodo;
let client: KodoClient;
before(async () => {
  kodo = await startKodo();
  client = new KodoClient(kodo);
});
after(() => kodo.close());

const HEADERS = ['origin', 'expose-headers', 'methods', 'headers', 'max-age'].map((name) =>
  name === 'expose-headers' || name === 'max-age' ? `access-control-${name}` : `access-control-allow-${name}`,
);
const corsOf = (headers: Headers): (string | null)[] => HEADERS.map((name) => headers.get(name));

describe('the headers for other origins', () => {
  const parts = (): readonly FormPart[] => [
    { name: 'token', value: client.token() },
    { name: 'file', value: bytes(5), filename: 'a' },
  ];

  test('are there where a page asks, on refusals too, and let it read the request’s id', async () => {
    const exposed = ['*', 'X-Log, X-Reqid', null, null, null];
    assert.deepEqual(corsOf((await client.postParts(parts(), { origin: 'http://page' })).headers), exposed);
    assert.deepEqual(corsOf((await client.postParts([], { origin: 'http://page' })).headers), exposed);
  });

  test('are not there where nobody asks', async () => {
    const { headers } = await client.postParts(parts());
    assert.deepEqual(corsOf(headers), [null, null, null, null, null]);
    assert.equal(headers.get('vary'), 'Origin');
    const preflight = await fetch(`${kodo.origin}/`, { method: 'OPTIONS' });
    assert.deepEqual(corsOf(preflight.headers), [null, null, null, null, null]);
  });

  test('of a preflight hold for thirty days, with or without headers that are asked for', async () => {
    const ask = async (headers: Record<string, string>): Promise<(string | null)[]> =>
      corsOf(
        (await fetch(`${kodo.origin}/`, { method: 'OPTIONS', headers: { origin: 'http://page', ...headers } })).headers,
      );
    const methods = 'OPTIONS, HEAD, GET, POST, PUT, DELETE';
    const usual = 'Authorization, Content-Type, Content-MD5';
    assert.deepEqual(await ask({}), ['*', 'X-Log, X-Reqid', methods, usual, '2592000']);
    assert.equal((await ask({ 'access-control-request-headers': 'x-own' }))[3], 'x-own');
  });
});

test('a large body that is refused is taken to its end, so that the answer arrives', async () => {
  const body = encodeForm([
    { name: 'other', value: bytes(10), filename: 'o' },
    { name: 'x', value: 'a'.repeat(11 * MIB) },
    { name: 'file', value: bytes(8 * MIB), filename: 'a' },
  ]);
  const type = `multipart/form-data; boundary=${BOUNDARY}`;
  const sent = openRequest(kodo.origin, 'POST', '/', { 'content-type': type, 'content-length': body.length });
  sent.end(body);
  const { status } = await sent.response;
  assert.deepEqual([status, kodo.requests.at(-1)?.bytes], [400, body.length]);
});
