import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { DatabaseSync } from '@photostructure/sqlite';
import { startKodo, type Kodo } from '../../demo-server/kodo/src/start-kodo.js';
import { startDemo, type Demo } from '../../demo-server/start-demo.js';
import { Store } from '../../demo-server/uploads/store.js';
import { startDemoOn, type DemoProcess } from '../support/demo-process.js';
import { openAtOnce } from './open-at-once.js';
import { askToken, becomeVisitor, callbackBody, sendCallback, type Answer, type Site } from '../server/support.js';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Milliseconds for which the other process holds the lock: longer than the server waits for it. */
const HELD = 8000;

/** Takes the write lock in another process; `release()` gives it back. */
async function lockElsewhere(file: string): Promise<{ release(): Promise<void> }> {
  const child = spawn(
    process.execPath,
    [
      '--input-type=module',
      '--eval',
      `import { DatabaseSync } from '@photostructure/sqlite';
       const database = new DatabaseSync(${JSON.stringify(file)}, { timeout: 10_000 });
       database.exec('begin immediate');
       console.log('locked');
       process.stdin.once('data', () => {
         database.exec('commit');
         database.close();
         process.stdin.destroy();
       });`,
    ],
    { cwd: ROOT, stdio: ['pipe', 'pipe', 'inherit'] },
  );
  await once(child.stdout, 'data');
  return {
    async release() {
      child.stdin.write('release');
      await once(child, 'exit');
    },
  };
}

describe('SQLite that another process has locked (A2)', { timeout: 120_000 }, () => {
  let folder: string;
  let file: string;
  let kodo: Kodo;
  let demo: DemoProcess;
  let site: Site;
  let cookie: string;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'demo-locked-'));
    file = join(folder, 'uploads.db');
    kodo = await startKodo({ buckets: [{ name: 'demo' }] });
    demo = await startDemoOn(kodo, { DATA_FOLDER: folder });
    cookie = await becomeVisitor(demo);
    site = { origin: demo.origin, settings: kodo };
  });
  after(async () => {
    demo.process.kill('SIGKILL');
    await kodo.close();
    await rm(folder, { recursive: true, force: true });
  });

  const token = (): Promise<Answer> => askToken(site, { name: 'a.png', size: 10, type: 'image/png' }, '', cookie);

  test('what was answered 200 is on disk, the rest is answered 503, and requests without a database do not wait', async () => {
    const tokens = await Promise.all(Array.from({ length: 20 }, token));
    const call = (issued: Answer): Promise<Answer> => sendCallback(site, callbackBody(issued));
    const lock = await lockElsewhere(file);
    let isHeld = true;
    const released = wait(HELD).then(async () => {
      isHeld = false;
      await lock.release();
    });
    const early = Promise.all(tokens.slice(0, 10).map(call));
    for (let count = 0; count < 20; count += 1) {
      // The page needs no database, and reading needs no lock.
      for (const path of ['/', '/healthz', '/api/uploads']) {
        assert.equal((await fetch(`${demo.origin}${path}`, { headers: { cookie } })).status, 200);
      }
    }
    assert.equal(isHeld, true, 'all of them were answered while the lock was held');
    for (const { status, headers } of await early) {
      assert.equal(status, 503, 'the lock is held for longer than the server waits');
      assert.match(headers.get('retry-after') ?? '', /^[1-9]\d*$/);
    }
    assert.equal(isHeld, true);
    // These still wait when the lock is given back.
    const late = await Promise.all(tokens.slice(10).map(call));
    assert.equal(isHeld, false);
    assert.deepEqual(
      late.map(({ status }) => status),
      late.map(() => 200),
    );
    await released;
    // Kodo's next try, and a token after it.
    assert.equal((await call(tokens[0] as Answer)).status, 200);
    const last = await token();
    assert.equal(last.status, 200);
    demo.process.kill('SIGKILL');
    await once(demo.process, 'exit');
    const database = new DatabaseSync(file);
    const rows = database.prepare('select id, status from uploads').all() as { id: string; status: string }[];
    database.close();
    const statusOf = new Map(rows.map(({ id, status }) => [id, status]));
    for (const issued of [...tokens.slice(10), tokens[0] as Answer]) {
      assert.equal(statusOf.get(String(issued.body['id'])), 'stored');
    }
    assert.equal(statusOf.get(String(last.body['id'])), 'issued');
  });
});

test('a statement that fails because of a lock leaves no transaction behind (A2)', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'demo-locked-'));
  const file = join(folder, 'uploads.db');
  const store = await Store.open({ file });
  const upload = (id: string) => ({
    id,
    bucket: 'b',
    key: id,
    save_key: null,
    name: 'a',
    size: 1,
    type: '',
    end_user: 'u',
    expires_at: Date.now() + 60_000,
  });
  const other = new DatabaseSync(file);
  try {
    other.exec('begin immediate');
    await assert.rejects(store.issue(upload('refused')), { name: 'DatabaseUnavailableError' });
    other.exec('commit');
    await store.issue(upload('taken'));
    // Another connection sees only what was committed.
    assert.deepEqual(
      other
        .prepare('select id from uploads')
        .all()
        .map((row) => (row as { id: string }).id),
      ['taken'],
    );
  } finally {
    other.close();
    await store.close();
    await rm(folder, { recursive: true, force: true });
  }
});

test('ten processes open a new database at once: all succeed (A2)', { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'demo-ten-'));
  try {
    const errors = await openAtOnce({ file: join(folder, 'uploads.db') }, 10);
    assert.deepEqual(
      errors,
      errors.map(() => ''),
    );
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test(
  'ten demos that start at once in one folder: all serve, and agree on their secrets (A2)',
  { timeout: 60_000 },
  async () => {
    const dataFolder = await mkdtemp(join(tmpdir(), 'demo-ten-'));
    const started: Demo[] = [];
    try {
      const outcomes = await Promise.allSettled(
        Array.from({ length: 10 }, async () => {
          const demo = await startDemo({ dataFolder });
          started.push(demo);
          return (await askToken(demo, { name: 'a.txt', size: 1, type: '' })).status;
        }),
      );
      assert.deepEqual(
        outcomes.map((outcome) => (outcome.status === 'fulfilled' ? outcome.value : String(outcome.reason))),
        outcomes.map(() => 200),
      );
      assert.equal(new Set(started.map(({ settings }) => settings.secretKey)).size, 1);
      assert.match(await readFile(join(dataFolder, 'session-secret'), 'utf8'), /^[\w-]{40}$/);
    } finally {
      for (const demo of started) await demo.close();
      await rm(dataFolder, { recursive: true, force: true });
    }
  },
);
