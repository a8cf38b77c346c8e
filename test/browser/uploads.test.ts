import { expect } from 'chai';
import demo from 'virtual:demo-server';
import {
  confirmEndpoint,
  createUploadQueue,
  QiniuTransport,
  type SentRequest,
  tokenEndpoint,
  type TokenAnswer,
  UPLOAD_EVENT_NAMES,
  type CreateUploadQueueOptions,
  type UploadItem,
  type UploadItemIn,
  type UploadProgress,
  UploadQueue,
} from '../../src/core.js';
import { makeFile, randomFile, sha256 } from '../support/files.js';
import {
  clearFaults,
  kodoLogEnd,
  kodoObject,
  kodoRequests,
  orderFaults,
  type LoggedRequest,
} from '../support/kodo-control.js';
import { signToken } from '../support/sign-token.js';
import { untilOver, untilStatus } from '../support/until.js';
import { waitUntil } from '../support/wait-until.js';

const MIB = 1024 * 1024;

const queues: UploadQueue[] = [];

function makeQueue(options: CreateUploadQueueOptions & { readonly query?: string } = {}): UploadQueue {
  const { query = '', ...settings } = options;
  const queue = createUploadQueue({
    tokenProvider: tokenEndpoint({ url: `/api/uploads/token${query}` }),
    resume: false,
    ...settings,
  });
  queues.push(queue);
  return queue;
}

async function upload(queue: UploadQueue, file: File): Promise<UploadItemIn<'done'>> {
  const [item] = queue.add([file]);
  return untilStatus(queue, item?.id ?? '', 'done');
}

async function outcome(queue: UploadQueue, file: File): Promise<UploadItem> {
  const [item] = queue.add([file]);
  return untilOver(queue, item?.id ?? '');
}

async function expectStored({ result }: UploadItemIn<'done'>, file: File): Promise<void> {
  const object = await kodoObject(result.key);
  expect(object?.sha256).to.equal(await sha256(file));
}

/** How often Kodo was asked what since then. */
async function kinds(since: number): Promise<Record<string, number>> {
  return countKinds(await kodoRequests(since));
}

function countKinds(requests: readonly LoggedRequest[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { kind } of requests) counts[kind] = (counts[kind] ?? 0) + 1;
  return counts;
}

/** Waits until a condition on Kodo's log holds. */
async function untilLogged(since: number, holds: (kinds: readonly string[]) => boolean): Promise<void> {
  await waitUntil(async () => holds((await kodoRequests(since)).map(({ kind }) => kind)));
}

afterEach(async () => {
  for (const queue of queues.splice(0)) queue.clear();
  await clearFaults();
});

describe('from file to reply, against the local Kodo', () => {
  for (const [name, size] of [
    ['0 bytes', 0],
    ['1 byte', 1],
    ['4 MiB', 4 * MIB],
    ['4 MiB + 1', 4 * MIB + 1],
    ['25 MiB', 25 * MIB],
  ] as const) {
    it(`${name}: the stored bytes are the file's, and the reply is the callback's`, async () => {
      const since = await kodoLogEnd();
      const file = randomFile('文件 1.bin', size, size + 1);
      const queue = makeQueue();
      const waits: unknown[] = [];
      queue.addEventListener('upload-wait', ({ detail }) => waits.push(detail.reason));
      const item = await upload(queue, file);
      await expectStored(item, file);
      const { response, key, hash, source, url } = item.result;
      expect(response).to.include({ key, hash, size, name: '文件 1.bin', url });
      expect(source).to.equal('callback');
      const log = await kodoRequests(since);
      expect(
        countKinds(log.filter(({ status }) => status === 200)),
        `nothing is stored twice; ${JSON.stringify({ waits, log })}`,
      ).to.deep.equal(size <= 4 * MIB ? { form: 1 } : { initiate: 1, part: Math.ceil(size / (4 * MIB)), complete: 1 });
    });
  }

  it('a fast line sends a middling file in one request, and its hash is checked all the same', async () => {
    const queue = makeQueue();
    await upload(queue, randomFile('first.bin', 20 * MIB, 3));
    const since = await kodoLogEnd();
    const file = randomFile('second.bin', 12 * MIB, 4);
    await expectStored(await upload(queue, file), file);
    expect(await kinds(since)).to.deep.equal({ form: 1 });
  });

  it('parts of several blocks are checked, and the object by its hash of version 2', async () => {
    const transport = new QiniuTransport();
    const queue = new UploadQueue({
      tokenProvider: tokenEndpoint({ url: '/api/uploads/token' }),
      resume: false,
      transport: {
        upload: (job, options) => transport.upload({ ...job, asForm: false, partSize: 16 * MIB }, options),
        findHosts: (policy, region) => transport.findHosts(policy, region),
        abandon: (abandoned) => transport.abandon(abandoned),
      },
    });
    queues.push(queue);
    const file = randomFile('large.bin', 40 * MIB, 41);
    const since = await kodoLogEnd();
    const item = await upload(queue, file);
    await expectStored(item, file);
    expect(item.result.hash?.[0]).to.equal('n');
    expect(await kinds(since)).to.deep.equal({ initiate: 1, part: 3, complete: 1 });
  });

  it('two files of one name and size with different content, at the same time, are both stored right', async () => {
    const queue = makeQueue({ duplicates: 'allow' });
    const files = [randomFile('same.bin', 9 * MIB, 11), randomFile('same.bin', 9 * MIB, 12)];
    const items = await Promise.all(files.map((file) => upload(queue, file)));
    for (const [index, item] of items.entries()) await expectStored(item, files[index] as File);
    expect(items[0]?.result.key).not.to.equal(items[1]?.result.key);
  });

  for (const name of [
    '😀🎉.png',
    `'"\\.txt`,
    '../../etc/passwd',
    'x'.repeat(300),
    '<img src=x>.png',
    ' ',
    '100%.txt',
    'a\nb.txt',
  ]) {
    it(`a file named ${JSON.stringify(name.slice(0, 20))} arrives with its name`, async () => {
      const file = makeFile(name, 5);
      const item = await upload(makeQueue(), file);
      expect(item.result.response).to.include({ name });
      await expectStored(item, file);
    });
  }

  it('returnBody and saveKey work as the tutorial has them', async () => {
    const returned = await upload(makeQueue({ query: '?reply=return-body' }), makeFile('a.txt', 7));
    expect(returned.result.source).to.equal('return-body');
    expect(returned.result.response).to.include({ size: 7, name: 'a.txt', width: null });
    const saved = await upload(makeQueue({ query: '?naming=save-key' }), makeFile('b.txt', 8));
    expect(saved.result.key).to.match(/^uploads\/\d{4}\/\d\d\/\d\d\/[\w-]{22}\.txt$/);
  });

  it('a file that was made in another window, such as an iframe, is a file too', async () => {
    const frame = document.createElement('iframe');
    document.body.append(frame);
    const other = frame.contentWindow as (Window & typeof globalThis) | null;
    if (other === null) throw new Error('The frame has no window.');
    const file = new other.File(['from elsewhere'], 'frame.txt', { type: 'text/plain' });
    expect(file instanceof File).to.equal(false);
    await expectStored(await upload(makeQueue(), file), file);
    frame.remove();
  });

  it('asks for a region once, however many files', async () => {
    const since = await kodoLogEnd();
    const provider = tokenEndpoint({ url: '/api/uploads/token' });
    const queue = makeQueue({
      regionQueryOrigin: demo.kodoOrigin,
      tokenProvider: async (request, options) => {
        const answer = await provider(request, options);
        return { ...(answer as object), hosts: [] } as never;
      },
    });
    await Promise.all([1, 2, 3].map((size) => upload(queue, makeFile(`${size}.txt`, size))));
    expect(await kinds(since)).to.deep.equal({ query: 1, form: 3 });
  });

  it('never has more requests open than its concurrency', async () => {
    const since = await kodoLogEnd();
    await orderFaults({ kind: 'part', delay: 30, times: 0 }, { kind: 'form', delay: 30, times: 0 });
    const queue = makeQueue({ concurrency: 3 });
    const files = [
      randomFile('p.bin', 25 * MIB, 5),
      ...Array.from({ length: 12 }, (_, index) => makeFile(`${index}`, 9)),
    ];
    await Promise.all(files.map((file) => upload(queue, file)));
    const log = await kodoRequests(since);
    const open = log.map(({ at }) => log.filter((other) => other.at <= at && (other.endedAt ?? Infinity) > at).length);
    expect(Math.max(...open)).to.be.within(2, 3);
  });

  it('shows progress that only grows, and 100 % never', async () => {
    await orderFaults({ kind: 'part', partNumber: 2, dropAtByte: 2 * MIB });
    const queue = makeQueue();
    const seen: UploadProgress[] = [];
    queue.addEventListener('upload-progress', ({ detail }) => {
      if (detail.item.status === 'uploading') seen.push(detail.item.progress);
    });
    await upload(queue, randomFile('grow.bin', 40 * MIB, 6));
    const bytes = seen.map(({ sentBytes }) => sentBytes);
    expect(bytes).to.deep.equal([...bytes].sort((a, b) => a - b));
    expect(Math.max(...seen.map(({ percent }) => percent))).to.be.below(100);
  });
});

describe('what Kodo refuses', () => {
  const body = (error: string): string => JSON.stringify({ error });
  const cases: readonly [string, Record<string, unknown>, string][] = [
    ['403', { status: 403, body: body("key doesn't match with scope") }, 'forbidden'],
    [
      '403 of a type',
      { status: 403, body: body('limited mimeType: this file type (a/b) is forbidden to upload') },
      'type-forbidden',
    ],
    ['413', { status: 413, body: body('exceed FsizeLimit') }, 'too-large'],
    ['414', { status: 414, body: body('key too long') }, 'key-too-long'],
    ['419', { status: 419, body: body('account is disabled') }, 'account-disabled'],
    ['614', { status: 614, body: body('file exists') }, 'file-exists'],
    ['631', { status: 631, body: body('no such bucket') }, 'bucket-missing'],
    ['a reply that is no JSON', { body: 'ok' }, 'reply-unreadable'],
  ];
  for (const [name, effect, code] of cases) {
    it(`${name} fails at once with ${code}, host and request id`, async () => {
      await orderFaults({ kind: 'form', times: 0, ...effect });
      const since = await kodoLogEnd();
      const item = await outcome(makeQueue(), makeFile());
      if (item.status !== 'failed') throw new Error(`It is ${item.status}.`);
      expect(item.error.code).to.equal(code);
      expect(item.error.host).to.equal(demo.kodoOrigin);
      if (effect['status'] !== undefined) expect(item.error.reqid).to.match(/^[\w-]{16}$/);
      expect(await kinds(since)).to.deep.equal({ form: 1 });
      expect(JSON.stringify({ ...item.error, text: item.error.message })).not.to.contain(demo.accessKey);
    });
  }

  // qiniu-js takes all of these and sends requests with them.
  for (const [name, token] of [
    ['is no token', 'garbage'],
    ['has two parts', `${demo.accessKey}:${btoa('{"scope":"demo"}')}`],
    ['has a policy that is no JSON', `${demo.accessKey}:c2ln:${btoa('scope')}`],
    ['has a scope that is no text', `${demo.accessKey}:c2ln:${btoa('{"scope":7,"deadline":4102444800}')}`],
  ] as const) {
    it(`a token that ${name} never reaches it`, async () => {
      const since = await kodoLogEnd();
      for (const size of [9, 9 * MIB]) {
        const tokenProvider = (): TokenAnswer => ({ token, hosts: [demo.kodoOrigin] });
        const item = await outcome(makeQueue({ tokenProvider }), makeFile('a', size));
        if (item.status !== 'failed') throw new Error(`It is ${item.status}.`);
        expect(item.error.code).to.equal('token-malformed');
        expect(item.error.message).not.to.contain(token);
      }
      expect(await kinds(since)).to.deep.equal({});
    });
  }

  it('a token whose policy is not padded is sent as it is, and Kodo decides', async () => {
    const policy = { scope: 'demo:unpadded.bin', deadline: Math.floor(Date.now() / 1000) + 600, fsizeLimit: 1e9 };
    const token = await signToken(policy, { isPadded: false });
    expect(token.endsWith('=')).to.equal(false);
    for (const size of [9, 5 * MIB]) {
      const since = await kodoLogEnd();
      const tokenProvider = (): TokenAnswer => ({ token, key: 'unpadded.bin', hosts: [demo.kodoOrigin] });
      const item = await outcome(makeQueue({ tokenProvider }), makeFile('unpadded.bin', size));
      if (item.status !== 'failed') throw new Error(`It is ${item.status}.`);
      // The local Kodo wants the padding; qiniu-js would not even ask.
      expect(item.error).to.include({ code: 'token-expired', status: 401, serverMessage: 'bad token' });
      expect((await kodoRequests(since)).map(({ status }) => status)).to.include(401);
    }
  });

  it('579 leaves the file stored and unconfirmed', async () => {
    const inner = JSON.stringify({ err_code: 500, error: 'database is down', hash: 'h', key: 'k' });
    await orderFaults({ kind: 'form', status: 579, body: JSON.stringify({ error: inner }) });
    const item = await outcome(makeQueue(), makeFile());
    if (item.status !== 'unconfirmed') throw new Error(`It is ${item.status}.`);
    expect(item).to.include({ key: 'k', hash: 'h' });
    expect(item.error.callback).to.include({ status: 500, message: 'database is down' });
  });

  for (const [fault, reason] of [
    ['unreachable', 'unreachable'],
    ['server-error', 'refused'],
    ['html', 'not-json'],
    ['reply-lost', 'timeout'],
  ] as const) {
    for (const size of [10, 5 * MIB]) {
      it(`a callback that is ${fault}, ${size} bytes: stored once, unconfirmed, and the confirm route heals it`, async () => {
        const order = { kind: size > 4 * MIB ? 'complete' : 'form', callback: fault };
        await orderFaults(order);
        const file = randomFile('unheard.bin', size, 20);
        const item = await outcome(makeQueue(), file);
        if (item.status !== 'unconfirmed') throw new Error(`It is ${item.status}.`);
        expect((await kodoObject(item.key))?.sha256).to.equal(await sha256(file));
        expect(item.error).to.include({ code: 'callback-failed', status: 579 });
        expect(item.error.callback?.message).to.be.a('string');
        expect(item.error.callback?.reason).to.equal(reason);

        await clearFaults();
        await orderFaults(order);
        const since = await kodoLogEnd();
        const queue = makeQueue({ confirmProvider: confirmEndpoint({ url: '/api/uploads/{id}/confirm' }) });
        const success = new Promise<UploadItemIn<'done'>>((resolve) => {
          queue.addEventListener('upload-success', (event) => resolve(event.detail.item));
        });
        queue.add([file]);
        const healed = await success;
        await expectStored(healed, file);
        expect(healed.result.source).to.equal('confirm');
        expect(healed.result.response).to.include({ key: healed.result.key, hash: healed.result.hash, size });
        // Where the callback itself was heard, the server need not ask Kodo.
        const { stat = 0, ...sent } = await kinds(since);
        expect(stat).to.equal(fault === 'reply-lost' ? 0 : 1);
        expect(sent).to.deep.equal(size > 4 * MIB ? { initiate: 1, part: 2, complete: 1 } : { form: 1 });
      });
    }
  }

  it('an answer without CORS headers is a network failure, and the upload goes on', async () => {
    await orderFaults({ kind: 'form', withoutCors: true, status: 503 });
    const queue = makeQueue();
    const codes: string[] = [];
    queue.addEventListener('upload-wait', ({ detail: { reason } }) => {
      if (reason.code === 'back-off') codes.push(reason.error.code);
    });
    const file = makeFile('cors.txt', 50);
    await expectStored(await upload(queue, file), file);
    expect(codes).to.deep.equal(['network']);
  });

  it('a bucket in another region: the upload goes on at the host that Kodo names', async () => {
    const { host } = new URL(demo.kodoOrigin);
    const body = JSON.stringify({ error: `incorrect region, please use ${host}, bucket is: demo` });
    await orderFaults({ kind: 'initiate', status: 400, body });
    const provider = tokenEndpoint({ url: '/api/uploads/token' });
    const hosts = [demo.kodoOrigin.replace('127.0.0.1', 'localhost')];
    const queue = makeQueue({
      tokenProvider: async (request, options) =>
        ({ ...((await provider(request, options)) as object), hosts }) as never,
    });
    let waits = 0;
    queue.addEventListener('upload-wait', () => (waits += 1));
    const file = randomFile('moved.bin', 9 * MIB, 21);
    await expectStored(await upload(queue, file), file);
    expect(waits).to.equal(0);
  });

  it('a host that cannot be reached fails after its retries, with the host named', async () => {
    const provider = tokenEndpoint({ url: '/api/uploads/token' });
    const queue = makeQueue({
      retries: 0,
      tokenProvider: async (request, options) =>
        ({ ...((await provider(request, options)) as object), hosts: ['http://127.0.0.1:9'] }) as never,
    });
    const item = await outcome(queue, makeFile());
    if (item.status !== 'failed') throw new Error(`It is ${item.status}.`);
    expect(item.error).to.include({ code: 'network', host: 'http://127.0.0.1:9', retryable: true });
  });
});

describe('what passes', () => {
  const cases: readonly [string, Record<string, unknown>, Record<string, number>][] = [
    ['503 on a part', { kind: 'part', partNumber: 3, status: 503 }, { initiate: 1, complete: 1 }],
    ['573 on a part', { kind: 'part', partNumber: 3, status: 573 }, { initiate: 1, complete: 1 }],
    ['a dropped connection', { kind: 'part', partNumber: 2, dropAtByte: MIB, times: 2 }, { initiate: 1, complete: 1 }],
    [
      'an expired token',
      { kind: 'part', partNumber: 4, status: 401, body: '{"error":"token expired 5 seconds ago"}' },
      { initiate: 1, complete: 1 },
    ],
    ['a part that arrives damaged', { kind: 'part', partNumber: 2, wrongEtag: true }, { initiate: 1, complete: 1 }],
    ['the last part arrives damaged', { kind: 'part', partNumber: 7, wrongEtag: true }, { initiate: 1, complete: 1 }],
    [
      'a forgotten upload',
      { kind: 'part', partNumber: 5, status: 612, body: '{"error":"no such uploadId"}' },
      { initiate: 2, complete: 1 },
    ],
    ['503 on complete', { kind: 'complete', status: 503 }, { initiate: 1, complete: 2 }],
    ['503 on initiate', { kind: 'initiate', status: 503 }, { initiate: 2, complete: 1 }],
  ];
  for (const [name, fault, expected] of cases) {
    it(`${name}: the upload goes on, and the stored bytes are the file's`, async () => {
      await orderFaults(fault);
      const since = await kodoLogEnd();
      const file = randomFile('passing.bin', 25 * MIB, name.length);
      await expectStored(await upload(makeQueue(), file), file);
      const { part, ...others } = await kinds(since);
      expect(others).to.deep.equal(expected);
      expect(part).to.be.at.least(7);
    });
  }

  it('one part that is refused goes again by itself, and no other', async () => {
    await orderFaults({ kind: 'part', partNumber: 3, status: 503, times: 2 });
    const since = await kodoLogEnd();
    const queue = makeQueue();
    const waits: unknown[] = [];
    queue.addEventListener('upload-wait', ({ detail }) => waits.push(detail.reason));
    const file = randomFile('again.bin', 25 * MIB, 18);
    await expectStored(await upload(queue, file), file);
    expect(waits).to.deep.equal([]);
    const numbers = (await kodoRequests(since)).flatMap(({ kind, partNumber }) => (kind === 'part' ? partNumber : []));
    expect(numbers.sort()).to.deep.equal([1, 2, 3, 3, 3, 4, 5, 6, 7]);
  });

  it('parts stay stored however often a later one fails', async () => {
    await orderFaults({ kind: 'part', partNumber: 5, status: 503, times: 9 });
    const since = await kodoLogEnd();
    const queue = makeQueue({ concurrency: 1 });
    const stored: number[] = [];
    queue.addEventListener('upload-wait', ({ detail: { item } }) => {
      if (item.status === 'waiting') stored.push(item.progress.storedBytes);
    });
    const file = randomFile('stay.bin', 25 * MIB, 19);
    await expectStored(await upload(queue, file), file);
    expect(stored.slice(1)).to.deep.equal([16 * MIB, 16 * MIB]);
    const log = await kodoRequests(since);
    expect(countKinds(log.filter(({ status }) => status === 200))).to.deep.equal({ initiate: 1, part: 7, complete: 1 });
  });

  it('a stall is noticed, and the upload goes on', async () => {
    await orderFaults({ kind: 'part', partNumber: 1, stall: true });
    const queue = makeQueue({ stallTimeout: 600 });
    const reasons: string[] = [];
    queue.addEventListener('upload-wait', ({ detail: { reason } }) => {
      if (reason.code === 'back-off') reasons.push(reason.error.code);
    });
    const file = randomFile('stall.bin', 9 * MIB, 8);
    await expectStored(await upload(queue, file), file);
    expect(reasons).to.deep.equal(['stalled']);
  });

  it('a reply that is lost after the last byte: nothing is sent again, and the site is asked', async () => {
    await orderFaults({ kind: 'complete', loseReply: true });
    const since = await kodoLogEnd();
    const asked: unknown[] = [];
    const queue = makeQueue({
      confirmProvider: (request) => {
        asked.push(request);
        return Promise.resolve({ key: request.key, confirmed: true });
      },
    });
    const file = randomFile('lost.bin', 9 * MIB, 9);
    const item = await upload(queue, file);
    expect(item.result.source).to.equal('confirm');
    expect(asked).to.have.length(1);
    await expectStored(item, file);
    expect((await kinds(since))['part']).to.equal(3);
  });

  it('a token that is renewed in the middle goes into the requests that follow', async () => {
    await orderFaults({ kind: 'part', delay: 150, times: 0 });
    const provider = tokenEndpoint({ url: '/api/uploads/token' });
    const ids: (string | undefined)[] = [];
    const queue = makeQueue({
      concurrency: 1,
      tokenProvider: async (request, options) => {
        ids.push(request.id);
        return { ...((await provider(request, options)) as object), expiresIn: 1 } as never;
      },
    });
    const file = randomFile('renew.bin', 40 * MIB, 10);
    await expectStored(await upload(queue, file), file);
    expect(ids.length).to.be.at.least(2);
    expect(new Set(ids.slice(1)).size).to.equal(1);
    expect(ids[1]).to.be.a('string');
  });
});

describe('after cancel, no further request reaches Kodo', () => {
  const quiet = async (since: number): Promise<Record<string, number>> => {
    await new Promise((resolve) => setTimeout(resolve, 400));
    return kinds(since);
  };

  /** The log's end 100 ms later: until then what had left the page may arrive. */
  const settledLogEnd = async (): Promise<number> => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    return kodoLogEnd();
  };

  it('before the upload has begun', async () => {
    const since = await kodoLogEnd();
    const queue = makeQueue();
    const [item] = queue.add([makeFile()]);
    queue.cancel(item?.id ?? '');
    expect(await quiet(since)).to.deep.equal({});
  });

  it('while the token is asked for', async () => {
    const since = await kodoLogEnd();
    const provider = tokenEndpoint({ url: '/api/uploads/token' });
    const asked = new Promise<UploadQueue>((resolve) => {
      const queue = makeQueue({
        tokenProvider: (request, options) => {
          resolve(queue);
          return provider(request, options);
        },
      });
      queue.add([makeFile()]);
    });
    const queue = await asked;
    expect(queue.items[0]?.status).to.equal('preparing');
    queue.cancel();
    expect(await quiet(since)).to.deep.equal({});
  });

  it('as soon as it says that it uploads', async () => {
    const since = await kodoLogEnd();
    const queue = makeQueue();
    queue.addEventListener('upload-start', ({ detail: { item } }) => queue.cancel(item.id));
    const [item] = queue.add([randomFile('early.bin', 20 * MIB, 13)]);
    expect((await untilOver(queue, item?.id ?? '')).status).to.equal('cancelled');
    expect(await quiet(since)).to.deep.equal({});
  });

  it('in the middle of a form', async () => {
    await orderFaults({ kind: 'form', bytesPerSecond: 2 * MIB });
    const since = await kodoLogEnd();
    const queue = makeQueue();
    const [item] = queue.add([randomFile('form.bin', 4 * MIB, 14)]);
    await untilLogged(since, (all) => all.includes('form'));
    queue.cancel(item?.id ?? '');
    expect(await quiet(await settledLogEnd())).to.deep.equal({});
    expect((await kodoRequests(since)).map(({ status }) => status)).to.deep.equal([undefined]);
  });

  for (const way of ['pause', 'cancel'] as const) {
    it(`${way} ends the requests that run, within 100 ms`, async () => {
      await orderFaults({ kind: 'part', stall: true, times: 0 });
      const since = await kodoLogEnd();
      const queue = makeQueue({ concurrency: 4 });
      const [item] = queue.add([randomFile('ended.bin', 40 * MIB, 17)]);
      await untilLogged(since, (all) => all.filter((kind) => kind === 'part').length === 3);
      queue[way](item?.id ?? '');
      await settledLogEnd();
      const parts = (await kodoRequests(since)).filter(({ kind }) => kind === 'part');
      expect(parts.map(({ aborted, endedAt }) => aborted && endedAt !== undefined)).to.deep.equal(Array(3).fill(true));
    });
  }

  it('nor after a part was refused for good, though others were being sent', async () => {
    await orderFaults(
      { kind: 'part', partNumber: 1, status: 403 },
      { kind: 'part', bytesPerSecond: 8 * MIB, times: 0 },
    );
    const queue = makeQueue({ concurrency: 3 });
    const item = await outcome(queue, randomFile('refused.bin', 40 * MIB, 22));
    if (item.status !== 'failed') throw new Error(`It is ${item.status}.`);
    expect(item.error.code).to.equal('forbidden');
    expect(await quiet(await settledLogEnd())).to.deep.equal({});
  });

  it('in the middle of parts: only the abort comes after', async () => {
    await orderFaults({ kind: 'part', bytesPerSecond: 4 * MIB, times: 0 });
    const since = await kodoLogEnd();
    const queue = makeQueue();
    const [item] = queue.add([randomFile('parts.bin', 60 * MIB, 15)]);
    await untilLogged(since, (all) => all.includes('part'));
    const end = await kodoLogEnd();
    queue.cancel(item?.id ?? '');
    await untilLogged(end, (all) => all.includes('abort'));
    const late = await kodoLogEnd();
    expect(await quiet(late)).to.deep.equal({});
  });

  it('in the middle of parts, paused: nothing comes after, and resume goes on from what is stored', async () => {
    await orderFaults({ kind: 'part', bytesPerSecond: 20 * MIB, times: 0 });
    const since = await kodoLogEnd();
    const queue = makeQueue({ concurrency: 2 });
    const file = randomFile('pause.bin', 40 * MIB, 16);
    const [item] = queue.add([file]);
    const id = item?.id ?? '';
    await untilLogged(since, (all) => all.filter((kind) => kind === 'part').length >= 5);
    queue.pause(id);
    expect(await quiet(await settledLogEnd())).to.deep.equal({});
    queue.resume(id);
    await expectStored(await untilStatus(queue, id, 'done'), file);
    const { initiate, part, complete } = await kinds(since);
    expect({ initiate, complete }).to.deep.equal({ initiate: 1, complete: 1 });
    expect(part).to.be.below(15);
  });
});

describe('where no worker can start', () => {
  it('the same uploads run in the page, and cancel ends them too', async () => {
    const frame = document.createElement('iframe');
    frame.src = '/no-worker.html';
    document.body.append(frame);
    await new Promise((resolve) => frame.addEventListener('load', resolve, { once: true }));
    const page = frame.contentWindow as (Window & typeof globalThis) | null;
    if (page === null) throw new Error('The frame has no window.');
    const script = page.document.createElement('script');
    script.type = 'module';
    script.src = new URL('../support/no-worker-page.ts', import.meta.url).href;
    const result = new Promise<{ statuses: string[]; hash: string; key: string }>((resolve) => {
      window.addEventListener('message', ({ data }: MessageEvent) => resolve(data as never), { once: true });
    });
    const since = await kodoLogEnd();
    page.document.body.append(script);
    const { statuses, hash, key } = await result;
    expect(statuses).to.deep.equal(['done', 'cancelled']);
    expect((await kodoObject(key))?.sha256).to.equal(hash);
    const end = await kodoLogEnd();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(Object.keys(await kinds(end)).filter((kind) => kind !== 'abort')).to.deep.equal([]);
    expect((await kinds(since))['complete']).to.equal(1);
    frame.remove();
  });
});

describe('events', () => {
  it('come after the state they tell of', async () => {
    const queue = makeQueue();
    const wrong: string[] = [];
    for (const name of UPLOAD_EVENT_NAMES) {
      queue.addEventListener(name, (event) => {
        const detail = (event as CustomEvent<{ item?: UploadItem }>).detail;
        if (
          detail.item !== undefined &&
          name !== 'file-add' &&
          name !== 'file-remove' &&
          queue.get(detail.item.id) !== detail.item
        )
          wrong.push(name);
      });
    }
    await upload(queue, randomFile('events.bin', 9 * MIB, 17));
    expect(wrong).to.deep.equal([]);
  });

  it('tell of every request as Kodo saw it, and of no token', async () => {
    await orderFaults({ kind: 'part', partNumber: 2, status: 503 });
    const queue = makeQueue();
    const requests: SentRequest[] = [];
    queue.addEventListener('upload-request', ({ detail }) => requests.push(detail.request));
    const since = await kodoLogEnd();
    const large = await upload(queue, randomFile('large.bin', 9 * MIB, 21));
    const small = await upload(queue, randomFile('small.bin', 5, 22));
    const log = (await kodoRequests(since)).filter(({ kind }) => kind !== 'preflight');
    const seen = (list: readonly { readonly status?: number | undefined; readonly reqid?: string | undefined }[]) =>
      list.map(({ status, reqid }) => `${status} ${reqid}`).sort();
    expect(seen(requests)).to.deep.equal(seen(log));
    expect(log.filter(({ status }) => status === 503)).to.have.length(1);
    expect(requests.at(-1)).to.include({ method: 'POST', status: 200, fileBytes: 5 });
    expect(requests.at(-1)?.body).to.deep.equal({ key: small.result.key, fname: 'small.bin' });
    expect(requests.at(-1)?.reply).to.deep.equal(small.result.response);
    const complete = requests.find(({ reply }) => (reply as { key?: unknown }).key === large.result.key);
    expect((complete?.body as { parts: unknown[] }).parts).to.have.length(3);
    expect(complete?.duration).to.be.greaterThan(0);
    expect(JSON.stringify(requests)).not.to.include(demo.accessKey);
  });
});
