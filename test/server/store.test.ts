import assert from 'node:assert/strict';
import { test } from 'node:test';
import { randomUUID } from 'node:crypto';
import { Store } from '../../demo-server/uploads/store.js';

const FACTS = {
  key: 'k',
  hash: 'h',
  size: 5_000_000_000,
  type: 'video/mp4',
  width: null,
  height: null,
  reportedBy: 'sweep',
  reqid: null,
} as const;
const ISSUED = { bucket: 'b', save_key: null, name: '名字.mp4', size: 1, type: '' } as const;

const databases: readonly (readonly [string, Parameters<typeof Store.open>[0] | undefined])[] = [
  ['SQLite', { file: ':memory:' }],
  ['PostgreSQL', process.env['TEST_DATABASE_URL'] ? { url: process.env['TEST_DATABASE_URL'] } : undefined],
];

for (const [name, where] of databases) {
  const options = where === undefined ? { skip: 'TEST_DATABASE_URL names no database' } : {};
  const opened = async (): Promise<Store> => {
    assert.ok(where);
    return Store.open(where);
  };
  /** Names of its own, because the tests share a database. */
  const fresh = () => {
    const id = randomUUID();
    return { ...ISSUED, id, key: `key-${id}`, end_user: `user-${id}`, expires_at: Date.now() + 60_000 };
  };

  test(`${name}: an upload is issued, completed once, and read back with its numbers`, options, async () => {
    const store = await opened();
    try {
      const upload = fresh();
      const { id, key, end_user: user } = upload;
      await store.issue(upload);
      assert.equal((await store.find(id))?.status, 'issued');
      const results = await Promise.all(
        ['h', 'other', 'third'].map((hash) => store.complete(id, { ...FACTS, key, hash })),
      );
      assert.equal(new Set(results.map((row) => row?.hash)).size, 1, 'one of them won');
      const row = await store.find(id);
      assert.equal(row?.stored_size, 5_000_000_000);
      assert.equal(row.size, 1);
      assert.equal(typeof row.stored_at, 'number');
      assert.equal(row.name, '名字.mp4');
      assert.equal(await store.complete(randomUUID(), FACTS), undefined);
      assert.deepEqual(
        (await store.list(user, 10)).uploads.map((listed) => listed.id),
        [id],
      );
      await store.ping();
    } finally {
      await store.close();
    }
  });

  test(`${name}: a key belongs to one upload`, options, async () => {
    const store = await opened();
    try {
      const [one, other] = [fresh(), fresh()];
      await store.issue(one);
      await assert.rejects(store.issue({ ...other, key: one.key }));
      for (const saved of [fresh(), fresh()]) await store.issue({ ...saved, key: null });
    } finally {
      await store.close();
    }
  });

  test(`${name}: what a user has is counted, with what is on its way`, options, async () => {
    const store = await opened();
    try {
      const upload = fresh();
      const { end_user: user } = upload;
      assert.deepEqual(await store.usageOf(user), { files: 0, bytes: 0, open: 0 });
      await store.issue({ ...upload, size: 100 });
      await store.issue({ ...fresh(), end_user: user, size: 7, expires_at: 1 });
      assert.deepEqual(await store.usageOf(user), { files: 2, bytes: 107, open: 2 });
      await store.complete(upload.id, { ...FACTS, key: upload.key });
      assert.deepEqual(await store.usageOf(user), { files: 2, bytes: 5_000_000_007, open: 1 });
      await store.delete(upload.id);
      assert.deepEqual(await store.usageOf(user), { files: 1, bytes: 7, open: 1 });
    } finally {
      await store.close();
    }
  });

  test(`${name}: of many that ask at once nobody gets more than there is`, options, async () => {
    const store = await opened();
    try {
      const { end_user: user } = fresh();
      const upload = () => ({ ...fresh(), end_user: user, size: 10 });
      const limits = { bytes: 55, open: 1000 };
      const issued = await Promise.all(Array.from({ length: 20 }, () => store.issueWithin(limits, upload())));
      const { files, bytes } = await store.usageOf(user);
      assert.equal(files, issued.filter((outcome) => outcome === 'issued').length, 'a refused upload leaves nothing');
      assert.ok(bytes <= 55, `${bytes} bytes`);
      // Those that got in each other's way find room now.
      while ((await store.issueWithin(limits, upload())) === 'issued');
      assert.equal((await store.usageOf(user)).bytes, 50);
    } finally {
      await store.close();
    }
  });

  test(
    `${name}: a deleted upload is known until its token has ended, counts for nothing, and stays deleted`,
    options,
    async () => {
      const store = await opened();
      try {
        const upload = { ...fresh(), expires_at: 1000 };
        const { id, key, end_user: user } = upload;
        await store.issue(upload);
        await store.markDeleted(id);
        assert.deepEqual(await store.usageOf(user), { files: 0, bytes: 0, open: 0 });
        assert.equal(await store.complete(id, { ...FACTS, key }), undefined);
        assert.equal(await store.renew(id, 5000), false);
        await store.expire(id, 5000);
        assert.equal((await store.find(id))?.status, 'deleted');
        assert.ok((await store.findOverdue(1001, 1000)).some((row) => row.id === id));
      } finally {
        await store.close();
      }
    },
  );

  test(`${name}: what was not done after an answer is found, and then done`, options, async () => {
    const store = await opened();
    try {
      const upload = fresh();
      const { id, key } = upload;
      await store.issue(upload);
      await store.complete(id, { ...FACTS, key });
      const isFound = async (before: number): Promise<boolean> =>
        (await store.findPendingFollowUps(before, 10_000)).some((row) => row.id === id);
      assert.equal(await isFound(Date.now() - 60_000), false, 'it was stored just now');
      assert.equal(await isFound(Date.now() + 60_000), true);
      await store.completeFollowUp(id, { color: '#a0b1c2' });
      assert.equal(await isFound(Date.now() + 60_000), false);
      assert.equal((await store.find(id))?.color, '#a0b1c2');
    } finally {
      await store.close();
    }
  });

  test(`${name}: an open upload expires, unless it is renewed; a late callback still counts`, options, async () => {
    const store = await opened();
    try {
      const upload = { ...fresh(), expires_at: 1000 };
      const { id, key } = upload;
      await store.issue(upload);
      assert.ok((await store.findOverdue(1001, 1000)).some((row) => row.id === id));
      assert.equal(await store.renew(id, 5000), true);
      await store.expire(id, 1001);
      assert.equal((await store.find(id))?.status, 'issued', 'it was renewed meanwhile');
      await store.expire(id, 5001);
      assert.equal((await store.find(id))?.status, 'expired');
      assert.equal(await store.renew(id, 9000), false);
      assert.equal((await store.complete(id, { ...FACTS, key }))?.status, 'stored');
      await store.expire(id, 9999);
      assert.equal((await store.find(id))?.status, 'stored');
    } finally {
      await store.close();
    }
  });
}

test('a cursor that is none is as good as no cursor', async () => {
  const store = await Store.open({ file: ':memory:' });
  assert.deepEqual(await store.list('somebody', 10, 'nonsense'), { uploads: [], cursor: undefined });
  await store.close();
});
