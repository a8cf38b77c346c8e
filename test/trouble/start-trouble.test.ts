import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { Closing } from '../../demo-server/setup/closing.js';
import { startDemo } from '../../demo-server/start-demo.js';
import { answerOf, askToken, call, uploadForm } from '../server/support.js';

const run = promisify(execFile);
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const FILE = { name: 'a.txt', size: 1, type: '' };

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'demo-start-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** One sentence that names the variable, and no stack. */
async function refuses(dataFolder: string, message: RegExp): Promise<void> {
  await assert.rejects(startDemo({ dataFolder }), (error: Error) => {
    assert.equal(error.name, 'ConfigError');
    assert.match(error.message, /^DATA_FOLDER: [^\n]+\.$/);
    assert.match(error.message, message);
    return true;
  });
}

describe('a data folder that cannot be used (A2, low)', () => {
  test('is a file', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    await refuses(file, /it is a file, not a folder/);
    await refuses(join(file, 'inside'), /part of the path is a file/);
    assert.equal((await stat(file)).size, 0);
  });

  test('holds a database that is none, which is left as it is', async () => {
    const file = join(folder, 'uploads.db');
    const garbage = 'this is no database '.repeat(1000);
    await writeFile(file, garbage);
    await refuses(folder, /uploads\.db cannot be opened \(SQLite: file is not a database\)/);
    assert.equal(await readFile(file, 'utf8'), garbage);
  });

  test('holds a database whose pages are damaged', async () => {
    const demo = await startDemo({ dataFolder: folder });
    await demo.close();
    const file = join(folder, 'uploads.db');
    const whole = await readFile(file);
    await writeFile(file, Buffer.concat([whole.subarray(0, 100), Buffer.alloc(whole.length - 100, 0xff)]));
    await refuses(folder, /uploads\.db cannot be opened \(SQLite: /);
  });

  test('holds a folder in the place of a file', async () => {
    await mkdir(join(folder, 'uploads.db'));
    await refuses(folder, /uploads\.db cannot be opened/);
  });

  test('holds a broken index of the local Kodo', async () => {
    const demo = await startDemo({ dataFolder: folder });
    assert.equal((await uploadForm(await askToken(demo, FILE), Buffer.from('x'), 'a.txt')).status, 200);
    await demo.close();
    const objects = join(folder, 'kodo', 'objects');
    for (const name of await readdir(objects)) await writeFile(join(objects, name), '{"broken');
    await refuses(folder, /the local Kodo cannot use .*kodo/);
  });

  for (const [what, secret] of [
    ['empty', ''],
    ['one character', 'x'],
  ] as const) {
    test(`holds a session secret that is ${what}`, async () => {
      await writeFile(join(folder, 'session-secret'), secret);
      await refuses(folder, /session-secret contains fewer than 32 characters: delete it/);
    });
  }

  test('holds a folder named session-secret', async () => {
    await mkdir(join(folder, 'session-secret'));
    await refuses(folder, /session-secret cannot be used: there is a folder where a file should be/);
  });

  test('ends the process with one line and exit code 1', async () => {
    const file = join(folder, 'file');
    await writeFile(file, '');
    const { PATH = '' } = process.env;
    const child = spawn(process.execPath, ['--import', 'tsx', 'demo-server/main.ts'], {
      cwd: ROOT,
      env: { PATH, PORT: '0', KODO_PORT: '0', DATA_FOLDER: file },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    const [stderr, [code]] = await Promise.all([text(child.stderr), once(child, 'exit') as Promise<[number | null]>]);
    assert.match(stderr, /^DATA_FOLDER: [^\n]+\n$/);
    assert.equal(code, 1);
  });
});

/** Only root can mount file systems, and not in every container. */
async function canMount(): Promise<boolean> {
  const probe = await mkdtemp(join(tmpdir(), 'demo-mount-'));
  try {
    await run('mount', ['-t', 'tmpfs', 'tmpfs', probe]);
    await run('umount', [probe]);
    return true;
  } catch {
    return false;
  } finally {
    await rm(probe, { recursive: true });
  }
}

describe('a disk (A2)', { skip: !(await canMount()) && 'file systems cannot be mounted here' }, () => {
  const remount = (options: string): Promise<unknown> => run('mount', ['-o', `remount,${options}`, folder]);
  beforeEach(() => run('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', folder]));
  afterEach(() => run('umount', [folder]));

  test('that is read-only is named, and nothing is written', async () => {
    await remount('ro');
    await refuses(folder, /it is on a read-only file system/);
    assert.deepEqual(await readdir(folder), []);
  });

  test('that is full is named at the start, and nothing is half written', async () => {
    for (const free of [0, 4, 16, 32, 64]) {
      await rm(join(folder, 'filler'), { force: true });
      await writeFile(join(folder, 'filler'), Buffer.alloc(8 * 1024 * 1024 - free * 1024)).catch(() => undefined);
      await assert.rejects(startDemo({ dataFolder: folder }), (error: Error) => {
        assert.match(error.message, /^DATA_FOLDER: [^\n]*(the disk is full|disk is full|disk I\/O error)[^\n]*\.$/);
        return true;
      });
      for (const name of await readdir(folder)) assert.doesNotMatch(name, /write-test|session-secret-/);
    }
    await rm(join(folder, 'filler'));
    const demo = await startDemo({ dataFolder: folder });
    try {
      assert.equal((await askToken(demo, FILE)).status, 200, 'what the failed starts left is whole');
    } finally {
      await demo.close();
    }
  });

  test('that fills up while the server runs: 503 with Retry-After, and then all is well again', async () => {
    const demo = await startDemo({ dataFolder: folder });
    try {
      assert.equal((await askToken(demo, FILE)).status, 200);
      await writeFile(join(folder, 'filler'), Buffer.alloc(8 * 1024 * 1024)).catch(() => undefined);
      let refused = await askToken(demo, FILE);
      // The write-ahead log has room for some more rows.
      while (refused.status === 200) refused = await askToken(demo, FILE);
      assert.equal(refused.status, 503);
      assert.match(refused.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
      const { status } = await answerOf(await call(demo, 'GET', '/api/uploads'));
      assert.equal(status, 200, 'reading needs no room');
      await rm(join(folder, 'filler'));
      assert.equal((await askToken(demo, FILE)).status, 200);
    } finally {
      await demo.close();
    }
  });
});

describe('closing (a hang)', () => {
  test('closes in the opposite order, once', async () => {
    const closing = new Closing();
    const order: string[] = [];
    for (const name of ['first', 'second', 'third']) closing.add(name, () => void order.push(name));
    await Promise.all([closing.close(), closing.close()]);
    assert.deepEqual(order, ['third', 'second', 'first']);
  });

  test('names what does not close or fails, and closes the rest', async () => {
    const closing = new Closing();
    let isClosed = false;
    closing.add('the rest', () => {
      isClosed = true;
    });
    closing.add('the database', () => new Promise(() => undefined));
    closing.add('the sweeper', () => Promise.reject(new Error('broken')));
    await assert.rejects(closing.close(20), {
      message: 'Not everything could be closed: the sweeper (broken), the database (not closed within 0.02 s).',
    });
    assert.equal(isClosed, true);
  });

  test('a demo closes although a client holds connections, streams and half a request open', async () => {
    const demo = await startDemo({ dataFolder: folder });
    const stream = await call(demo, 'GET', '/api/showcase/flow');
    assert.equal(stream.status, 200);
    const half = fetch(`${demo.origin}/api/uploads/token`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: new ReadableStream({ start: (controller) => controller.enqueue(new TextEncoder().encode('{"name":')) }),
      duplex: 'half',
    } as RequestInit).catch((error: unknown) => error);
    await call(demo, 'GET', '/healthz');
    await demo.close();
    await half;
  });
});
