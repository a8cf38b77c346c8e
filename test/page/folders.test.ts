import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Page } from '@playwright/test';
import { RealDrag } from '../support/real-drag.js';
import { startBrowserSite, type BrowserSite } from '../support/browser-site.js';

let site: BrowserSite;
let folder: string;
const sockets: Server[] = [];

before(async () => {
  site = await startBrowserSite();
  folder = await mkdtemp(join(tmpdir(), 'qiniu-uploader-folders-'));
});
after(async () => {
  for (const socket of sockets) socket.close();
  await site.close();
  await rm(folder, { recursive: true });
});

/** A new folder with these files, by their paths. */
async function makeFolder(name: string, files: readonly string[] = []): Promise<string> {
  const path = join(folder, name);
  await mkdir(path, { recursive: true });
  for (const file of files) {
    await mkdir(join(path, file, '..'), { recursive: true });
    await writeFile(join(path, file), file);
  }
  return path;
}

async function listen(path: string): Promise<void> {
  const socket = createServer();
  sockets.push(socket);
  await new Promise<void>((resolve) => socket.listen(path, resolve));
}

const TAG = '<qiniu-uploader multiple manual></qiniu-uploader>';

interface Row {
  readonly name: string;
  readonly status: string;
  readonly reason: string | undefined;
}

/** Drops these, and gives what is in the list when nothing more comes; `events` are the rejected paths. */
async function drop(
  paths: readonly string[],
  count: number,
  tag = TAG,
): Promise<{ readonly rows: readonly Row[]; readonly events: readonly string[]; readonly text: string }> {
  const page = await site.openPage(tag);
  try {
    await page.evaluate(() => {
      const rejected: string[] = [];
      Object.assign(globalThis, { rejected });
      document.querySelector('qiniu-uploader')?.addEventListener('file-reject', ({ detail: { item } }) => {
        rejected.push(item.path ?? item.name);
      });
    });
    const drag = await RealDrag.of(page, paths);
    await drag.over(page.locator('qiniu-uploader'));
    await drag.drop();
    await untilListed(page, count);
    return await page.evaluate(() => {
      const { items, shadowRoot } = document.querySelector('qiniu-uploader') as HTMLElementTagNameMap['qiniu-uploader'];
      const rows = items.map((item) => ({
        name: item.path ?? item.name,
        status: item.status,
        reason: item.status === 'rejected' ? item.reason.code : undefined,
      }));
      rows.sort((one, other) => (one.name < other.name ? -1 : 1));
      const { rejected } = globalThis as unknown as { rejected: string[] };
      const texts = [...(shadowRoot?.querySelectorAll('.item') ?? [])].map(({ textContent }) => textContent);
      return { rows, events: rejected.sort(), text: texts.join(' ').replace(/\s+/g, ' ') };
    });
  } finally {
    await page.context().close();
  }
}

async function untilListed(page: Page, count: number): Promise<void> {
  await page.waitForFunction(
    (expected) => (document.querySelector('qiniu-uploader')?.items.length ?? 0) >= expected,
    count,
    { timeout: 30_000 },
  );
  await page.locator('qiniu-uploader').evaluate(async (element) => {
    await (element as HTMLElementTagNameMap['qiniu-uploader']).updateComplete;
  });
}

const taken = (name: string): Row => ({ name, status: 'queued', reason: undefined });
const refused = (name: string, reason: string): Row => ({ name, status: 'rejected', reason });

describe('what cannot be read costs nothing else of a drop (F7)', () => {
  test('a file that is gone, beside others', async () => {
    const path = await makeFolder('gone', ['a.txt', 'b.txt']);
    const paths = ['a.txt', 'gone.txt', 'b.txt'].map((name) => join(path, name));
    const { rows, events, text } = await drop(paths, 3);
    assert.deepEqual(rows, [taken('a.txt'), taken('b.txt'), refused('gone.txt', 'unreadable')]);
    assert.deepEqual(events, ['gone.txt']);
    assert.match(text, /gone\.txt 0 B · Empty or unreadable/);
  });

  test('a folder whose list breaks off: what was listed before is taken, and the folder is named', async () => {
    const path = await makeFolder('broken', ['a.txt', 'sub/b.txt']);
    // Not UTF-8, at which Chromium stops reading the folder.
    await writeFile(Buffer.concat([Buffer.from(`${path}/sub/c`), Buffer.from([0xff]), Buffer.from('.txt')]), 'c');
    const { rows, events } = await drop([path], 3);
    assert.deepEqual(rows, [taken('broken/a.txt'), refused('broken/sub/', 'unreadable'), taken('broken/sub/b.txt')]);
    assert.deepEqual(events, ['broken/sub/']);
  });

  test('pipes and sockets are rejected; an empty file is accepted', async () => {
    const path = await makeFolder('special', ['a.txt', '.gitkeep']);
    await writeFile(join(path, 'empty.txt'), '');
    await writeFile(join(path, '.gitkeep'), '');
    execFileSync('mkfifo', [join(path, 'pipe')]);
    await listen(join(path, 'socket'));
    const expected = [
      taken('special/.gitkeep'),
      taken('special/a.txt'),
      taken('special/empty.txt'),
      refused('special/pipe', 'unreadable'),
      refused('special/socket', 'unreadable'),
    ];
    assert.deepEqual((await drop([path], 5)).rows, expected);
    const { rows } = await drop([join(path, 'pipe'), join(path, 'a.txt')], 2);
    assert.deepEqual(rows, [taken('a.txt'), refused('pipe', 'unreadable')]);
  });

  test('an empty folder says so, also where only the system’s own files are in it', async () => {
    const empty = await makeFolder('empty');
    const junk = await makeFolder('junk', ['.DS_Store', 'sub/Thumbs.db']);
    const nested = await makeFolder('nested');
    await mkdir(join(nested, 'a', 'b'), { recursive: true });
    const full = await makeFolder('full', ['a.txt']);
    await mkdir(join(full, 'empty'));
    const { rows, events, text } = await drop([empty, junk, nested, full], 4);
    assert.deepEqual(rows, [
      refused('empty/', 'folder-empty'),
      taken('full/a.txt'),
      refused('junk/', 'folder-empty'),
      refused('nested/', 'folder-empty'),
    ]);
    assert.deepEqual(events, ['empty/', 'junk/', 'nested/']);
    assert.match(text, /empty\/ 0 B · This folder is empty/);
  });

  test('links in a circle have an end', async () => {
    const path = await makeFolder('circle', ['a.txt', 'sub/b.txt']);
    await symlink('.', join(path, 'loop'));
    await symlink('..', join(path, 'sub', 'up'));
    const { rows } = await drop([path], 2);
    assert.deepEqual(rows, [taken('circle/a.txt'), taken('circle/sub/b.txt')]);
  });

  test('thousands of files, and a hundred folders in each other', async () => {
    const many = Array.from({ length: 2500 }, (_, index) => `${index}.txt`);
    const deep = Array.from({ length: 100 }, () => 'deep').join('/');
    const path = await makeFolder('many', [...many, `${deep}/last.txt`]);
    const { rows } = await drop([path], 2501);
    assert.equal(rows.length, 2501);
    assert.equal(rows.filter(({ name }) => name === `many/${deep}/last.txt`).length, 1);
    assert.equal(new Set(rows.map(({ status }) => status)).size, 1);
  });
});

describe('what is not taken of a drop is said (F14)', () => {
  test('three files where one is taken', async () => {
    const path = await makeFolder('three', ['a.txt', 'b.txt', 'c.txt']);
    const paths = ['a.txt', 'b.txt', 'c.txt'].map((name) => join(path, name));
    const { rows, events, text } = await drop(paths, 3, '<qiniu-uploader manual></qiniu-uploader>');
    assert.deepEqual(rows, [taken('a.txt'), refused('b.txt', 'too-many-files'), refused('c.txt', 'too-many-files')]);
    assert.deepEqual(events, ['b.txt', 'c.txt']);
    assert.match(text, /b\.txt 5 B · Only one file is allowed/);
  });

  test('a folder where directory is set: all of it, without multiple', async () => {
    const path = await makeFolder('whole', ['a.txt', 'b.txt', 'sub/c.txt']);
    const { rows } = await drop([path], 3, '<qiniu-uploader manual directory></qiniu-uploader>');
    assert.deepEqual(rows, [taken('whole/a.txt'), taken('whole/b.txt'), taken('whole/sub/c.txt')]);
  });

  test('a folder that is chosen in the picker: all of it, without multiple', async () => {
    const path = await makeFolder('chosen', ['a.txt', 'b.txt', 'sub/c.txt', '.DS_Store']);
    const page = await site.openPage('<qiniu-uploader manual directory></qiniu-uploader>');
    const chooser = page.waitForEvent('filechooser');
    await page.getByRole('button', { name: 'Choose files' }).click();
    await (await chooser).setFiles(path);
    await untilListed(page, 3);
    const names = await page
      .locator('qiniu-uploader')
      .evaluate((element) =>
        (element as HTMLElementTagNameMap['qiniu-uploader']).items.map(({ path: one }) => one).sort(),
      );
    assert.deepEqual(names, ['chosen/a.txt', 'chosen/b.txt', 'chosen/sub/c.txt']);
    await page.context().close();
  });
});
