import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { startKodo, type Kodo } from '../../demo-server/kodo/src/start-kodo.js';
import { bytes } from '../support/test-data.js';
import { KodoClient, type Reply } from './kodo-client.js';
import { base64, manage } from './management-client.js';
import { sendRaw } from './raw-http.js';

let kodo: Kodo;
let folder: string;
const BUCKETS = [
  { name: 'demo', domains: ['static.test:8080'] },
  { name: 'south', region: 'z2', private: true },
];
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kodo-buckets-'));
  kodo = await startKodo({ folder, buckets: BUCKETS });
});
after(async () => {
  await kodo.close();
  await rm(folder, { recursive: true });
});

const call = (path: string, options = {}): Promise<Reply> => manage(kodo, path, options);
const info = async (bucket = 'demo'): Promise<Readonly<Record<string, unknown>>> =>
  (await call(`/v2/bucketInfo?bucket=${bucket}`)).body;

describe('buckets', () => {
  test('are created, used, and dropped when they are empty', async () => {
    assert.equal((await call('/mkbucketv3/made-here/region/z1')).status, 200);
    assert.deepEqual(JSON.parse((await call('/buckets')).text), ['demo', 'made-here', 'south']);
    const again = await call('/mkbucketv3/made-here');
    assert.deepEqual([again.status, again.text], [614, '{"error":"the bucket already exists and you own it."}']);
    const client = new KodoClient(kodo);
    await client.postForm({ token: client.token({ scope: 'made-here' }), key: 'a' }, bytes(5));
    assert.equal((await call('/drop/made-here')).status, 403);
    await kodo.delete('made-here', 'a');
    assert.equal((await call('/drop/made-here')).status, 200);
    assert.equal((await call('/drop/made-here')).status, 631);
    assert.equal((await call('/mkbucketv3/Not_A_Name')).status, 400);
    assert.equal((await call(`/mkbucketv2/${base64('by-two')}/region/z0`)).status, 200);
    assert.equal((await call('/drop/by-two')).status, 200);
  });

  test('are listed by region, in pages, and with their facts', async () => {
    const names = (reply: Reply): string[] => (JSON.parse(reply.text) as { tbl: string }[]).map(({ tbl }) => tbl);
    assert.deepEqual(names(await call('/v3/buckets?region=z2', { method: 'GET' })), ['south']);
    const first = (await call('/buckets?apiVersion=v4&limit=1', { method: 'GET' })).body;
    assert.deepEqual([first['is_truncated'], first['next_marker']], [true, 'demo']);
    const second = (await call('/buckets?apiVersion=v4&limit=1&marker=demo', { method: 'GET' })).body;
    const [bucket] = second['buckets'] as { name: string; region: string; private: boolean }[];
    assert.deepEqual(
      [bucket?.name, bucket?.region, bucket?.private, second['is_truncated']],
      ['south', 'z2', true, false],
    );
    assert.deepEqual(JSON.parse((await call('/v2/domains?tbl=demo', { method: 'GET' })).text), ['static.test:8080']);
    assert.equal((await call('/v2/bucketInfo?bucket=none')).status, 612);
    assert.equal((await call('/v2/domains?tbl=none', { method: 'GET' })).status, 631);
  });

  test('serve their objects at their own domains', async () => {
    const client = new KodoClient(kodo);
    await client.postForm({ token: client.token(), key: 'dir/a.txt' }, bytes(5));
    const at = async (host: string): Promise<number> => {
      const headers = [`Host: ${host}`];
      return (await sendRaw(kodo.origin, { method: 'GET', path: '/dir/a.txt', headers, framing: 'none' })).status;
    };
    assert.deepEqual([await at('static.test:8080'), await at('demo.localhost:9000')], [200, 200]);
    assert.deepEqual([await at('demo.kodo-cn-east-1.qiniucs.com'), await at('none.localhost')], [200, 404]);
    assert.equal(await at('south.localhost'), 401, 'a private bucket asks for a token');
  });

  test('keep what is set of them', async () => {
    for (const path of [
      ...['/private?bucket=demo&private=1', '/maxAge?bucket=demo&maxAge=-1', '/noIndexPage?bucket=demo&noIndexPage=1'],
      ...['/accessMode/demo/mode/1', '/setbucketquota/demo/size/100/count/-1', '/setbucketquota/demo/count/7'],
      '/referAntiLeech?bucket=demo&mode=1&norefer=1&pattern=a.test;b.test&source_enabled=0',
      ...[
        `/image/demo/from/${base64('http://a.test/')}/host/${base64('b.test')}`,
        `/separator/demo/sep/${base64('-')}`,
      ],
      `/style/demo/name/${base64('small.jpg')}/style/${base64('imageView2/1/w/80')}`,
    ]) {
      assert.equal((await call(path)).status, 200, path);
    }
    const { refer_wl: referers, source, host, separator, styles, ...facts } = await info();
    assert.deepEqual([facts['private'], facts['max_age'], facts['no_index_page'], facts['protected']], [1, -1, 1, 1]);
    assert.deepEqual([referers, source, host, separator], [['a.test', 'b.test'], 'http://a.test/', 'b.test', '-']);
    assert.deepEqual(styles, { 'small.jpg': 'imageView2/1/w/80' });
    assert.deepEqual((await call('/getbucketquota/demo')).body, { size: 100, count: 7 });
    const remark = { method: 'PUT', body: '{"remark":"mine"}', type: 'application/json' };
    assert.equal((await call('/buckets/demo?remark', remark)).status, 200);
    const cors = [{ allowed_origin: ['*'], allowed_method: ['GET'] }];
    assert.equal(
      (await call('/corsRules/set/demo', { body: JSON.stringify(cors), type: 'application/json' })).status,
      200,
    );
    const tags = { Tags: [{ Key: 'team', Value: 'web' }] };
    const tagging = { method: 'PUT', body: JSON.stringify(tags), type: 'application/json' };
    assert.equal((await call('/bucketTagging?bucket=demo', tagging)).status, 200);
    const condition = base64('key=team&value=web');
    assert.deepEqual(JSON.parse((await call(`/buckets?tagCondition=${condition}`)).text), ['demo']);
    await kodo.close();
    kodo = await startKodo({ folder, buckets: BUCKETS });
    assert.equal((await info())['remark'], 'mine');
    assert.deepEqual(JSON.parse((await call('/corsRules/get/demo', { method: 'GET' })).text), cors);
    assert.deepEqual((await call('/bucketTagging?bucket=demo', { method: 'GET' })).body, tags);
    assert.equal((await info())['private'], 0, 'what an option says wins');
    await call('/unimage/demo');
    await call('/referAntiLeech?bucket=demo&mode=0');
    const reset = await info();
    assert.deepEqual([reset['source'], reset['anti_leech_mode'], reset['refer_wl']], ['', 0, undefined]);
  });

  test('refuse settings that are none', async () => {
    for (const path of [
      ...['/private?bucket=demo&private=2', '/maxAge?bucket=demo&maxAge=x', '/setbucketquota/demo/size/-2/count/0'],
      ...['/referAntiLeech?bucket=demo&mode=3', `/image/demo/from/${base64('no url')}`],
    ]) {
      assert.equal((await call(path)).status, 400, path);
    }
    assert.equal((await call('/private?bucket=none&private=1')).status, 631);
    assert.equal((await fetch(`${kodo.origin}/drop/demo`, { method: 'POST' })).status, 401);
  });
});

describe('rules of a bucket', () => {
  const change = async (path: string): Promise<string> => {
    const { status, text } = await call(path);
    return status === 200 ? 'done' : `${status} ${text}`;
  };

  test('are added, changed and taken away by name; no two share a name or a prefix', async () => {
    assert.equal(await change('/rules/add?bucket=demo&name=a&prefix=x&delete_after_days=3'), 'done');
    assert.equal(await change('/rules/add?bucket=demo&name=a&prefix=y'), '400 {"error":"rule name exists"}');
    assert.equal(await change('/rules/add?bucket=demo&name=b&prefix=x'), '400 {"error":"rule prefix exists"}');
    assert.equal(await change('/rules/update?bucket=demo&name=c'), '400 {"error":"rule name not found"}');
    assert.equal(await change('/rules/update?bucket=demo&name=a&prefix=z&to_line_after_days=1'), 'done');
    const [rule] = JSON.parse((await call('/rules/get?bucket=demo', { method: 'GET' })).text) as Record<
      string,
      unknown
    >[];
    assert.deepEqual([rule?.['prefix'], rule?.['delete_after_days'], rule?.['to_line_after_days']], ['z', 0, 1]);
    assert.equal(await change('/rules/delete?bucket=demo&name=a'), 'done');
    assert.equal((await call('/rules/get?bucket=demo', { method: 'GET' })).text, '[]');
  });

  test('name events and addresses', async () => {
    const url = 'callbackURL=http://a.test/';
    assert.equal(await change(`/events/add?bucket=demo&name=a&${url}`), '400 {"error":"invalid events"}');
    const refused = '400 {"error":"callbackURL must starts with http:// or https://"}';
    assert.equal(await change('/events/add?bucket=demo&name=a&event=put'), refused);
    assert.equal(await change(`/events/add?bucket=demo&name=a&event=put&event=copy&${url}`), 'done');
    assert.equal(
      await change(`/events/add?bucket=demo&name=b&event=put&${url}`),
      '400 {"error":"event prefix and suffix exists"}',
    );
    const [event] = JSON.parse((await call('/events/get?bucket=demo', { method: 'GET' })).text) as Record<
      string,
      unknown
    >[];
    assert.deepEqual([event?.['events'], event?.['callback_urls']], [['put', 'copy'], ['http://a.test/']]);
    assert.equal(await change('/events/delete?bucket=demo&name=a'), 'done');
  });
});

test('regions have hosts each', async () => {
  const { body } = await call('/regions', { method: 'GET' });
  const [first] = body['regions'] as { id: string; up: { domains: string[] } }[];
  assert.deepEqual([first?.id, first?.up.domains], ['z0', [new URL(kodo.origin).host]]);
});
