import { expect } from 'chai';
import {
  createUploadQueue,
  tokenEndpoint,
  type FileEntry,
  type TokenRequest,
  type UploadQueue,
} from '../../src/core.js';
import { browserKeptFiles } from '../../src/core/resume/kept-files.js';
import { ResumeRecords } from '../../src/core/resume/resume-records.js';
import { randomFile, sha256 } from '../support/files.js';
import { clearFaults, kodoLogEnd, kodoObject, kodoRequests, orderFaults } from '../support/kodo-control.js';
import { untilStatus } from '../support/until.js';

const MIB = 1024 * 1024;
const SCOPE = 'resume-test';
const hasHandles = 'storage' in navigator && 'getDirectory' in navigator.storage;

const queues: UploadQueue[] = [];
let asked: TokenRequest[];

/** What a page has after a load: a queue that remembers nothing but what the browser keeps. */
function load(settings: { readonly concurrency?: number } = {}): UploadQueue {
  const provider = tokenEndpoint({ url: '/api/uploads/token' });
  const queue = createUploadQueue({
    tokenProvider: (request, options) => {
      asked.push(request);
      return provider(request, options);
    },
    resumeScope: SCOPE,
    concurrency: 2,
    ...settings,
  });
  queues.push(queue);
  return queue;
}

/** Uploads until some parts are stored, then stops as a page does that is left. */
async function leaveUnfinished(file: File | FileEntry): Promise<void> {
  await orderFaults({ kind: 'part', partNumber: 5, stall: true });
  const queue = load();
  const [item] = queue.add([file]);
  const id = item?.id ?? '';
  await new Promise<void>((resolve) => {
    const unsubscribe = queue.subscribe(() => {
      const [record] = new ResumeRecords().list();
      if ((record?.stored.parts.filter((part) => part !== null).length ?? 0) < 4) return;
      unsubscribe();
      resolve();
    });
  });
  queue.pause(id);
  await clearFaults();
}

beforeEach(() => {
  asked = [];
  localStorage.clear();
});
afterEach(async () => {
  for (const queue of queues.splice(0)) queue.clear();
  await clearFaults();
});

describe('after a reload', () => {
  it('nothing is left of an upload that was over soon', async () => {
    const file = randomFile('soon.bin', 9 * MIB, 36);
    const queue = load();
    const [item] = queue.add([file]);
    await untilStatus(queue, item?.id ?? '', 'done');
    await new Promise((resolve) => setTimeout(resolve, 2500));
    const { length } = await new Promise<IDBValidKey[]>((resolve) => {
      const opened = indexedDB.open('qiniu-uploader', 1);
      opened.onupgradeneeded = () => opened.result.createObjectStore('files');
      opened.onsuccess = () => {
        const request = opened.result.transaction('files').objectStore('files').getAllKeys();
        request.onsuccess = () => resolve(request.result);
      };
    });
    expect(length).to.equal(0);
  });

  it('the same file, chosen again, goes on from its parts on the same key', async () => {
    const file = randomFile('reload.bin', 40 * MIB, 31);
    await leaveUnfinished(file);
    expect(JSON.stringify(localStorage)).not.to.contain('access-key');
    const since = await kodoLogEnd();
    const queue = load();
    const [item] = queue.add([new File([file], file.name, { type: file.type, lastModified: file.lastModified })]);
    const { result } = await untilStatus(queue, item?.id ?? '', 'done');
    expect((await kodoObject(result.key))?.sha256).to.equal(await sha256(file));
    const log = await kodoRequests(since);
    expect(log.filter(({ kind }) => kind === 'initiate')).to.have.length(0);
    expect(log.filter(({ kind }) => kind === 'part').length).to.be.at.most(6);
    expect(asked.map(({ id }) => typeof id)).to.deep.equal(['undefined', 'string']);
    expect(new ResumeRecords().list()).to.deep.equal([]);
  });

  it('another file of the same name, size and date starts afresh, and neither harms the other', async () => {
    const file = randomFile('changed.bin', 24 * MIB, 32);
    await leaveUnfinished(file);
    const other = randomFile('changed.bin', 24 * MIB, 33);
    const disguised = new File([other], file.name, { type: file.type, lastModified: file.lastModified });
    const queue = load();
    const [item] = queue.add([disguised]);
    const { result } = await untilStatus(queue, item?.id ?? '', 'done');
    expect((await kodoObject(result.key))?.sha256).to.equal(await sha256(other));
  });

  it('restore() brings a kept file back, paused, at its percentage; resume() goes on', async () => {
    const file = randomFile('kept.bin', 40 * MIB, 34);
    await leaveUnfinished(file);
    const [name = ''] = Object.keys(localStorage).filter((key) => key.startsWith('qiniu-uploader:'));
    while ((await browserKeptFiles.find(name)) === undefined) await new Promise((resolve) => setTimeout(resolve, 100));
    const queue = load();
    const [item] = await queue.restore();
    if (item?.status !== 'paused') throw new Error(`It is ${item?.status}.`);
    expect(item.progress.percent).to.be.within(35, 60);
    queue.resume(item.id);
    const { result } = await untilStatus(queue, item.id, 'done');
    expect((await kodoObject(result.key))?.sha256).to.equal(await sha256(file));
  });

  // WebKitGTK has no handles.
  (hasHandles ? describe : describe.skip)('a file with a handle', () => {
    /** A file in the browser's own file system: its handle is like one that was dropped. */
    async function storedFile(name: string, size: number): Promise<FileSystemFileHandle> {
      const handle = await (await navigator.storage.getDirectory()).getFileHandle(name, { create: true });
      await write(handle, randomFile(name, size, 37));
      return handle;
    }

    async function write(handle: FileSystemFileHandle, data: Blob): Promise<void> {
      const stream = await handle.createWritable();
      await stream.write(data);
      await stream.close();
    }

    async function leave(handle: FileSystemFileHandle): Promise<File> {
      const file = await handle.getFile();
      await leaveUnfinished({ file, handle });
      const [name = ''] = Object.keys(localStorage).filter((key) => key.startsWith('qiniu-uploader:'));
      while ((await browserKeptFiles.find(name)) === undefined)
        await new Promise((resolve) => setTimeout(resolve, 100));
      return file;
    }

    afterEach(async () => {
      const folder = await navigator.storage.getDirectory();
      await folder.removeEntry('handle.bin').catch(() => undefined);
    });

    it('is read from there, however large it is', async () => {
      const handle = await storedFile('handle.bin', 70 * MIB);
      const file = await leave(handle);
      const queue = load();
      const [item] = await queue.restore();
      expect(item).to.include({ status: 'paused', name: 'handle.bin', size: 70 * MIB });
      const since = await kodoLogEnd();
      queue.resume(item?.id ?? '');
      const { result } = await untilStatus(queue, item?.id ?? '', 'done');
      expect((await kodoRequests(since)).filter(({ kind }) => kind === 'initiate')).to.have.length(0);
      expect((await kodoObject(result.key))?.sha256).to.equal(await sha256(file));
    });

    it('is asked for when it has changed or is gone', async () => {
      const handle = await storedFile('handle.bin', 21 * MIB);
      await leave(handle);
      await write(handle, randomFile('handle.bin', 21 * MIB, 38));
      let queue = load();
      let [item] = await queue.restore();
      queue.resume(item?.id ?? '');
      await untilStatus(queue, item?.id ?? '', 'interrupted');
      await (await navigator.storage.getDirectory()).removeEntry('handle.bin');
      queue = load();
      [item] = await queue.restore();
      queue.resume(item?.id ?? '');
      await untilStatus(queue, item?.id ?? '', 'interrupted');
    });
  });

  it('restore() asks for a file that could not be kept; choosing it goes on', async () => {
    const file = randomFile('asked.bin', 40 * MIB, 35);
    await leaveUnfinished(file);
    const [name] = Object.keys(localStorage).filter((key) => key.startsWith('qiniu-uploader:'));
    await browserKeptFiles.remove(name ?? '');
    const queue = load();
    const [item] = await queue.restore();
    expect(item).to.include({ status: 'interrupted', name: 'asked.bin', size: 40 * MIB });
    const since = await kodoLogEnd();
    const [again] = queue.add([file]);
    expect(queue.items.map(({ id }) => id)).to.deep.equal([again?.id]);
    await untilStatus(queue, again?.id ?? '', 'done');
    expect((await kodoRequests(since)).filter(({ kind }) => kind === 'initiate')).to.have.length(0);
  });

  it('an upload that Kodo has forgotten meanwhile starts afresh', async () => {
    const file = randomFile('forgotten.bin', 24 * MIB, 36);
    await leaveUnfinished(file);
    await orderFaults({ kind: 'part', status: 612, body: '{"error":"no such uploadId"}', times: 1 });
    const queue = load();
    const [item] = queue.add([file]);
    const { result } = await untilStatus(queue, item?.id ?? '', 'done');
    expect((await kodoObject(result.key))?.sha256).to.equal(await sha256(file));
  });

  it('a cancelled upload is not remembered', async () => {
    const file = randomFile('cancelled.bin', 24 * MIB, 37);
    await leaveUnfinished(file);
    const queue = queues.at(-1);
    queue?.cancel();
    expect(new ResumeRecords().list()).to.deep.equal([]);
  });

  it('what is no record is left alone or removed, never trusted', () => {
    localStorage.setItem('somebody-else', '{}');
    localStorage.setItem('qiniu-uploader:["x"]', '{}');
    localStorage.setItem('qiniu-uploader:["y"]', 'no JSON');
    expect(new ResumeRecords().list()).to.deep.equal([]);
    expect(Object.keys(localStorage)).to.deep.equal(['somebody-else']);
  });
});

describe('one file in two tabs', () => {
  it('is uploaded by one of them; the other waits, and shows it', async () => {
    await orderFaults({ kind: 'part', delay: 100, times: 0 });
    const file = randomFile('twice.bin', 24 * MIB, 38);
    const [here, there] = [load(), load()];
    const [first] = here.add([file]);
    await untilStatus(here, first?.id ?? '', 'uploading');
    const [second] = there.add([file]);
    const waiting = await untilStatus(there, second?.id ?? '', 'waiting');
    expect(waiting.reason.code).to.equal('elsewhere');
    await untilStatus(here, first?.id ?? '', 'done');
    await untilStatus(there, second?.id ?? '', 'done');
  });
});

describe('storage that is full or forbidden', () => {
  it('costs the resuming, not the upload', async () => {
    const refuse = (): never => {
      throw new DOMException('full', 'QuotaExceededError');
    };
    const queue = createUploadQueue({
      tokenProvider: tokenEndpoint({ url: '/api/uploads/token' }),
      resumeRecords: new ResumeRecords(() => ({
        length: 0,
        key: () => null,
        getItem: () => null,
        setItem: refuse,
        removeItem: refuse,
      })),
    });
    queues.push(queue);
    const [item] = queue.add([randomFile('full.bin', 9 * MIB, 39)]);
    await untilStatus(queue, item?.id ?? '', 'done');
  });
});
