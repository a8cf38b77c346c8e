import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { after, before, describe, test } from 'node:test';
import { callbackAuthorization } from '../../demo-server/kodo/src/callback/callback.js';
import { startKodo, type Kodo } from '../../demo-server/kodo/src/start-kodo.js';
import { sign } from '../../demo-server/kodo/src/policy/upload-token.js';
import { bytes } from '../support/test-data.js';
import { KodoClient, putAll, replyOf, type Reply } from './kodo-client.js';

const FORM = 'application/x-www-form-urlencoded';

let kodo: Kodo;
let client: KodoClient;
before(async () => {
  kodo = await startKodo();
  client = new KodoClient(kodo);
});
after(() => kodo.close());

const entry = (name: string): string => Buffer.from(name).toString('base64url');

async function manage(path: string, scheme: 'QBox' | 'Qiniu' = 'QBox', method = 'POST'): Promise<Reply> {
  const url = `${kodo.origin}${path}`;
  const authorization = callbackAuthorization(scheme, kodo, {
    url,
    contentType: FORM,
    body: '',
    host: undefined,
    reqid: '',
  });
  return replyOf(await fetch(url, { method, headers: { authorization, 'content-type': FORM } }));
}

describe('stat', () => {
  test('tells size, hash, type, time, class, user and metadata', async () => {
    const policy = { endUser: 'u7', fileType: 1, deleteAfterDays: 3 };
    const fields = { token: client.token(policy), key: 'told', 'x-qn-meta-colour': 'blue' };
    const { body } = await client.postForm(fields, bytes(100), 'a.png');
    const { status, body: told } = await manage(`/stat/${entry('demo:told')}`);
    const { putTime, expiration, ...rest } = told;
    assert.equal(status, 200);
    assert.deepEqual(rest, {
      fsize: 100,
      hash: body['hash'],
      md5: createHash('md5').update(bytes(100)).digest('hex'),
      mimeType: 'image/png',
      type: 1,
      endUser: 'u7',
      'x-qn-meta': { colour: 'blue' },
    });
    assert.equal(putTime, (kodo.object('demo', 'told')?.putTime ?? 0) * 10_000);
    assert.ok(Number(expiration) > Date.now() / 1000 + 3 * 86_400);
  });

  test('takes both schemes of signature', async () => {
    await client.postForm({ token: client.token(), key: 'signed' }, bytes(5));
    assert.equal((await manage(`/stat/${entry('demo:signed')}`, 'QBox')).status, 200);
    assert.equal((await manage(`/stat/${entry('demo:signed')}`, 'Qiniu')).status, 200);
  });

  test('refuses what is not signed, not there, or no entry', async () => {
    const path = `/stat/${entry('demo:none')}`;
    const plain = await replyOf(await fetch(`${kodo.origin}${path}`, { method: 'POST' }));
    assert.deepEqual([plain.status, plain.text], [401, '{"error":"bad token"}']);
    const authorization = `QBox ${kodo.accessKey}:${sign('other', `${path}\n`)}`;
    assert.equal((await fetch(`${kodo.origin}${path}`, { method: 'POST', headers: { authorization } })).status, 401);
    const none = await manage(path);
    assert.deepEqual([none.status, none.text], [612, '{"error":"no such file or directory"}']);
    assert.equal((await manage(`/stat/${entry('nowhere:none')}`)).status, 631);
    assert.equal((await manage(`/stat/${entry('no colon')}`)).status, 631);
    assert.equal((await manage('/stat/!!')).status, 400);
  });
});

describe('delete', () => {
  test('removes an object, once', async () => {
    await client.postForm({ token: client.token(), key: 'a/b:c' }, bytes(5));
    assert.equal((await manage(`/delete/${entry('demo:a/b:c')}`, 'Qiniu')).status, 200);
    assert.equal(kodo.object('demo', 'a/b:c'), undefined);
    assert.equal((await manage(`/delete/${entry('demo:a/b:c')}`)).status, 612);
  });
});

test('reports of clients are taken and forgotten', async () => {
  const init = {
    method: 'POST',
    headers: { authorization: 'UpToken any' },
    body: '200,,127.0.0.1,,80,1,2,3,jssdk-h5,4',
  };
  assert.equal((await fetch(`${kodo.origin}/log/3`, init)).status, 200);
});

describe('regions', () => {
  test('have a host each; a bucket is reached in its own, and told so elsewhere', async () => {
    const spread = await startKodo({
      regions: ['z0', 'z2'],
      buckets: [{ name: 'demo' }, { name: 'south', region: 'z2' }, { name: 'far', region: 'as0' }],
    });
    try {
      const its = new KodoClient(spread);
      const south = new URL(spread.upHost('z2')).host;
      assert.notEqual(south, new URL(spread.origin).host);
      assert.equal((await its.postForm({ token: its.token(), key: 'a' }, bytes(5))).status, 200);
      const token = its.token({ scope: 'south' });
      const wrong = await its.postForm({ token, key: 'a' }, bytes(5));
      assert.equal(wrong.status, 400);
      assert.equal(wrong.text, `{"error":"incorrect region, please use ${south}, bucket is: south"}`);
      const far = await its.postForm({ token: its.token({ scope: 'far' }) }, bytes(5));
      assert.match(far.text, /incorrect region, please use up-as0\.qiniup\.com, bucket is: far/);
      const path = '/buckets/south/objects/~/uploads';
      const init = { method: 'POST', headers: { authorization: `UpToken ${token}` } };
      assert.equal((await fetch(`${spread.origin}${path}`, init)).status, 400);
      assert.equal((await fetch(`${spread.upHost('z2')}${path}`, init)).status, 200);
      const query = await replyOf(await fetch(`${spread.origin}/v4/query?ak=${spread.accessKey}&bucket=south`));
      const [host] = query.body['hosts'] as { region: string; up: { domains: string[]; old: string[] } }[];
      assert.deepEqual([host?.region, host?.up.domains, host?.up.old], ['z2', [south], []]);
    } finally {
      await spread.close();
    }
  });

  test('say in version 2 that there is no backup', async () => {
    const { body } = await replyOf(await fetch(`${kodo.origin}/v2/query?ak=${kodo.accessKey}&bucket=demo`));
    const hosts = { main: [new URL(kodo.origin).host], backup: [] };
    const { up, io } = body;
    assert.deepEqual([up, io], [{ acc: hosts, src: hosts }, { src: hosts }]);
  });

  test('are told of an account that is not this one', async () => {
    assert.equal((await fetch(`${kodo.origin}/v2/query?ak=other&bucket=demo`)).status, 612);
  });
});

test('all bytes of an object made of parts count in stat', async () => {
  const upload = await client.initiate('parts', client.token());
  await upload.complete(await putAll(upload, [bytes(1024 * 1024), bytes(1)]));
  assert.equal((await manage(`/stat/${entry('demo:parts')}`, 'QBox')).body['fsize'], 1024 * 1024 + 1);
});
