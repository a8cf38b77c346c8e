import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { startKodo, type Kodo } from '../../demo-server/kodo/src/start-kodo.js';
import { bytes } from '../support/test-data.js';
import { KodoClient, startBusiness, until, type Business, type Reply } from './kodo-client.js';
import { base64, entry, manage } from './management-client.js';

let kodo: Kodo;
let client: KodoClient;
let business: Business;
before(async () => {
  kodo = await startKodo({ control: true, jobTime: 0 });
  client = new KodoClient(kodo);
  business = await startBusiness();
  for (const key of ['source.bin', 'other.bin']) {
    assert.equal((await client.postForm({ token: client.token(), key }, bytes(100))).status, 200);
  }
});
after(async () => {
  await kodo.close();
  business.close();
});
beforeEach(() => {
  kodo.faults.clear();
  business.seen = [];
});

const order = async (fields: Readonly<Record<string, string>>): Promise<Reply> =>
  manage(kodo, '/pfop', { body: new URLSearchParams({ bucket: 'demo', key: 'source.bin', ...fields }).toString() });
const begin = async (fields: Readonly<Record<string, string>>): Promise<string> => {
  const { status, body, text } = await order(fields);
  assert.equal(status, 200, text);
  return String(body['persistentId']);
};
const statusOf = async (id: string): Promise<Readonly<Record<string, unknown>>> =>
  (await (await fetch(`${kodo.origin}/status/get/prefop?id=${id}`)).json()) as Record<string, unknown>;
const ended = async (id: string): Promise<Readonly<Record<string, unknown>>> => {
  await until(async () => Number((await statusOf(id))['code']) !== 1 && Number((await statusOf(id))['code']) !== 2);
  return statusOf(id);
};
const control = (path: string, body: unknown): Promise<Response> =>
  fetch(`${kodo.origin}/_kodo/${path}`, { method: 'POST', body: JSON.stringify(body) });

describe('a persistent job', () => {
  test('is done after a while and saves what it makes (K2)', async () => {
    const saved = entry('demo', 'made.mp4');
    const id = await begin({ fops: `avthumb/mp4|saveas/${saved};qhash/md5|saveas/${entry('demo', 'made.json')}` });
    const job = await ended(id);
    assert.deepEqual([job['code'], job['desc']], [0, 'The fop was completed successfully']);
    assert.deepEqual([job['id'], job['inputBucket'], job['inputKey'], job['type']], [id, 'demo', 'source.bin', 0]);
    const items = job['items'] as { cmd: string; key: string; hash: string; returnOld: number }[];
    assert.deepEqual(
      items.map(({ key }) => key),
      ['made.mp4', 'made.json'],
    );
    assert.equal(items[0]?.hash, kodo.object('demo', 'made.mp4')?.hash);
    const hash = (await (await fetch(`${kodo.domain('demo')}/made.json`)).json()) as { fsize: number };
    assert.equal(hash.fsize, 100, 'what the local Kodo can work out is really worked out');
  });

  test('returns what is there unless it is forced', async () => {
    const fops = `avthumb/mp4|saveas/${entry('demo', 'other.bin')}`;
    const oldOf = async (fields: Readonly<Record<string, string>>): Promise<unknown> =>
      ((await ended(await begin({ fops, ...fields })))['items'] as { returnOld: number }[])[0]?.returnOld;
    assert.deepEqual([await oldOf({}), await oldOf({ force: '1' })], [1, 0]);
  });

  test('fails where its command cannot be carried out, or where a fault says so', async () => {
    const unfit = await ended(await begin({ fops: 'imageInfo' }));
    assert.equal(unfit['code'], 3);
    assert.equal((unfit['items'] as { error: string }[])[0]?.error, 'unsupported format');
    kodo.faults.add({ kind: 'pfop', job: 'failed' });
    assert.equal((await ended(await begin({ fops: 'avthumb/mp4' })))['code'], 3);
  });

  test('waits on order until it is ended', async () => {
    kodo.faults.add({ kind: 'pfop', job: 'waiting' });
    const id = await begin({ fops: 'avthumb/mp4' });
    assert.equal((await statusOf(id))['code'], 1);
    const listed = (await (await fetch(`${kodo.origin}/_kodo/jobs`)).json()) as { id: string; state: string }[];
    assert.equal(listed.find((job) => job.id === id)?.state, 'waiting');
    assert.equal((await control('jobs', { id, state: 'done' })).status, 200);
    assert.equal((await statusOf(id))['code'], 0);
    assert.equal((await control('jobs', { id, state: 'done' })).status, 404);
    assert.equal((await control('jobs', { id, state: 'never' })).status, 400);
  });

  test('notifies with its status, and warns when the notification fails', async () => {
    const id = await begin({ fops: 'avthumb/mp4', notifyURL: business.url });
    await ended(id);
    await until(() => business.seen.length > 0);
    const [notice] = business.seen;
    assert.equal(notice?.headers['content-type'], 'application/json');
    const told = JSON.parse(notice.body) as Record<string, unknown>;
    assert.deepEqual([told['id'], told['code']], [id, 0]);
    const unheard = await begin({ fops: 'avthumb/mp4', notifyURL: 'http://127.0.0.1:1/' });
    await until(async () => (await statusOf(unheard))['code'] === 4);
  });

  test('comes from an upload’s policy too, with the policy’s facts (K2)', async () => {
    const policy = {
      scope: 'demo:with-job',
      persistentOps: `avthumb/$(x:format)|saveas/${base64('demo:from-policy')}`,
      persistentNotifyUrl: business.url,
      persistentType: 1,
      persistentPipeline: 'mine',
    };
    const fields = { token: client.token(policy), key: 'with-job', 'x:format': 'mp3' };
    const id = String((await client.postForm(fields, bytes(5))).body['persistentId']);
    const job = await ended(id);
    assert.deepEqual([job['type'], job['pipeline'], job['inputKey'], job['code']], [1, 'mine', 'with-job', 0]);
    assert.match((job['items'] as { cmd: string }[])[0]?.cmd ?? '', /^avthumb\/mp3\|saveas/);
    await until(() => business.seen.length > 0);
    const workflow = { scope: 'demo', persistentWorkflowTemplateID: 'test-workflow' };
    const byTemplate = await client.postForm({ token: client.token(workflow), key: 'flow' }, bytes(5));
    assert.equal((await statusOf(String(byTemplate.body['persistentId'])))['taskFrom'], 'test-workflow');
  });

  test('is refused without commands, an object or a bucket, and unknown by another id', async () => {
    const status = async (fields: Readonly<Record<string, string>>): Promise<number> => (await order(fields)).status;
    assert.deepEqual(
      [await status({}), await status({ fops: 'a', workflowTemplateID: 'b' }), await status({ fops: 'a', type: '2' })],
      [400, 400, 400],
    );
    assert.equal(await status({ fops: 'a', key: 'none' }), 612);
    assert.equal(await status({ fops: 'a', bucket: 'none' }), 631);
    assert.equal((await fetch(`${kodo.origin}/status/get/prefop?id=none`)).status, 404);
  });

  test('makes a picture’s facts', async () => {
    const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==';
    await client.postForm({ token: client.token(), key: 'picture.png' }, Buffer.from(png, 'base64'), 'picture.png');
    const id = await begin({ key: 'picture.png', fops: `imageInfo|saveas/${entry('demo', 'facts.json')}` });
    assert.equal((await ended(id))['code'], 0);
    const facts = (await (await fetch(`${kodo.domain('demo')}/facts.json`)).json()) as { format: string };
    assert.equal(facts.format, 'png');
  });
});
