import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomUUID } from 'node:crypto';
import { Store } from '../../demo-server/store.js';

const FACTS = { key: 'k', hash: 'h', size: 5_000_000_000, type: 'video/mp4', width: null, height: null };

const databases: readonly (readonly [string, Parameters<typeof Store.open>[0] | undefined])[] = [
  ['SQLite', { file: ':memory:' }],
  ['PostgreSQL', process.env['TEST_DATABASE_URL'] ? { url: process.env['TEST_DATABASE_URL'] } : undefined],
];

for (const [name, where] of databases) {
  const options = where === undefined ? { skip: 'TEST_DATABASE_URL names no database' } : {};
  test(`${name}: an upload is issued, completed once, and read back with its numbers`, options, async () => {
    assert.ok(where);
    const store = await Store.open(where);
    try {
      const id = randomUUID();
      await store.issue({ id, bucket: 'b', key: 'k', name: '名字.mp4', size: 1, type: '', end_user: 'u' });
      assert.equal((await store.find(id))?.status, 'issued');
      const results = await Promise.all(['h', 'other', 'third'].map((hash) => store.complete(id, { ...FACTS, hash })));
      assert.equal(new Set(results.map((row) => row?.hash)).size, 1, 'one of them won');
      const row = await store.find(id);
      assert.equal(row?.size, 5_000_000_000);
      assert.equal(typeof row.stored_at, 'number');
      assert.equal(row.name, '名字.mp4');
      assert.equal(await store.complete(randomUUID(), FACTS), undefined);
      const { uploads } = await store.list(1);
      assert.equal(uploads[0]?.id, id);
      await store.ping();
    } finally {
      await store.close();
    }
  });
}

test('a cursor that is none is as good as no cursor', async () => {
  const store = await Store.open({ file: ':memory:' });
  assert.deepEqual(await store.list(10, 'nonsense'), { uploads: [], cursor: undefined });
  await store.close();
});
