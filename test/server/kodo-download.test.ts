import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { imageSize } from 'image-size';
import { startKodo, type Kodo } from '../../demo-server/kodo/src/start-kodo.js';
import { sign } from '../../demo-server/kodo/src/policy/upload-token.js';
import { bytes, PNG } from '../support/test-data.js';
import { inAnHour, KodoClient, openRequest, replyOf } from './kodo-client.js';
import { base64, manage } from './management-client.js';

/** As much of sharp as draws a picture. */
type DrawPicture = (options: object) => { png(): { toBuffer(): Promise<Buffer> } };

let kodo: Kodo;
let client: KodoClient;
before(async () => {
  kodo = await startKodo({ buckets: [{ name: 'demo' }, { name: 'secret', private: true }] });
  client = new KodoClient(kodo);
});
after(() => kodo.close());

describe('a private bucket', () => {
  let url: string;
  before(async () => {
    const token = client.token({ scope: 'secret' });
    await client.postForm({ token, key: 'dir/图 1.png' }, PNG, '1.png');
    url = `${kodo.domain('secret')}/dir/${encodeURIComponent('图 1.png')}`;
  });
  const signed = (bare: string, deadline = inAnHour()): string => {
    const text = `${bare}${bare.includes('?') ? '&' : '?'}e=${deadline}`;
    return `${text}&token=${kodo.accessKey}:${sign(kodo.secretKey, text)}`;
  };

  test('serves what is signed, also with a command before the deadline', async () => {
    const plain = await fetch(signed(url));
    assert.deepEqual([plain.status, Buffer.from(await plain.arrayBuffer())], [200, PNG]);
    const info = await replyOf(await fetch(signed(`${url}?imageInfo`)));
    assert.deepEqual([info.status, info.body['width']], [200, 1]);
  });

  test('answers 401 in the recorded words', async () => {
    const text = async (address: string): Promise<string> => {
      const reply = await replyOf(await fetch(address));
      return `${reply.status} ${String(reply.body['error'])}`;
    };
    assert.equal(await text(url), '401 download token not specified');
    assert.equal(await text(`${kodo.domain('secret')}/nothing`), '401 download token not specified');
    assert.equal(await text(signed(url, 1000)), '401 token out of date');
    assert.equal(await text(signed(url).replace(/e=\d/, 'e=9')), '401 download token auth failed');
    assert.equal(await text(`${signed(url)}x`), '401 download token auth failed');
    const bare = `${url}?token=${kodo.accessKey}:${sign(kodo.secretKey, `${url}?`)}`;
    assert.equal(await text(bare), '401 download token auth failed');
  });

  test('ignores what follows the token', async () => {
    const { status, headers } = await fetch(`${signed(url)}&attname=other.png`);
    assert.equal(status, 200);
    assert.match(headers.get('content-disposition') ?? '', /^inline/);
    const named = await fetch(signed(`${url}?attname=other.png`));
    assert.match(named.headers.get('content-disposition') ?? '', /^attachment; filename="other.png"/);
  });
});

describe('a key', () => {
  test('may hold dots, quotes and double slashes, which reach it as they were sent', async () => {
    for (const key of ['a/../b', '../../etc/passwd', 'it\'s "quoted".txt', 'a//b', './x']) {
      await client.postForm({ token: client.token(), key }, Buffer.from(key));
      const sent = openRequest(kodo.origin, 'GET', `/-/demo/${encodeURIComponent(key).replaceAll('%2F', '/')}`, {});
      sent.end();
      const { status, text } = await sent.response;
      assert.deepEqual([status, text], [200, key]);
    }
  });

  test('may be sent with its slashes encoded', async () => {
    await client.postForm({ token: client.token(), key: 'dir/c.txt' }, bytes(5));
    assert.equal((await fetch(`${kodo.domain('demo')}/dir%2Fc.txt`)).status, 200);
  });
});

describe('a download', () => {
  test('knows HEAD, If-None-Match and parts of a file made of parts', async () => {
    await client.postForm({ token: client.token(), key: 'd' }, bytes(1000));
    const head = await fetch(`${kodo.domain('demo')}/d`, { method: 'HEAD' });
    assert.deepEqual([head.status, head.headers.get('content-length')], [200, '1000']);
    const etag = head.headers.get('etag') ?? '';
    assert.equal((await fetch(`${kodo.domain('demo')}/d`, { headers: { 'if-none-match': etag } })).status, 304);
    const tail = await fetch(`${kodo.domain('demo')}/d`, { headers: { range: 'bytes=-10' } });
    assert.deepEqual(Buffer.from(await tail.arrayBuffer()), bytes(1000).subarray(990));
  });

  test('takes its name from the query before the upload’s own header', async () => {
    const fields = { token: client.token(), key: 'dir/named.txt', contentDisposition: 'inline; filename="own"' };
    await client.postForm(fields, bytes(5));
    const dispositionOf = async (query: string): Promise<string | null> =>
      (await fetch(`${kodo.domain('demo')}/dir/named.txt${query}`)).headers.get('content-disposition');
    assert.equal(await dispositionOf(''), 'inline; filename="own"');
    assert.match((await dispositionOf('?attname=other.txt')) ?? '', /^attachment; filename="other.txt"/);
    assert.match((await dispositionOf('?attname=')) ?? '', /^attachment; filename="named.txt"/);
  });

  test('may be kept, and is answered by another service than uploads, also where there is nothing', async () => {
    await client.postForm({ token: client.token(), key: 'kept' }, bytes(5));
    for (const [key, status] of [
      ['kept', 200],
      ['nothing', 404],
    ] as const) {
      const plain = await fetch(`${kodo.domain('demo')}/${key}`);
      const names = ['pragma', 'x-svr', 'access-control-max-age'];
      assert.equal(plain.status, status);
      assert.deepEqual(
        names.map((name) => plain.headers.get(name)),
        [null, 'IO', null],
      );
      const crossing = await fetch(`${kodo.domain('demo')}/${key}`, { headers: { origin: 'http://page' } });
      assert.deepEqual(
        names.map((name) => crossing.headers.get(name)),
        [null, 'IO', '2592000'],
      );
    }
  });

  test('of an empty object has no range', async () => {
    await client.postForm({ token: client.token(), key: 'none' }, Buffer.alloc(0));
    assert.equal((await fetch(`${kodo.domain('demo')}/none`, { headers: { range: 'bytes=0-1' } })).status, 416);
  });
});

describe('a command in the query', () => {
  before(async () => {
    await client.postForm({ token: client.token(), key: 'p.png' }, PNG, 'p.png');
    await client.postForm({ token: client.token(), key: 'words' }, Buffer.from('hello'));
  });
  const ask = async (key: string, query: string): Promise<Awaited<ReturnType<typeof replyOf>>> =>
    replyOf(await fetch(`${kodo.domain('demo')}/${key}?${query}`));

  test('imageInfo tells of a picture, and of nothing else', async () => {
    const { body } = await ask('p.png', 'imageInfo');
    assert.deepEqual(body, { format: 'png', colorModel: 'nrgba', height: 1, size: PNG.length, width: 1 });
    assert.equal((await ask('words', 'imageInfo')).status, 400);
  });

  test('qhash/md5 tells the MD5', async () => {
    assert.equal((await ask('words', 'qhash/md5')).text, '{"hash":"5d41402abc4b2a76b9719d911017c592","fsize":5}');
  });

  test('imageView2 and imageMogr2 refuse what is no picture', async () => {
    for (const query of ['imageView2/2/w/10', 'imageMogr2/thumbnail/10x10']) {
      const { status, text } = await ask('words', query);
      assert.deepEqual([status, text], [400, '{"error":"unsupported format"}']);
    }
    assert.equal((await fetch(`${kodo.domain('demo')}/p.png?imageMogr2/thumbnail/10x10`)).status, 200);
  });

  test('imageView2 without a size, of another mode, or of words is refused', async () => {
    for (const query of [
      'imageView2/2',
      'imageView2/6/w/10',
      'imageView2/1/w/0',
      'imageView2/1/w/10/q/101',
      'imageView2/2/w/10/format/bmp',
      'imageView2/2/w/10/unknown/1',
    ]) {
      assert.equal((await ask('p.png', query)).status, 400, query);
    }
    assert.equal((await ask('p.png', 'imageView2/2/w/10|imageMogr2/blur/3x5')).status, 400);
  });

  test('an unknown query is no command', async () => {
    assert.equal((await ask('words', 'v=%zz&x')).text, 'hello');
  });
});

describe('imageView2', async () => {
  const name: string = 'sharp';
  const sharp = await import(name).then(
    (module: { readonly default: DrawPicture }) => module.default,
    () => undefined,
  );
  const skip = sharp === undefined ? 'sharp is not installed' : false;

  const sizes: readonly [string, [number, number], [number, number]][] = [
    // mode and size, size in landscape (300 x 200), size in portrait (200 x 300)
    ['0/w/100/h/50', [75, 50], [50, 75]],
    ['0/w/100', [100, 67], [67, 100]],
    ['1/w/100/h/50', [100, 50], [100, 50]],
    ['1/w/60', [60, 60], [60, 60]],
    ['2/w/100/h/50', [75, 50], [33, 50]],
    ['2/h/50', [75, 50], [33, 50]],
    ['2/w/1000', [300, 200], [200, 300]],
    ['3/w/100/h/100', [150, 100], [100, 150]],
    ['4/w/150/h/50', [150, 100], [100, 150]],
    ['5/w/100/h/50', [100, 50], [50, 100]],
  ];
  for (const [command, landscape, portrait] of sizes) {
    test(`${command} makes ${landscape.join(' x ')}, or ${portrait.join(' x ')} upright`, { skip }, async () => {
      for (const [size, expected] of [
        [[300, 200], landscape],
        [[200, 300], portrait],
      ] as const) {
        assert.ok(sharp);
        const picture = await sharp({ create: { width: size[0], height: size[1], channels: 3, background: 'red' } })
          .png()
          .toBuffer();
        await client.postForm({ token: client.token({ scope: 'demo:big.png' }), key: 'big.png' }, picture, 'big.png');
        const response = await fetch(`${kodo.domain('demo')}/big.png?imageView2/${command}`);
        assert.equal(response.headers.get('content-type'), 'image/png');
        const { width, height } = imageSize(new Uint8Array(await response.arrayBuffer()));
        assert.deepEqual([width, height], expected);
      }
    });
  }

  test('changes the format, and refuses what only looks like a picture', { skip }, async () => {
    const response = await fetch(`${kodo.domain('demo')}/p.png?imageView2/2/w/10/format/webp/q/50!`);
    assert.equal(response.headers.get('content-type'), 'image/webp');
    assert.equal(imageSize(new Uint8Array(await response.arrayBuffer())).type, 'webp');
    await client.postForm({ token: client.token(), key: 'fake.png' }, Buffer.concat([PNG.subarray(0, 30), bytes(50)]));
    assert.equal((await fetch(`${kodo.domain('demo')}/fake.png?imageView2/2/w/10`)).status, 400);
  });
});

describe('a style', () => {
  const info = async (path: string): Promise<unknown> => (await replyOf(await fetch(kodo.domain('demo') + path))).body;
  const set = async (path: string): Promise<void> => assert.equal((await manage(kodo, path)).status, 200, path);
  before(async () => {
    await client.postForm({ token: client.token(), key: 'styled/a-b.png' }, PNG, '1.png');
    await set(`/style/demo/name/${base64('info')}/style/${base64('imageInfo')}`);
  });

  test('is named behind a key and one of the separators', async () => {
    const [plain, none] = await Promise.all([info('/styled/a-b.png?imageInfo'), info('/styled/a-b.png-info')]);
    assert.deepEqual([(plain as { width: number }).width, none], [1, { error: 'Document not found' }]);
    await set(`/separator/demo/sep/${base64('!-')}`);
    for (const end of ['-info', '!info', '-info?attname=b.png'])
      assert.deepEqual(await info(`/styled/a-b.png${end}`), plain);
    assert.deepEqual(await info('/styled/a-b.png-other'), none);
    assert.deepEqual(await info('/styled/a-info'), none);
    await set(`/unstyle/demo/name/${base64('info')}`);
    assert.deepEqual(await info('/styled/a-b.png-info'), none);
  });

  test('gives way to an object of that name', async () => {
    await set(`/style/demo/name/${base64('info')}/style/${base64('imageInfo')}`);
    await set(`/separator/demo/sep/${base64('-')}`);
    await client.postForm({ token: client.token(), key: 'styled/a-b.png-info' }, Buffer.from('{"own":true}'), 'a.json');
    assert.deepEqual(await info('/styled/a-b.png-info'), { own: true });
  });
});
