import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { after, before, test } from 'node:test';
import { BlobStore, type StoredFile } from '../../demo-server/kodo/src/store/blob-store.js';
import { ObjectStore, type KodoObject } from '../../demo-server/kodo/src/store/object-store.js';
import { bytes } from '../support/test-data.js';

let folder: string;
let store: ObjectStore;
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kodo-object-store-'));
  const blobs = await BlobStore.open(join(folder, 'blobs'));
  store = await ObjectStore.open(folder, blobs, Date.now);
});
after(() => rm(folder, { recursive: true }));

const write = async (seed: number): Promise<StoredFile> => store.blobs.write(Readable.from([bytes(10, seed)]));

const objectOf = (key: string, ...files: readonly StoredFile[]): KodoObject => ({
  bucket: 'demo',
  key,
  hash: files.map(({ file }) => file).join(),
  fsize: files.length * 10,
  mimeType: 'a/b',
  putTime: 0,
  metadata: {},
  files,
});

const contentOf = async (key: string): Promise<Buffer> => {
  const object = store.get('demo', key);
  assert.ok(object);
  return buffer(store.read(object));
};

test('an object that takes the place of another keeps the files that both name', async () => {
  const [one, two, three] = [await write(1), await write(2), await write(3)];
  await store.put(objectOf('shared', one, two), false);
  await store.put(objectOf('shared', two, three), false);
  assert.deepEqual(await contentOf('shared'), Buffer.concat([bytes(10, 2), bytes(10, 3)]));
  await assert.rejects(buffer(store.blobs.read([one], 0, 9)), { code: 'ENOENT' });
  await store.put(objectOf('shared', two, three), false);
  assert.deepEqual(await contentOf('shared'), Buffer.concat([bytes(10, 2), bytes(10, 3)]));
});

test('an object that cannot be put on record is not there, and the one before it is', async () => {
  const [before, after] = [await write(4), await write(5)];
  await store.put(objectOf('kept', before), false);
  await rm(join(folder, 'objects'), { recursive: true });
  await writeFile(join(folder, 'objects'), 'in the way');
  await assert.rejects(store.put(objectOf('kept', after), false), { code: 'ENOTDIR' });
  await assert.rejects(store.put(objectOf('new', after), false), { code: 'ENOTDIR' });
  assert.deepEqual(await contentOf('kept'), bytes(10, 4));
  assert.equal(store.get('demo', 'new'), undefined);
});
