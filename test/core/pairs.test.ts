import { describe, expect, it } from '../support/suite.js';
import { ResumeRecords, UploadError, UploadQueue, type ResumeStorage, type UploadStatus } from '../../src/core.js';
import { FakeTransport, makeToken } from '../support/fake-transport.js';
import { makeFile } from '../support/files.js';
import { untilStatus } from '../support/until.js';
import { waitUntil } from '../support/wait-until.js';

const MIB = 1024 * 1024;

/** Storage that outlives a queue, as the page's own outlives a reload. */
function makeStorage(): ResumeStorage {
  const values = new Map<string, string>();
  return {
    get length() {
      return values.size;
    },
    key: (index) => [...values.keys()][index] ?? null,
    getItem: (name) => values.get(name) ?? null,
    setItem: (name, value) => void values.set(name, value),
    removeItem: (name) => void values.delete(name),
  };
}

/** A visit of a page: a queue of its own over what the browser keeps. */
interface Visit {
  readonly queue: UploadQueue;
  readonly transport: FakeTransport;
  readonly id: string;
}

const PART = { etag: 'e', md5: 'm', size: 4 * MIB };
const STORED = { uploadId: 'u1', partSize: 4 * MIB, parts: [PART, PART] };

async function begin(): Promise<{ visit: Visit; storage: ResumeStorage; file: File }> {
  const storage = makeStorage();
  const file = makeFile('pair.bin', 13 * MIB);
  const visit = open(storage);
  const id = visit.queue.add([file])[0]?.id ?? '';
  (await visit.transport.nextUpload()).stored(STORED);
  return { visit: { ...visit, id }, storage, file };
}

function open(storage: ResumeStorage): Omit<Visit, 'id'> {
  const transport = new FakeTransport();
  const queue = new UploadQueue({
    transport,
    upHosts: ['https://up.example'],
    resumeRecords: new ResumeRecords(() => storage),
    keptFiles: {
      keep: () => Promise.resolve(),
      find: () => Promise.resolve(undefined),
      remove: () => Promise.resolve(),
    },
    resumeScope: `pairs-${Math.random()}`,
    tokenProvider: ({ id }) => ({ token: makeToken({ scope: 'demo:k' }), key: 'k', id: id ?? 'id-1' }),
  });
  return { queue, transport };
}

/** What can be done with an upload; each leaves it in a state that the next one starts from. */
const ACTS = ['pause', 'resume', 'retry', 'cancel', 'removeFile', 'restore', 'suspend', 'unsuspend', 'fail'] as const;
type Act = (typeof ACTS)[number];

async function perform({ queue, transport, id }: Visit, act: Act): Promise<void> {
  switch (act) {
    case 'suspend':
    case 'unsuspend':
      queue[act]();
      break;
    case 'restore':
      await queue.restore();
      break;
    case 'fail':
      // A failure of whatever is under way; one that is heard too late must change nothing.
      transport.uploads.at(-1)?.fail(new UploadError('forbidden', 'no'));
      await new Promise((resolve) => setTimeout(resolve));
      break;
    case 'pause':
    case 'resume':
    case 'retry':
    case 'cancel':
    case 'removeFile':
      queue[act](id);
      break;
  }
}

/**
 * The right outcome of one act right after another, without a pause in between: the state (or `gone`), and whether the
 * parts are kept. `running` stands for any state on the way.
 */
const OUTCOMES: Readonly<Record<Act, Readonly<Record<Act, string>>>> = {
  pause: row('paused', { resume: 'running', cancel: 'cancelled', removeFile: 'gone' }),
  resume: row('running', {
    pause: 'paused',
    cancel: 'cancelled',
    removeFile: 'gone',
    suspend: 'waiting',
    fail: 'failed',
  }),
  retry: row('running', {
    pause: 'paused',
    cancel: 'cancelled',
    removeFile: 'gone',
    suspend: 'waiting',
    fail: 'failed',
  }),
  cancel: row('cancelled', { retry: 'running', removeFile: 'gone' }),
  removeFile: row('gone', {}),
  restore: row('running', {
    pause: 'paused',
    cancel: 'cancelled',
    removeFile: 'gone',
    suspend: 'waiting',
    fail: 'failed',
  }),
  suspend: row('waiting', { pause: 'paused', cancel: 'cancelled', removeFile: 'gone', unsuspend: 'running' }),
  unsuspend: row('running', {
    pause: 'paused',
    cancel: 'cancelled',
    removeFile: 'gone',
    suspend: 'waiting',
    fail: 'failed',
  }),
  fail: row('failed', { retry: 'running', removeFile: 'gone' }),
};

/** Every act leads to the first outcome, but for the ones that are named. */
function row(usual: string, others: Partial<Record<Act, string>>): Record<Act, string> {
  return Object.fromEntries(ACTS.map((act) => [act, others[act] ?? usual])) as Record<Act, string>;
}

const RUNNING: readonly UploadStatus[] = ['queued', 'preparing', 'uploading'];

describe('two commands one right after the other (1.7)', () => {
  for (const first of ACTS) {
    for (const second of ACTS) {
      const outcome = OUTCOMES[first][second];
      it(`${first}, then ${second}: ${outcome}`, async () => {
        const { visit } = await begin();
        const { queue, transport, id } = visit;
        await perform(visit, first);
        await perform(visit, second);
        await new Promise((resolve) => setTimeout(resolve, 5));
        if (outcome === 'running') await waitUntil(() => RUNNING.includes(queue.get(id)?.status ?? 'done'));
        const status = queue.get(id)?.status;
        if (outcome !== 'running') expect(status ?? 'gone').to.equal(outcome);
        expect(queue.size, 'no row came twice').to.equal(outcome === 'gone' ? 0 : 1);
        // Only cancel and removeFile delete parts, and once.
        const deletes = [first, second].includes('cancel') || [first, second].includes('removeFile');
        const hasEnded = first === 'fail' && second === 'cancel'; // what has ended is not cancelled
        expect(transport.abandoned.length).to.equal(deletes && !hasEnded ? 1 : 0);
        // Whatever it was, the upload can still be brought to its end.
        if (outcome === 'gone') return;
        queue.unsuspend();
        if (status === 'paused') queue.resume(id);
        else if (status === 'failed' || status === 'cancelled') queue.retry(id);
        await waitUntil(() => transport.uploads.some(({ signal, isOver }) => !signal.aborted && !isOver));
        const upload = transport.uploads.find(({ signal, isOver }) => !signal.aborted && !isOver);
        if (upload !== transport.uploads[0])
          expect(upload?.job.stored).to.deep.equal(deletes && !hasEnded ? undefined : STORED);
        upload?.succeed({});
        await untilStatus(queue, id, 'done');
        queue.clear();
      });
    }
  }
});

describe('a reload in the middle (1.7)', () => {
  const cases: readonly [string, (visit: Visit) => void | Promise<void>, 'continues' | 'starts over'][] = [
    ['of an upload', () => undefined, 'continues'],
    ['of a pause', ({ queue, id }) => queue.pause(id), 'continues'],
    ['after a failure', (visit) => perform(visit, 'fail'), 'continues'],
    ['after a suspend', ({ queue }) => queue.suspend(), 'continues'],
    ['after a cancel', ({ queue, id }) => queue.cancel(id), 'starts over'],
    ['after a removal', ({ queue, id }) => queue.removeFile(id), 'starts over'],
  ];
  for (const [name, act, outcome] of cases) {
    it(`${name}: the file, chosen again, ${outcome}`, async () => {
      const { visit, storage, file } = await begin();
      visit.queue.configure({ resumeScope: 'another token route' }); // what is remembered keeps its own
      await act(visit);
      visit.queue.suspend(); // nothing of the page that is left runs on
      const next = open(storage);
      const [record] = new ResumeRecords(() => storage).list();
      next.queue.configure({ resumeScope: record?.scope ?? '' });
      const restored = await next.queue.restore();
      expect(restored.map(({ status }) => status)).to.deep.equal(outcome === 'continues' ? ['interrupted'] : []);
      const [item] = next.queue.add([file]);
      const upload = await next.transport.nextUpload();
      expect(upload.job.stored).to.deep.equal(outcome === 'continues' ? STORED : undefined);
      upload.succeed({});
      await untilStatus(next.queue, item?.id ?? '', 'done');
      expect(next.queue.size).to.equal(1);
      expect(new ResumeRecords(() => storage).list()).to.deep.equal([]);
    });
  }

  it('restore() while the same file is uploaded shows no second row', async () => {
    const { visit } = await begin();
    expect(await visit.queue.restore()).to.deep.equal([]);
    expect(visit.queue.size).to.equal(1);
    visit.queue.clear();
  });

  it('restore() twice at once shows one row', async () => {
    const { visit, storage } = await begin();
    visit.queue.suspend();
    const next = open(storage);
    next.queue.configure({ resumeScope: new ResumeRecords(() => storage).list()[0]?.scope ?? '' });
    await Promise.all([next.queue.restore(), next.queue.restore()]);
    expect(next.queue.size).to.equal(1);
  });
});

describe('the date on which Kodo forgets the parts (1.4)', () => {
  it('belongs to the multipart upload: one that is begun afresh does not inherit it', async () => {
    const { visit, storage, file } = await begin();
    const records = new ResumeRecords(() => storage);
    const [record] = records.list();
    if (record === undefined) throw new Error('There is no record.');
    visit.queue.suspend();
    const soon = Date.now() + 60_000;
    records.save({ ...record, expiresAt: soon });
    const next = open(storage);
    next.queue.configure({ resumeScope: record.scope });
    next.queue.add([file]);
    const resumed = await next.transport.nextUpload();
    resumed.stored({ ...STORED, parts: [PART, PART, PART] });
    expect(records.list()[0]?.expiresAt).to.equal(soon);
    resumed.fail(new UploadError('upload-expired', 'no such uploadId', { status: 612 }));
    const fresh = await next.transport.nextUpload();
    fresh.stored({ uploadId: 'u2', partSize: 4 * MIB, parts: [PART] });
    expect(records.list()[0]?.expiresAt).to.be.above(Date.now() + 5 * 86_400_000);
    next.queue.clear();
  });
});
