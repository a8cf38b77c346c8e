import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { after, before, describe, test } from 'node:test';
import { signUploadToken } from '../../demo-server/kodo/src/policy/upload-token.js';
import { startKodo, type Kodo } from '../../demo-server/kodo/src/start-kodo.js';
import { EtagHash, etagOfParts } from '../../demo-server/kodo/src/store/etag.js';
import { bytes } from '../support/test-data.js';
import { inAnHour, MIB, until } from './kodo-client.js';
import { sendRaw, type RawReply, type RawRequest } from './raw-http.js';
import { base64, dateNow, formCall, managementCall, SDKS, uploadCall } from './sdk-requests.js';

let kodo: Kodo;
const web = createServer((_req, res) => void res.writeHead(200, { 'content-type': 'image/png' }).end('fetched'));
let source: string;
before(async () => {
  kodo = await startKodo({ jobTime: 0 });
  await new Promise<void>((resolve) => web.listen(0, '127.0.0.1', resolve));
  source = `http://127.0.0.1:${(web.address() as AddressInfo).port}/picture.png`;
});
after(async () => {
  await kodo.close();
  web.close();
});

const send = (request: RawRequest): Promise<RawReply> => sendRaw(kodo.origin, request);
const token = (policy: object): string => signUploadToken(kodo, { deadline: inAnHour(), ...policy });
const hashOf = (data: Buffer): string => new EtagHash().update(data).digest();
const stored = async (key: string): Promise<Buffer> => {
  const object = kodo.object('demo', key);
  assert.ok(object, `${key} is stored`);
  return buffer(kodo.read(object));
};

for (const sdk of SDKS) {
  const slug = sdk.name.replace(/\W/g, '-').toLowerCase();
  const put = async (key: string, data = bytes(20)): Promise<void> => {
    const reply = await send(formCall(sdk, kodo, { token: token({ scope: `demo:${key}` }), key, data }));
    assert.equal(reply.status, 200, reply.text);
  };
  const manage = (method: string, path: string, body?: string): Promise<RawReply> =>
    send(managementCall(sdk, kodo, { method, path, ...(body === undefined ? {} : { body }) }));

  describe(`what the ${sdk.name} SDK sends`, () => {
    test(`uploads by form, ${sdk.newline === '\n' ? 'with bare line feeds ' : ''}(K5)`, async () => {
      const data = Buffer.concat([bytes(3000), Buffer.from('\r\n--\n--------------------------b93')]);
      await put(`${slug}/form`, data);
      assert.deepEqual(await stored(`${slug}/form`), data);
    });

    test(`uploads in parts, version 1, framed by ${sdk.framing} (K7)`, async () => {
      const key = `${slug}/v1`;
      const data = bytes(5 * MIB);
      const uploadToken = token({ scope: `demo:${key}` });
      const contexts: string[] = [];
      for (const block of [data.subarray(0, 4 * MIB), data.subarray(4 * MIB)]) {
        const type = 'application/octet-stream';
        const call = { method: 'POST', path: `/mkblk/${block.length}`, token: uploadToken, body: block, type };
        const { status, body, text } = await send(uploadCall(sdk, kodo, call));
        assert.equal(status, 200, text);
        contexts.push(String(body['ctx']));
      }
      const path = `/mkfile/${data.length}/mimeType/${base64('text/plain')}/key/${base64(key)}/fname/${base64('f.bin')}`;
      const body = contexts.join(',');
      const call = { method: 'POST', path, token: uploadToken, body, type: sdk.contexts, framing: 'length' as const };
      const reply = await send(uploadCall(sdk, kodo, call));
      assert.deepEqual([reply.status, reply.body['hash']], [200, hashOf(data)], reply.text);
    });

    test('uploads in parts, version 2, and keeps metadata (K4)', async () => {
      const key = `${slug}/v2`;
      const uploadToken = token({ scope: `demo:${key}` });
      const path = `/buckets/demo/objects/${base64(key)}/uploads`;
      const begun = await send(uploadCall(sdk, kodo, { method: 'POST', path, token: uploadToken }));
      assert.equal(begun.status, 200, begun.text);
      const id = String(begun.body['uploadId']);
      const parts: { etag: string; partNumber: number; size: number }[] = [];
      for (const [index, data] of [bytes(MIB, 1), bytes(10, 2)].entries()) {
        const call = { method: 'PUT', path: `${path}/${id}/${index + 1}`, token: uploadToken, body: data, md5: true };
        const part = await send(uploadCall(sdk, kodo, { ...call, type: 'application/octet-stream' }));
        assert.deepEqual([part.status, part.body['etag']], [200, hashOf(data)], part.text);
        parts.push({ etag: String(part.body['etag']), partNumber: index + 1, size: data.length });
      }
      const body = sdk.complete(parts.map(({ etag, partNumber }) => ({ etag, partNumber })));
      const type = sdk.completeType ?? 'application/json';
      const call = { method: 'POST', path: `${path}/${id}`, token: uploadToken, body, type };
      const done = await send(uploadCall(sdk, kodo, call));
      assert.deepEqual([done.status, done.body['hash']], [200, etagOfParts(parts)], done.text);
      const facts = await manage(sdk.stat, `/stat/${base64(`demo:${key}`)}?needparts=true`);
      assert.deepEqual(facts.body['parts'], [MIB, 10]);
      assert.deepEqual(facts.body['x-qn-meta'], { m1: 'v1' });
    });

    test(`asks for the region by ${sdk.query.method} ${sdk.query.path} (K1)`, async () => {
      const host = new URL(kodo.origin).host;
      const path = `${sdk.query.path}?ak=${kodo.accessKey}&bucket=demo`;
      const reply = await manage(sdk.query.method, path);
      assert.equal(reply.status, 200, reply.text);
      assert.ok(reply.text.includes(`"${host}"`));
      assert.equal((await manage(sdk.query.method, path.replace('demo', 'none'))).status, 631);
    });

    test(`asks for an object by ${sdk.stat} (K10)`, async () => {
      await put(`${slug}/stat`, bytes(20));
      const { status, body, headers } = await manage(sdk.stat, `/stat/${base64(`demo:${slug}/stat`)}`);
      assert.deepEqual([status, body['fsize'], body['hash']], [200, 20, hashOf(bytes(20))]);
      assert.match(String(body['md5']), /^[\da-f]{32}$/);
      assert.ok(headers.some((line) => line.startsWith('X-Reqid: ')));
      assert.ok(
        headers.every((line) => /^(ETag|[A-Z][a-z\d]*(-[A-Z][a-z\d]*)*): /.test(line)),
        headers.join('\n'),
      );
      assert.equal((await manage(sdk.stat, `/stat/${base64('demo:nothing')}`)).status, 612);
    });

    test('is refused with a date that is long past (K8)', async () => {
      await put(`${slug}/old`);
      const path = `/stat/${base64(`demo:${slug}/old`)}`;
      const at = (date: string) => send(managementCall(sdk, kodo, { method: sdk.stat, path, date }));
      assert.equal((await at('19700101T000000Z')).status, 403);
      assert.equal((await at(dateNow())).status, 200);
    });

    test('lists a bucket', async () => {
      await put(`a-${slug}`);
      const { status, body } = await manage(sdk.list.method, sdk.list.path);
      assert.equal(status, 200);
      assert.ok(Array.isArray(body['items']) && body['items'].length > 0);
    });

    test('copies, and does several things at once', async () => {
      await put(`${slug}/from`);
      const [from, to] = [base64(`demo:${slug}/from`), base64(`demo:${slug}/to`)];
      assert.equal((await manage('POST', `/copy/${from}/${to}`)).status, 200);
      const operations = [`/copy/${from}/${to}/force/true`, `/copy/${from}/${to}`, `/stat/${to}`, `/delete/${to}`];
      const { status, text } = await manage('POST', '/batch', operations.map(sdk.operation).join('&'));
      const codes = (JSON.parse(text) as { code: number }[]).map(({ code }) => code);
      assert.deepEqual([status, codes], [298, [200, 614, 200, 200]]);
    });

    test('has work done on an object and asks how it stands (K2)', async () => {
      const key = `${slug}/job`;
      await put(key);
      const form = new URLSearchParams({ bucket: 'demo', key, fops: 'avthumb/mp4', force: '1', type: '1' }).toString();
      const { status, body } = await manage('POST', sdk.pfop, form);
      assert.equal(status, 200);
      const id = String(body['persistentId']);
      const ask = async (): Promise<RawReply> =>
        sdk.status.method === 'GET'
          ? manage('GET', `/status/get/prefop?id=${id}`)
          : manage('POST', '/status/get/prefop', `id=${id}`);
      const job = (await ask()).body;
      assert.deepEqual([job['id'], job['inputKey'], job['type'], job['pipeline']], [id, key, 1, '0.default']);
      assert.ok(!Number.isNaN(Date.parse(String(job['creationDate']))));
      await until(async () => (await ask()).body['code'] === 0);
    });

    test('has an address fetched', async () => {
      const key = `${slug}/fetched`;
      const { status, body } = await manage('POST', `/fetch/${base64(source)}/to/${base64(`demo:${key}`)}`);
      const facts = { fsize: 7, hash: hashOf(Buffer.from('fetched')), key, mimeType: 'image/png' };
      assert.deepEqual([status, body], [200, facts]);
      assert.equal((await stored(key)).toString(), 'fetched');
    });
  });
}

describe('what one SDK alone sends', () => {
  const [ruby, java] = ['Ruby', 'Java'].map((name) => SDKS.find((sdk) => sdk.name.startsWith(name)));
  assert.ok(ruby !== undefined && java !== undefined);

  test('Ruby: a file of blocks by /rs-mkfile (K6)', async () => {
    const uploadToken = token({ scope: 'demo:rs' });
    const block = uploadCall(ruby, kodo, { method: 'POST', path: '/mkblk/10', token: uploadToken, body: bytes(10) });
    const { body } = await send(block);
    const path = `/rs-mkfile/${base64('demo:rs')}/fsize/10/mimeType/${base64('text/x-ruby')}/customer/me/params/${base64('a=1')}`;
    const call = { method: 'POST', path, token: uploadToken, body: String(body['ctx']), type: 'text/plain' };
    const reply = await send(uploadCall(ruby, kodo, call));
    assert.deepEqual([reply.status, reply.body], [200, { hash: hashOf(bytes(10)), key: 'rs' }]);
    assert.equal(kodo.object('demo', 'rs')?.mimeType, 'text/x-ruby');
  });

  test('Ruby: a form to /upload (K6)', async () => {
    const boundary = '----RubyFormBoundaryClIWnN5vUXXC8vFA';
    const action = `/rs-put/${base64('demo:legacy')}/mimeType/${base64('text/x-ruby')}/crc32/907060870`;
    const field = (name: string, value: string): string =>
      `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`;
    const body =
      field('params', 'bucket=demo&key=legacy&mime_type=') +
      field('action', action) +
      `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="a.rb"\r\nContent-Type: application/x-ruby\r\n\r\nhello\r\n` +
      field('multipart', 'true') +
      field('auth', token({ scope: 'demo:legacy' })) +
      `--${boundary}--\r\n`;
    const type = `multipart/form-data; boundary=${boundary}`;
    const reply = await send({ ...uploadCall(ruby, kodo, { method: 'POST', path: '/upload', token: '', body, type }) });
    assert.deepEqual([reply.status, reply.body], [200, { hash: 'Fqr0xh3cxeii2r7eDztILNmuqUNN', key: 'legacy' }]);
    const wrong = { method: 'POST', path: '/upload', token: '', body: body.replace('907060870', '1'), type };
    assert.equal((await send(uploadCall(ruby, kodo, wrong))).status, 406);
  });

  test('Java: an empty block at the end of whole ones (K9)', async () => {
    const uploadToken = token({ scope: 'demo:whole' });
    const data = bytes(4 * MIB);
    const contexts: string[] = [];
    for (const block of [data, Buffer.alloc(0)]) {
      const call = { method: 'POST', path: `/mkblk/${block.length}`, token: uploadToken, body: block };
      const { status, body, text } = await send(uploadCall(java, kodo, call));
      assert.equal(status, 200, text);
      contexts.push(String(body['ctx']));
    }
    const path = `/mkfile/${data.length}/key/${base64('whole')}`;
    const call = { method: 'POST', path, token: uploadToken, body: contexts.join(',') };
    assert.deepEqual((await send(uploadCall(java, kodo, call))).body, { hash: hashOf(data), key: 'whole' });
    assert.deepEqual(await stored('whole'), data);
  });

  test('Java: metadata in headers of the complete call, with a name that becomes a header (K4)', async () => {
    const uploadToken = token({ scope: 'demo:headers' });
    const path = `/buckets/demo/objects/${base64('headers')}/uploads`;
    const { body } = await send(uploadCall(java, kodo, { method: 'POST', path, token: uploadToken }));
    const id = String(body['uploadId']);
    const put = { method: 'PUT', path: `${path}/${id}/1`, token: uploadToken, body: bytes(5) };
    const part = await send(uploadCall(java, kodo, put));
    const parts = [{ partNumber: 1, etag: part.body['etag'] }];
    const call = { method: 'POST', path: `${path}/${id}`, token: uploadToken, body: JSON.stringify({ parts }) };
    const request = uploadCall(java, kodo, call);
    const more = ['X-Qn-Meta-liubin: sb', 'X-Qn-Meta-!Content-Type: text/liubin'];
    assert.equal((await send({ ...request, headers: [...request.headers, ...more] })).status, 200);
    const metadata = { 'x-qn-meta-liubin': 'sb', 'x-qn-meta-!Content-Type': 'text/liubin' };
    assert.deepEqual(kodo.object('demo', 'headers')?.metadata, metadata);
    const download = await fetch(`${kodo.domain('demo')}/headers`);
    assert.deepEqual(
      ['content-type', 'x-qn-meta-liubin'].map((name) => download.headers.get(name)),
      ['text/liubin', 'sb'],
    );
  });

  test('PHP: a header of a download by its name in canonical case (K3)', async () => {
    const form = new FormData();
    form.set('token', token({ scope: 'demo:case' }));
    form.set('key', 'case');
    form.set('x-qn-meta-m1', 'v1');
    form.set('file', new File(['hello'], 'a.txt'));
    assert.equal((await fetch(kodo.origin, { method: 'POST', body: form })).status, 200);
    const headers = [`Host: ${new URL(kodo.origin).host}`, 'Accept: */*'];
    const reply = await send({ method: 'GET', path: '/-/demo/case', headers, framing: 'none' });
    for (const line of ['X-Qn-Meta-M1: v1', 'ETag: "Fqr0xh3cxeii2r7eDztILNmuqUNN"', 'Content-Type: text/plain']) {
      assert.ok(reply.headers.includes(line), line);
    }
  });

  test('Go and Java: a signed header that is sent twice, and names of which one begins another', async () => {
    const lines = ['X-Qiniu-A: a1', 'X-Qiniu-A: a2', 'X-Qiniu-A-B: ab', `X-Qiniu-Date: ${dateNow()}`];
    const [first = '', last = '', longer = '', date = ''] = lines;
    const path = '/buckets?shared=true';
    const list = (signed: readonly string[]): Promise<RawReply> =>
      send(managementCall(java, kodo, { method: 'POST', path, signed, more: lines }));
    for (const signed of [
      [first, longer, date],
      [last, longer, date],
      [longer, first, date],
    ]) {
      const { status, text } = await list(signed);
      assert.equal(status, 200, `${signed.join(', ')}: ${text}`);
    }
    assert.equal((await list([first, date])).status, 401);
    assert.equal((await list(['X-Qiniu-A: a3', longer, date])).status, 401);
  });

  test('Go: the source of a bucket, in each version of the region query that names it', async () => {
    const source = new URL(kodo.origin).host.replace('127.0.0.1', 'demo.localhost');
    const at = async (version: string): Promise<Readonly<Record<string, unknown>>> =>
      (await fetch(`${kodo.origin}/${version}/query?ak=${kodo.accessKey}&bucket=demo`)).json() as Promise<
        Readonly<Record<string, unknown>>
      >;
    const grouped = { src: { main: [source], backup: [] } };
    assert.deepEqual((await at('v2'))['io_src'], grouped);
    const [three, four] = await Promise.all(['v3', 'v4'].map(async (version) => (await at(version))['hosts']));
    assert.deepEqual((three as { io_src: unknown }[])[0]?.io_src, grouped);
    assert.deepEqual((four as { io_src: unknown }[])[0]?.io_src, { domains: [source] });
  });

  test('Python 7.10 and PHP 7.1: the region by /v1/query (K1)', async () => {
    const headers = [`Host: ${new URL(kodo.origin).host}`, 'User-Agent: QiniuPython/7.10.0'];
    const path = `/v1/query?ak=${kodo.accessKey}&bucket=demo`;
    const { body } = await send({ method: 'GET', path, headers, framing: 'none' });
    const { up, io } = body['http'] as { up: string[]; io: string[] };
    assert.deepEqual([up[0], up[1], io[0]], [kodo.origin, kodo.origin, kodo.origin]);
    assert.match(up[2] ?? '', /^-H \S+ http:\/\/127\.0\.0\.1:\d+$/);
  });
});
