import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import { after, before, describe, test } from 'node:test';
import { startKodo, type Kodo } from '../../demo-server/kodo/src/start-kodo.js';
import { KodoClient, replyOf, type Reply } from './kodo-client.js';
import { base64, entry, manage } from './management-client.js';

/** Requests of official clients whose SDKs the tests do not imitate as a whole. */

let kodo: Kodo;
let client: KodoClient;
before(async () => {
  kodo = await startKodo();
  client = new KodoClient(kodo);
});
after(() => kodo.close());

describe('what the SDKs for Android and iOS send', () => {
  const version = 'sdk_name=Android&sdk_version=8.8.0';

  test('they ask for their configuration, which leaves everything as it is', async () => {
    for (const path of [`/v1/sdk/config?${version}`, `/v1/sdk/config/user?ak=${kodo.accessKey}&${version}`]) {
      const { status, body } = await replyOf(await fetch(kodo.origin + path));
      assert.deepEqual([status, body], [200, { ttl: 86400 }], path);
    }
  });

  test('they report compressed statistics', async () => {
    const authorization = `UpToken ${client.token()}`;
    const init = { method: 'POST', headers: { authorization }, body: gzipSync('{"log_type":"request"}') };
    assert.equal((await fetch(`${kodo.origin}/log/4?compressed=gzip`, init)).status, 200);
  });
});

describe('what older SDKs for iOS send', () => {
  test('a type whose name is in lower case', async () => {
    const headers = { authorization: `UpToken ${client.token()}` };
    const post = async (path: string, body: string): Promise<Reply> =>
      replyOf(await fetch(kodo.origin + path, { method: 'POST', headers, body }));
    const block = await post('/mkblk/5', 'hello');
    const path = `/mkfile/5/mimetype/${base64('text/x-old')}/key/${base64('old-ios')}`;
    assert.equal((await post(path, String(block.body['ctx']))).status, 200);
    assert.equal(kodo.object('demo', 'old-ios')?.mimeType, 'text/x-old');
  });
});

describe('what qshell sends', () => {
  test('a lifecycle with the change to intelligent tiering', async () => {
    await client.postForm({ token: client.token(), key: 'tiered' }, Buffer.from('tiered'));
    const path = `/lifecycle/${entry('demo', 'tiered')}`;
    const days = '/toIAAfterDays/1/toIntelligentTieringAfterDays/2/toArchiveIRAfterDays/3';
    assert.equal((await manage(kodo, path + days)).status, 200);
    const { body } = await manage(kodo, `/stat/${entry('demo', 'tiered')}`);
    const names = ['transitionToIA', 'transitionToIntelligentTiering', 'transitionToArchiveIR'];
    const [ia, tiering, archive] = names.map((name) => Number(body[name]));
    assert.deepEqual([tiering, archive], [Number(ia) + 86_400, Number(ia) + 2 * 86_400]);
    assert.equal((await manage(kodo, `${path}/toIntelligentTieringAfterDays/9`)).status, 400, 'after the archive');
  });
});

describe('what clients of the bucket service send', () => {
  test('a bucket is created private and without a domain', async () => {
    const options = '/region/z1/private/true/nodomain/true';
    for (const path of [`/mkbucketv3/closed-3${options}`, `/mkbucketv2/${base64('closed-2')}${options}`]) {
      assert.equal((await manage(kodo, path)).status, 200, path);
    }
    for (const bucket of ['closed-2', 'closed-3']) {
      const { body } = await manage(kodo, `/v2/bucketInfo?bucket=${bucket}`);
      assert.deepEqual([body['region'], body['private']], ['z1', 1]);
    }
    assert.equal((await manage(kodo, '/mkbucketv3/half-an-option/region')).status, 400);
  });

  test('buckets are listed with their facts, and one is asked for alone', async () => {
    for (const path of ['/v2/buckets', '/v2/buckets?shared=rd', '/v3/buckets?region=z0']) {
      const { status, text } = await manage(kodo, path, { method: 'GET' });
      assert.equal(status, 200, path);
      const found = (JSON.parse(text) as Readonly<Record<string, unknown>>[]).find(({ tbl }) => tbl === 'demo');
      assert.deepEqual([found?.['id'], found?.['region'], found?.['private']], ['demo', 'z0', 0], path);
    }
    const { status, body } = await manage(kodo, '/bucket/demo', { method: 'GET' });
    assert.deepEqual([status, body['tbl'], body['region']], [200, 'demo', 'z0']);
    assert.equal((await manage(kodo, '/bucket/none', { method: 'GET' })).status, 631);
  });
});
