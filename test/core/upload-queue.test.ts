import { describe, expect, it } from '../support/suite.js';
import { UPLOAD_EVENT_NAMES, UploadError, type BeforeUploadAnswer, type UploadQueue } from '../../src/core.js';
import { makeToken } from '../support/fake-transport.js';
import { makeFile } from '../support/files.js';
import { addOne, makeNetwork, makeQueue, nextEvent, untilTick } from '../support/queue-harness.js';
import { untilStatus } from '../support/until.js';

/** A broken connection that is not tried again. */
const broken = (): UploadError => new UploadError('forbidden', 'no');

describe('an upload', () => {
  it('goes from file to token to transport to reply', async () => {
    const { queue, transport, requests, events } = makeQueue();
    const id = addOne(queue, makeFile('图.png', 10, 'image/png'));
    const upload = await transport.nextUpload();
    expect(requests).to.deep.equal([{ name: '图.png', size: 10, type: 'image/png' }]);
    expect(upload.job).to.include({ key: 'k', host: 'https://up.example', asForm: true });
    upload.progress(5);
    upload.sent();
    expect(queue.get(id)?.status).to.equal('confirming');
    const success = nextEvent(queue, 'upload-success');
    const complete = nextEvent(queue, 'uploads-complete');
    const response = { id: 7, hash: 'h' };
    upload.succeed(response);
    const { detail } = await success;
    expect(detail.response).to.equal(response); // the very value
    expect(detail).to.include({ key: 'k', hash: 'h', source: 'default' });
    expect(detail.item).to.equal(queue.get(id));
    await complete;
    expect(events.filter((name) => name !== 'upload-progress')).to.deep.equal([
      'file-add',
      'upload-start',
      'upload-success',
      'uploads-complete',
    ]);
  });

  it('tells the source of its reply from the policy', async () => {
    const cases: readonly [Record<string, unknown>, string][] = [
      [{ callbackUrl: 'https://x', callbackBody: 'y' }, 'callback'],
      [{ returnBody: '{}' }, 'return-body'],
      [{ callbackUrl: 'https://x', callbackBody: 'y', returnBody: '{}' }, 'callback'],
      [{}, 'default'],
    ];
    for (const [policy, source] of cases) {
      const { queue, transport } = makeQueue({ tokenProvider: () => makeToken(policy) });
      const id = addOne(queue);
      (await transport.nextUpload()).succeed({});
      expect((await untilStatus(queue, id, 'done')).result.source).to.equal(source);
    }
  });

  it('shows the reply’s own url, else the key under the domain, never a script', async () => {
    const cases: readonly [unknown, string | undefined][] = [
      [{ url: 'https://cdn.example/x' }, 'https://cdn.example/x'],
      [{ url: '/files/1' }, '/files/1'],
      [{ url: 'javascript:alert(1)', key: 'a/图 1.png' }, 'https://d.example/a/%E5%9B%BE%201.png'],
      [null, 'https://d.example/k'],
    ];
    for (const [response, url] of cases) {
      const { queue, transport } = makeQueue({ domain: 'd.example' });
      const id = addOne(queue);
      (await transport.nextUpload()).succeed(response);
      expect((await untilStatus(queue, id, 'done')).result.url).to.equal(url);
    }
  });

  it('is done at once when the site has the file', async () => {
    const { queue, transport } = makeQueue({ tokenProvider: () => ({ response: { id: 1 }, key: 'k', hash: 'h' }) });
    const { result } = await untilStatus(queue, addOne(queue), 'done');
    expect(result).to.include({ key: 'k', hash: 'h', source: 'instant' });
    expect(transport.uploads).to.have.length(0);
  });

  it('fails when the stored hash is not the file’s', async () => {
    const { queue, transport } = makeQueue();
    const id = addOne(queue);
    (await transport.nextUpload()).succeed({ hash: `F${'a'.repeat(27)}` }, `F${'b'.repeat(27)}`);
    expect((await untilStatus(queue, id, 'failed')).error.code).to.equal('hash-mismatch');
  });

  it('takes a hash of another kind in the reply for what it is', async () => {
    const { queue, transport } = makeQueue();
    const id = addOne(queue);
    (await transport.nextUpload()).succeed({ hash: 'd41d8cd98f00b204e9800998ecf8427e' }, `F${'b'.repeat(27)}`);
    await untilStatus(queue, id, 'done');
  });

  const badTokens: readonly [string, unknown, string][] = [
    ['an empty one', '', 'token-malformed'],
    ['a malformed one', 'abc', 'token-malformed'],
    ['none', {}, 'token-malformed'],
    ['null', null, 'token-malformed'],
  ];
  for (const [name, answer, code] of badTokens) {
    it(`fails with ${code} on a bad token (${name}), and sends nothing`, async () => {
      const { queue, transport } = makeQueue({ tokenProvider: () => answer as string });
      const { error } = await untilStatus(queue, addOne(queue), 'failed');
      expect(error.code).to.equal(code);
      expect(transport.uploads).to.have.length(0);
    });
  }

  it('fails in words when nobody issues tokens', async () => {
    const { queue } = makeQueue({ tokenProvider: undefined });
    expect((await untilStatus(queue, addOne(queue), 'failed')).error.code).to.equal('token-source-missing');
  });

  it('asks for hosts only when nobody names one', async () => {
    const { queue, transport } = makeQueue({ upHosts: [] });
    addOne(queue);
    await transport.nextUpload();
    expect(transport.hostQueries).to.deep.equal(['demo']);
    const named = makeQueue({ tokenProvider: () => ({ token: makeToken(), hosts: ['up.own.example'] }), upHosts: [] });
    addOne(named.queue);
    expect((await named.transport.nextUpload()).job.host).to.equal('https://up.own.example');
    expect(named.transport.hostQueries).to.deep.equal([]);
  });
});

describe('after a failure', () => {
  it('the upload waits, goes on from its parts, and the token is not asked for again', async () => {
    const { queue, transport, requests } = makeQueue({ stallTimeout: 1000 });
    const id = addOne(queue, makeFile('a', 20 << 20));
    const first = await transport.nextUpload();
    const stored = { uploadId: 'u1', partSize: 4 << 20, parts: [{ etag: 'e', md5: 'm', size: 4 << 20 }] };
    first.stored(stored);
    const waiting = nextEvent(queue, 'upload-wait');
    first.fail(new UploadError('network', 'gone'));
    expect((await waiting).detail.reason.code).to.equal('back-off');
    const second = await transport.nextUpload();
    expect(second.job.stored).to.deep.equal(stored);
    expect(requests).to.have.length(1);
    second.succeed({});
    await untilStatus(queue, id, 'done');
  });

  it('parts of another size stay parts of that size', async () => {
    const { queue, transport } = makeQueue({ stallTimeout: 1000 });
    const id = addOne(queue, makeFile('a', 20 << 20));
    const first = await transport.nextUpload();
    first.stored({ uploadId: 'u1', partSize: 1 << 20, parts: [{ etag: 'e', md5: 'm', size: 1 << 20 }] });
    first.fail(new UploadError('network', 'gone'));
    const second = await transport.nextUpload();
    expect(second.job.partSize).to.equal(1 << 20);
    second.succeed({});
    await untilStatus(queue, id, 'done');
  });

  it('another host of the list is tried at once', async () => {
    const { queue, transport, events } = makeQueue({ upHosts: ['https://a.example', 'https://b.example'] });
    const id = addOne(queue);
    (await transport.nextUpload()).fail(new UploadError('network', 'gone'));
    const second = await transport.nextUpload();
    expect(second.job.host).to.equal('https://b.example');
    expect(events).not.to.include('upload-wait');
    second.succeed({});
    await untilStatus(queue, id, 'done');
  });

  it('an expired token is renewed for the same upload, once without progress', async () => {
    const { queue, transport, requests } = makeQueue();
    const id = addOne(queue);
    (await transport.nextUpload()).fail(new UploadError('token-expired', 'late', { status: 401 }));
    const second = await transport.nextUpload();
    expect(requests[1]?.id).to.equal('id-1');
    second.fail(new UploadError('token-expired', 'late', { status: 401 }));
    expect((await untilStatus(queue, id, 'failed')).error.code).to.equal('token-expired');
    expect(requests).to.have.length(2);
  });

  it('a forgotten upload begins afresh, without its parts', async () => {
    const { queue, transport } = makeQueue();
    const id = addOne(queue, makeFile('a', 20 << 20));
    const first = await transport.nextUpload();
    first.stored({ uploadId: 'u1', partSize: 4 << 20, parts: [] });
    first.fail(new UploadError('upload-expired', 'no such uploadId', { status: 612 }));
    const second = await transport.nextUpload();
    expect(second.job.stored).to.equal(undefined);
    second.succeed({});
    await untilStatus(queue, id, 'done');
  });

  it('a failed upload that is retried goes on from its parts', async () => {
    const { queue, transport, requests } = makeQueue();
    const id = addOne(queue, makeFile('a', 20 << 20));
    const first = await transport.nextUpload();
    const stored = { uploadId: 'u1', partSize: 4 << 20, parts: [{ etag: 'e', md5: 'm', size: 4 << 20 }] };
    first.stored(stored);
    first.fail(broken());
    await untilStatus(queue, id, 'failed');
    queue.retry(id);
    const second = await transport.nextUpload();
    expect(second.job.stored).to.deep.equal(stored);
    expect(requests).to.have.length(1);
  });

  it('too many requests lower the concurrency, success raises it again', async () => {
    const { queue, transport } = makeQueue({ concurrency: 4 });
    const ids = [0, 1, 2, 3].map(() => addOne(queue));
    const uploads = await Promise.all(ids.map(() => transport.nextUpload()));
    const waiting = nextEvent(queue, 'upload-wait');
    uploads[0]?.fail(new UploadError('rate-limited', 'slow down', { status: 573 }));
    await waiting;
    addOne(queue);
    for (const upload of uploads.slice(1)) upload.succeed({});
    await untilStatus(queue, ids[3] ?? '', 'done');
    (await transport.nextUpload()).succeed({});
  });
});

describe('a callback that failed', () => {
  const failure = (): UploadError =>
    new UploadError('callback-failed', '579', {
      status: 579,
      callback: { key: 'k', hash: 'h', reason: 'refused', status: 500, message: 'database is down' },
    });

  it('leaves the file stored and unconfirmed, and sends nothing again', async () => {
    const { queue, transport, events } = makeQueue();
    const id = addOne(queue);
    (await transport.nextUpload()).fail(failure());
    const item = await untilStatus(queue, id, 'unconfirmed');
    expect(item).to.include({ key: 'k', hash: 'h' });
    expect(item.error.callback?.message).to.equal('database is down');
    expect(events).to.include('upload-unconfirmed').and.not.to.include('upload-error');
    expect(transport.uploads).to.have.length(1);
  });

  it('is made up for by the confirm provider, with the reply that the callback would have given', async () => {
    const asked: unknown[] = [];
    const { queue, transport } = makeQueue({
      confirmProvider: (request) => {
        asked.push(request);
        return Promise.resolve({ id: 'id-1', key: 'k' });
      },
    });
    const id = addOne(queue);
    (await transport.nextUpload()).fail(failure());
    const { result } = await untilSuccess(queue, id);
    expect(asked).to.deep.equal([{ id: 'id-1', key: 'k', hash: 'h' }]);
    expect(result).to.deep.include({ response: { id: 'id-1', key: 'k' }, source: 'confirm' });
  });

  function untilSuccess(queue: UploadQueue, id: string) {
    return new Promise<{ result: unknown }>((resolve) => {
      queue.addEventListener('upload-success', ({ detail: { item } }) => {
        if (item.id === id) resolve(item);
      });
    });
  }
});

describe('a lost reply', () => {
  it('is asked about before a byte is sent again', async () => {
    const { queue, transport } = makeQueue({ confirmProvider: () => Promise.resolve({ ok: true }) });
    const id = addOne(queue);
    const upload = await transport.nextUpload();
    upload.sent();
    upload.fail(new UploadError('network', 'gone'));
    expect((await untilStatus(queue, id, 'done')).result.source).to.equal('confirm');
    expect(transport.uploads).to.have.length(1);
  });

  it('is sent again when the site knows of nothing', async () => {
    const { queue, transport } = makeQueue({
      confirmProvider: () => Promise.reject(new UploadError('upload-unknown', 'not stored')),
    });
    const id = addOne(queue);
    const upload = await transport.nextUpload();
    upload.sent();
    upload.fail(new UploadError('network', 'gone'));
    (await transport.nextUpload()).succeed({});
    await untilStatus(queue, id, 'done');
  });

  it('without a confirm provider ends unconfirmed when the upload is used up', async () => {
    const { queue, transport } = makeQueue({ upHosts: ['https://a.example', 'https://b.example'] });
    const id = addOne(queue, makeFile('a', 20 << 20));
    const upload = await transport.nextUpload();
    upload.stored({ uploadId: 'u', partSize: 4 << 20, parts: [] });
    upload.sent();
    upload.fail(new UploadError('network', 'gone'));
    const second = await transport.nextUpload();
    second.sent();
    second.fail(new UploadError('upload-expired', 'no such uploadId', { status: 612 }));
    expect((await untilStatus(queue, id, 'unconfirmed')).error.code).to.equal('reply-lost');
    expect(transport.uploads).to.have.length(2);
  });
});

describe('cancel', () => {
  it('ends an upload in every state it can be in, and nothing is heard of it after', async () => {
    const late: string[] = [];
    const { queue, transport } = makeQueue({ concurrency: 1 });
    const running = addOne(queue);
    const queued = addOne(queue);
    const upload = await transport.nextUpload();
    queue.cancel(queued);
    expect(queue.get(queued)?.status).to.equal('cancelled');
    queue.cancel(running);
    expect(upload.signal.aborted).to.equal(true);
    for (const name of UPLOAD_EVENT_NAMES) queue.addEventListener(name, () => late.push(name));
    upload.progress(5);
    upload.sent();
    upload.succeed({});
    await Promise.resolve();
    expect(queue.get(running)?.status).to.equal('cancelled');
    expect(late.filter((name) => name !== 'uploads-complete')).to.deep.equal([]);
  });

  it('while a token is asked for, sends nothing', async () => {
    let answer: (token: string) => void = () => undefined;
    const { queue, transport } = makeQueue({ tokenProvider: () => new Promise((resolve) => (answer = resolve)) });
    const id = addOne(queue);
    await untilStatus(queue, id, 'preparing');
    queue.cancel(id);
    answer(makeToken());
    addOne(queue);
    await untilTick();
    expect(transport.uploads).to.have.length(0);
  });

  it('lets Kodo forget the parts', async () => {
    const { queue, transport } = makeQueue();
    const id = addOne(queue, makeFile('a', 20 << 20));
    (await transport.nextUpload()).stored({ uploadId: 'u1', partSize: 4 << 20, parts: [] });
    queue.cancel(id);
    expect(transport.abandoned.map(({ stored, host }) => [stored.uploadId, host])).to.deep.equal([
      ['u1', 'https://up.example'],
    ]);
  });

  it('leaves what is over as it is', async () => {
    const { queue, transport } = makeQueue();
    const id = addOne(queue);
    (await transport.nextUpload()).succeed({});
    await untilStatus(queue, id, 'done');
    queue.cancelAll();
    expect(queue.get(id)?.status).to.equal('done');
  });
});

describe('pause', () => {
  it('stops every request and keeps the parts; resume goes on from them', async () => {
    const { queue, transport, events } = makeQueue();
    const id = addOne(queue, makeFile('a', 20 << 20));
    const first = await transport.nextUpload();
    const stored = { uploadId: 'u1', partSize: 4 << 20, parts: [{ etag: 'e', md5: 'm', size: 4 << 20 }] };
    first.stored(stored);
    queue.pause(id);
    expect(first.signal.aborted).to.equal(true);
    expect(transport.abandoned).to.deep.equal([]);
    queue.resume(id);
    expect((await transport.nextUpload()).job.stored).to.deep.equal(stored);
    expect(events.filter((name) => name === 'upload-start')).to.have.length(1);
    expect(events).to.include('upload-pause').and.to.include('upload-resume');
  });
});

describe('offline (F12)', () => {
  const unreachable = (): UploadError => new UploadError('token-unreachable', 'no network');

  it('an upload whose bytes stand still waits for the network, and continues when it is back', async () => {
    const { state, set } = makeNetwork(true);
    const { queue, transport } = makeQueue({ connectivity: state, retries: 0 });
    const id = addOne(queue);
    const first = await transport.nextUpload();
    set(false);
    expect((await untilStatus(queue, id, 'waiting')).reason.code).to.equal('offline');
    expect(first.signal.aborted).to.equal(true);
    set(true);
    (await transport.nextUpload()).succeed({});
    await untilStatus(queue, id, 'done');
  });

  it('a browser that is wrong about it stops nothing: the file is uploaded', async () => {
    const { state, set } = makeNetwork(false);
    const { queue, transport, events } = makeQueue({ connectivity: state });
    const id = addOne(queue);
    const upload = await transport.nextUpload();
    set(true);
    set(false);
    upload.succeed({});
    await untilStatus(queue, id, 'done');
    expect(events).not.to.include('upload-wait');
  });

  it('a try that fails without a network is not counted, and is made again when the network is back', async () => {
    const { state, set } = makeNetwork(false);
    let requests = 0;
    const tokenProvider = (): string => {
      requests += 1;
      if (!state.online) throw unreachable();
      return makeToken();
    };
    const { queue, transport } = makeQueue({ connectivity: state, retries: 0, tokenProvider });
    const id = addOne(queue);
    expect((await untilStatus(queue, id, 'waiting')).reason.code).to.equal('offline');
    expect(requests).to.equal(1);
    set(true);
    (await transport.nextUpload()).succeed({});
    await untilStatus(queue, id, 'done');
  });

  it('the visitor can have a try at once', async () => {
    const { state } = makeNetwork(false);
    let isReachable = false;
    const tokenProvider = (): string => {
      if (!isReachable) throw unreachable();
      return makeToken();
    };
    const { queue, transport } = makeQueue({ connectivity: state, tokenProvider });
    const id = addOne(queue);
    await untilStatus(queue, id, 'waiting');
    isReachable = true;
    queue.retry(id);
    (await transport.nextUpload()).succeed({});
    await untilStatus(queue, id, 'done');
  });

  it('a try is made now and then, without any event of the browser', async () => {
    const { state } = makeNetwork(false);
    let failures = 1;
    const tokenProvider = (): string => {
      if (failures > 0) {
        failures -= 1;
        throw unreachable();
      }
      return makeToken();
    };
    const { queue, transport } = makeQueue({ connectivity: state, tokenProvider });
    const id = addOne(queue);
    (await transport.nextUpload()).succeed({});
    await untilStatus(queue, id, 'done');
  });
});

describe('the queue', () => {
  // Two more than may send are made ready, so that no place for a request stands empty; one by one stays one by one.
  for (const [concurrency, atOnce] of [
    [1, 1],
    [2, 4],
  ] as const) {
    it(`makes at most ${atOnce} files ready where ${concurrency} may send, in order`, async () => {
      const { queue, transport } = makeQueue({ concurrency });
      const names = ['a', 'b', 'c', 'd', 'e', 'f'];
      queue.add(names.map((name) => makeFile(name)));
      const seen: string[] = [];
      const counts: number[] = [];
      for (let index = 0; index < names.length; index += 1) {
        const upload = await transport.nextUpload();
        seen.push(upload.job.file.name);
        counts.push(queue.items.filter(({ status }) => status === 'uploading' || status === 'preparing').length);
        upload.succeed({});
      }
      expect(seen).to.deep.equal(names);
      expect(Math.max(...counts)).to.equal(atOnce);
    });
  }

  it('waits for start() when it is manual', async () => {
    const { queue, transport } = makeQueue({ manual: true });
    const id = addOne(queue);
    await untilTick();
    expect(queue.get(id)?.status).to.equal('queued');
    queue.start();
    (await transport.nextUpload()).succeed({});
    await untilStatus(queue, id, 'done');
  });

  it('asks for a new token when a cancelled upload is retried', async () => {
    const { queue, transport, requests } = makeQueue();
    const id = addOne(queue);
    await transport.nextUpload();
    queue.cancel(id);
    queue.retry(id);
    (await transport.nextUpload()).succeed({});
    await untilStatus(queue, id, 'done');
    expect(requests.map(({ id: asked }) => asked)).to.deep.equal([undefined, undefined]);
  });

  it('keeps a file out when file-add is vetoed', async () => {
    const { queue, transport } = makeQueue();
    queue.addEventListener('file-add', (event) => {
      if (event.detail.item.name === 'bad') event.preventDefault();
    });
    queue.add([makeFile('bad'), makeFile('good')]);
    expect(queue.items.map(({ name }) => name)).to.deep.equal(['good']);
    expect((await transport.nextUpload()).job.file.name).to.equal('good');
  });

  it('keeps a rejected file with its reason, and uploads the others', async () => {
    const { queue, transport, events } = makeQueue({ rules: { maxSize: 10, maxFiles: 2 } });
    const items = queue.add([makeFile('big', 11), makeFile('a', 1), makeFile('b', 1), makeFile('c', 1)]);
    const codes = items.map((item) => (item.status === 'rejected' ? item.reason.code : ''));
    expect(codes).to.deep.equal(['file-too-large', '', '', 'too-many-files']);
    expect(events.filter((name) => name === 'file-reject')).to.have.length(2);
    await transport.nextUpload();
  });

  it('takes the very same file once, and twice when that is allowed', () => {
    const file = makeFile();
    const { queue } = makeQueue();
    const [, second] = queue.add([file, file]);
    expect(second).to.deep.include({ status: 'rejected', reason: { code: 'duplicate' } });
    const { queue: lax } = makeQueue({ duplicates: 'allow' });
    expect(lax.add([file, file]).map(({ status }) => status)).not.to.include('rejected');
  });

  it('removes a running upload, and says so', async () => {
    const { queue, transport, events } = makeQueue();
    const id = addOne(queue);
    const upload = await transport.nextUpload();
    queue.removeFile(id);
    expect(upload.signal.aborted).to.equal(true);
    expect(queue.size).to.equal(0);
    expect(events).to.include('upload-cancel').and.to.include('file-remove');
    queue.removeFile('nothing');
  });

  it('clears everything', async () => {
    const { queue, transport } = makeQueue();
    queue.add([makeFile(), makeFile()]);
    const upload = await transport.nextUpload();
    queue.clear();
    expect(queue.items).to.deep.equal([]);
    expect(upload.signal.aborted).to.equal(true);
  });

  it('says when everything is over, with what ended', async () => {
    const { queue, transport } = makeQueue();
    const complete = nextEvent(queue, 'uploads-complete');
    queue.add([makeFile('a'), makeFile('b')]);
    (await transport.nextUpload()).succeed({});
    (await transport.nextUpload()).fail(broken());
    const { items } = (await complete).detail;
    expect(items.map(({ status }) => status)).to.deep.equal(['done', 'failed']);
  });

  it('hands out frozen snapshots, the same array until something changes', async () => {
    const { queue, transport } = makeQueue();
    const before = queue.items;
    expect(queue.items).to.equal(before);
    const id = addOne(queue);
    const upload = await transport.nextUpload();
    const now = queue.items;
    expect(Object.isFrozen(now) && Object.isFrozen(now[0])).to.equal(true);
    expect(before).to.deep.equal([]);
    upload.sent();
    expect(queue.items).not.to.equal(now);
    expect(now[0]?.status).not.to.equal(queue.get(id)?.status);
  });

  it('refuses settings that are not of their kind, and shows the value', () => {
    const { queue } = makeQueue();
    expect(() => queue.configure({ concurrency: 0 })).to.throw(TypeError, 'not 0');
    expect(() => queue.configure({ retries: -1 })).to.throw(TypeError, 'not -1');
    expect(() => queue.configure({ tokenProvider: 'x' as never })).to.throw(TypeError, 'must be a function');
    expect(() => queue.configure({ upHosts: ['ftp://x'] })).to.throw('is not a valid up host');
    expect(() => queue.add(['x' as never])).to.throw(TypeError);
  });
});

describe('the page’s own hooks', () => {
  it('a validator refuses by its words, at once or later, before a token is asked for', async () => {
    const validator = (file: File): string | undefined | Promise<string | undefined> =>
      file.name === 'a' ? 'not a' : Promise.resolve(file.name === 'b' ? 'nor b' : undefined);
    const { queue, transport, requests, events } = makeQueue({ validator });
    const [a, b, c] = queue.add([makeFile('a'), makeFile('b'), makeFile('c')]);
    (await transport.nextUpload()).succeed({});
    await untilStatus(queue, c?.id ?? '', 'done');
    expect((await untilStatus(queue, a?.id ?? '', 'rejected')).reason).to.deep.equal({
      code: 'refused',
      message: 'not a',
    });
    expect((await untilStatus(queue, b?.id ?? '', 'rejected')).reason).to.deep.equal({
      code: 'refused',
      message: 'nor b',
    });
    expect(requests.map(({ name }) => name)).to.deep.equal(['c']);
    expect(events.filter((name) => name === 'file-reject')).to.have.length(2);
  });

  it('beforeUpload puts another file in its place, once, also when the upload is retried', async () => {
    let calls = 0;
    const smaller = new File(['tiny'], 'small.webp', { type: 'image/webp' });
    const beforeUpload = (): BeforeUploadAnswer => {
      calls += 1;
      return { replace: smaller };
    };
    const { queue, transport, requests } = makeQueue({ beforeUpload, retries: 0 });
    const id = addOne(queue, makeFile('large.png', 5000));
    (await transport.nextUpload()).fail(new UploadError('network', 'x'));
    await untilStatus(queue, id, 'failed');
    queue.retry(id);
    const again = await transport.nextUpload();
    expect(again.job.file.file).to.equal(smaller);
    again.succeed({});
    const item = await untilStatus(queue, id, 'done');
    expect(item).to.include({ name: 'small.webp', size: 4, type: 'image/webp' });
    expect(requests[0]).to.include({ name: 'small.webp', size: 4, type: 'image/webp' });
    expect(calls).to.equal(1);
  });

  it('a hook that fails refuses the file with its words; a cancelled one is not heard', async () => {
    const failing = makeQueue({ beforeUpload: () => Promise.reject(new Error('no decoder')) });
    const id = addOne(failing.queue);
    expect((await untilStatus(failing.queue, id, 'rejected')).reason).to.include({ message: 'no decoder' });

    let signal: AbortSignal | undefined;
    const waiting = makeQueue({
      validator: (_, options) => {
        ({ signal } = options);
        return new Promise((_resolve, reject) =>
          options.signal.addEventListener('abort', () => reject(new Error('x'))),
        );
      },
    });
    const cancelled = addOne(waiting.queue);
    waiting.queue.cancel(cancelled);
    await untilTick();
    expect(signal?.aborted).to.equal(true);
    expect(waiting.queue.get(cancelled)?.status).to.equal('cancelled');
  });
});

describe('a shared token', () => {
  it('is used for all files until it expires, and asked for once', async () => {
    const { queue, transport, requests } = makeQueue();
    let asked = 0;
    queue.configure({
      tokenProvider: () => {
        asked += 1;
        return Promise.resolve({ token: makeToken({ scope: 'demo' }), shared: true });
      },
    });
    queue.add([makeFile('a'), makeFile('b'), makeFile('c')]);
    for (let index = 0; index < 3; index += 1) (await transport.nextUpload()).succeed({});
    expect(asked).to.equal(1);
    expect(requests).to.have.length(0);
  });

  it('that expires soon is asked for again', async () => {
    let asked = 0;
    const { queue, transport } = makeQueue({
      tokenProvider: () => {
        asked += 1;
        return { token: makeToken({ scope: 'demo' }), shared: true, expiresIn: 30 };
      },
    });
    queue.add([makeFile('a'), makeFile('b')]);
    for (let index = 0; index < 2; index += 1) (await transport.nextUpload()).succeed({});
    expect(asked).to.equal(2);
  });
});

describe('an upload that stalls (F1)', () => {
  const MIB = 1024 * 1024;

  it('with nothing stored starts over with smaller parts, and gives up those that did not get through', async () => {
    const { queue, transport } = makeQueue();
    const id = addOne(queue, makeFile('a', 12 * MIB));
    const sizes: number[] = [];
    for (const uploadId of ['u1', 'u2']) {
      const upload = await transport.nextUpload();
      sizes.push(upload.job.partSize);
      upload.stored({ uploadId, partSize: upload.job.partSize, parts: [] });
      upload.fail(new UploadError('stalled', 'silence'));
    }
    const last = await transport.nextUpload();
    sizes.push(last.job.partSize);
    expect(sizes).to.deep.equal([4 * MIB, MIB, MIB]);
    expect(last.stalls).to.equal(2);
    expect(transport.abandoned.map(({ stored }) => stored.uploadId)).to.deep.equal(['u1']);
    last.succeed({});
    await untilStatus(queue, id, 'done');
  });

  it('with parts stored keeps them, and is given the usual time again', async () => {
    const { queue, transport } = makeQueue();
    const id = addOne(queue, makeFile('a', 12 * MIB));
    (await transport.nextUpload()).fail(new UploadError('stalled', 'silence'));
    const second = await transport.nextUpload();
    expect(second.stalls).to.equal(1);
    const stored = { uploadId: 'u2', partSize: MIB, parts: [{ etag: 'e', md5: 'm', size: MIB }] };
    second.stored(stored);
    second.fail(new UploadError('stalled', 'silence'));
    const third = await transport.nextUpload();
    expect(third.job.stored).to.deep.equal(stored);
    expect(third.stalls).to.equal(1);
    third.succeed({});
    await untilStatus(queue, id, 'done');
  });

  it('in one request is sent in parts the next time, where it is large enough for them', async () => {
    const { queue, transport } = makeQueue();
    // A fast line, so that the next file goes in one request.
    addOne(queue, makeFile('fast', 2 * MIB));
    (await transport.nextUpload()).succeed({});
    const id = addOne(queue, makeFile('a', 12 * MIB));
    const first = await transport.nextUpload();
    expect(first.job.asForm).to.equal(true);
    first.fail(new UploadError('stalled', 'silence'));
    const second = await transport.nextUpload();
    expect(second.job).to.include({ asForm: false, partSize: 4 * MIB });
    second.succeed({});
    await untilStatus(queue, id, 'done');
  });
});
