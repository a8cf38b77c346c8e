import assert from 'node:assert/strict';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { BlobStore } from '../../demo-server/kodo/src/store/blob-store.js';

// Which comes first is chance: many of them leave something behind if it is left to it.
test('a stream that breaks before its file is open leaves nothing behind', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kodo-blob-store-'));
  try {
    const blobs = await BlobStore.open(folder);
    for (let turn = 0; turn < 500; turn += 1) {
      const source = new Readable({ read: () => undefined });
      source.destroy(new Error('broken'));
      await assert.rejects(blobs.write(source));
    }
    assert.deepEqual(await readdir(folder), []);
  } finally {
    await rm(folder, { recursive: true });
  }
});
