import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { describe, test } from 'node:test';
import pino from 'pino';
import { startDemo as start, type Demo, type DemoOptions } from '../../demo-server/start-demo.js';
import { sweep } from '../../demo-server/uploads/sweeper.js';
import { PNG } from '../support/test-data.js';
import {
  answerOf,
  askToken,
  becomeVisitor,
  call,
  callbackBody,
  sendCallback,
  uploadForm,
  type Answer,
} from './support.js';

const FILE = { name: 'photo.png', size: PNG.length, type: 'image/png' };
const HOUR = 3_600_000;
const logger = pino({ level: 'silent' });
const databaseUrl = process.env['TEST_DATABASE_URL'];

/** On SQLite, or on the PostgreSQL that is named; closed in the end. */
async function withDemo(options: DemoOptions, use: (demo: Demo) => Promise<void>): Promise<void> {
  const demo = await start({ databaseUrl, ...options });
  try {
    await use(demo);
  } finally {
    await demo.close();
  }
}

function codeOf(answer: Answer): unknown {
  return (answer.body['error'] as { code?: unknown } | undefined)?.code;
}

function assertLimited(answer: Answer, code = 'too-many-requests'): void {
  assert.deepEqual([answer.status, codeOf(answer)], [429, code]);
  assert.match(answer.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
}

/** An address that no other test asks from: the tests on PostgreSQL share its counters. */
function freshAddress(): string {
  const group = (): string => randomUUID().slice(0, 4);
  return `2001:db8:${group()}:${group()}::1`;
}

/** Asks for a token from an address, as if a proxy named it. */
async function askFrom(address: string, demo: Demo, cookie: string): Promise<Answer> {
  const options = { cookie, body: FILE, headers: { 'x-forwarded-for': address } };
  return answerOf(await call(demo, 'POST', '/api/uploads/token', options));
}

const issued = (user: string) => {
  const id = randomUUID();
  return { ...FILE, id, bucket: 'demo', key: `k-${id}`, save_key: null, end_user: user, expires_at: 1000 };
};

describe('the quota', () => {
  test('counts what was deleted until its token ends, because the object can come back by it (A4)', () =>
    withDemo({ userQuota: 2 * PNG.length + 5 }, async (demo) => {
      const first = await askToken(demo, FILE, '?reply=return-body');
      const second = await askToken(demo, FILE);
      const third = await askToken(demo, FILE);
      assert.deepEqual([first.status, second.status, third.status], [200, 200, 403]);
      assert.equal(codeOf(third), 'quota-exceeded');
      assert.equal((await askToken(demo, { ...FILE, id: first.body['id'] })).status, 200, 'a renewal needs no more');
      assert.equal((await askToken(demo, FILE, '', await becomeVisitor(demo))).status, 200, 'each visitor has one');
      const id = String(first.body['id']);
      assert.equal((await call(demo, 'DELETE', `/api/uploads/${id}`)).status, 204);
      assert.equal((await askToken(demo, FILE)).status, 403);
      assert.equal((await uploadForm(first, PNG, 'back.png')).status, 200, 'the token is still good');
      await sweep({ ...demo, logger }, Date.now() + 1.5 * HOUR);
      assert.equal(demo.kodo?.object('demo', String(first.body['key'])), undefined);
      assert.equal(await demo.store.find(id), undefined);
      assert.equal((await askToken(demo, FILE)).status, 200, 'its room is free now');
    }));
});

describe('a renewal at the same time as a deletion (A6)', () => {
  for (const lifetime of [-2 * HOUR, HOUR]) {
    test(`leaves no good token without a record (${lifetime < 0 ? 'ended' : 'good'} before)`, () =>
      withDemo({}, async (demo) => {
        const cookie = await becomeVisitor(demo);
        const ids: string[] = [];
        for (let count = 0; count < 10; count += 1) {
          const token = await askToken(demo, FILE, '', cookie);
          const id = String(token.body['id']);
          await demo.store.renew(id, Date.now() + lifetime);
          ids.push(id);
        }
        await Promise.all(
          ids.map(async (id) => {
            const [renewed, deleted] = await Promise.all([
              askToken(demo, { ...FILE, id }, '', cookie),
              call(demo, 'DELETE', `/api/uploads/${id}`, { cookie }),
            ]);
            assert.equal(deleted.status, 204);
            assert.ok([200, 404].includes(renewed.status));
            const row = await demo.store.find(id);
            assert.equal(row?.status, 'deleted');
            if (renewed.status === 200)
              assert.ok(row.expires_at > Date.now() + HOUR / 2, 'the row knows the new token');
          }),
        );
      }));
  }
});

describe('open uploads', () => {
  test('are limited for each user, deleted ones too, and a stored one gives its place back (A8)', () =>
    withDemo({ maxOpenUploads: 3 }, async (demo) => {
      const tokens = await Promise.all([1, 2, 3].map(() => askToken(demo, FILE)));
      assert.deepEqual(
        tokens.map(({ status }) => status),
        [200, 200, 200],
      );
      assertLimited(await askToken(demo, FILE), 'too-many-open');
      const [first, second] = tokens as [Answer, Answer, Answer];
      assert.equal((await call(demo, 'DELETE', `/api/uploads/${String(second.body['id'])}`)).status, 204);
      assertLimited(await askToken(demo, FILE), 'too-many-open');
      assert.equal((await askToken(demo, FILE, '', await becomeVisitor(demo))).status, 200);
      assert.equal((await sendCallback(demo, callbackBody(first))).status, 200);
      assert.equal((await askToken(demo, FILE)).status, 200);
    }));

  test('are never more than allowed, however many tokens are asked for at once (A8)', () =>
    withDemo({ maxOpenUploads: 5 }, async (demo) => {
      const cookie = await becomeVisitor(demo);
      const answers = await Promise.all(Array.from({ length: 30 }, () => askToken(demo, FILE, '', cookie)));
      assert.ok(answers.filter(({ status }) => status === 200).length <= 5);
    }));
});

describe('the sweeper', () => {
  test('goes on until nothing is overdue, and purges what expired (A8)', () =>
    withDemo({}, async (demo) => {
      const user = randomUUID();
      const dead = Array.from({ length: 350 }, () => issued(user));
      for (const upload of dead) await demo.store.issue(upload);
      // One that cannot be looked after does not hold up the others.
      demo.kodo?.faults.add({ kind: 'stat', status: 599, times: 1 });
      await sweep({ ...demo, logger });
      const statuses = await Promise.all(dead.map(async ({ id }) => (await demo.store.find(id))?.status));
      // Their tokens ended in 1970: what has expired is purged in the same round.
      assert.deepEqual(
        statuses.filter((status) => status !== undefined),
        ['issued'],
      );
      await sweep({ ...demo, logger });
      assert.equal(await demo.store.find(dead.find((_, index) => statuses[index] !== undefined)?.id ?? ''), undefined);
    }));

  test('keeps an expired record for a day, in which a late callback finds it (A8)', () =>
    withDemo({}, async (demo) => {
      const token = await askToken(demo, FILE);
      const id = String(token.body['id']);
      await sweep({ ...demo, logger }, Date.now() + 2 * HOUR);
      assert.equal((await demo.store.find(id))?.status, 'expired');
      await sweep({ ...demo, logger }, Date.now() + 20 * HOUR);
      assert.equal((await demo.store.find(id))?.status, 'expired');
      await sweep({ ...demo, logger }, Date.now() + 26 * HOUR);
      assert.equal(await demo.store.find(id), undefined);
    }));

  test('ends its round early when it is stopped (a hang)', () =>
    withDemo({}, async (demo) => {
      const user = randomUUID();
      const dead = Array.from({ length: 150 }, () => issued(user));
      for (const upload of dead) await demo.store.issue(upload);
      await sweep({ ...demo, logger }, Date.now(), AbortSignal.abort());
      const left = await Promise.all(dead.map(({ id }) => demo.store.find(id)));
      assert.ok(left.every((row) => row?.status === 'issued'));
    }));
});

describe('requests in a minute', () => {
  test('are limited for tokens, confirmations and deletions, each on its own (low)', () =>
    withDemo({ tokensPerMinute: 2, trustedProxies: 1 }, async (demo) => {
      const cookie = await becomeVisitor(demo);
      const headers = { 'x-forwarded-for': freshAddress() };
      const requests = [
        ['POST', '/api/uploads/token', FILE],
        ['POST', '/api/uploads/none/confirm', undefined],
        ['DELETE', '/api/uploads/none', undefined],
      ] as const;
      for (const [method, path, body] of requests) {
        const ask = async (): Promise<Answer> => answerOf(await call(demo, method, path, { cookie, body, headers }));
        for (let count = 0; count < 2; count += 1) assert.notEqual((await ask()).status, 429);
        assertLimited(await ask());
      }
    }));

  test('are counted exactly, however many come at once (A8)', () =>
    withDemo({ tokensPerMinute: 7, trustedProxies: 1 }, async (demo) => {
      const [cookie, address] = [await becomeVisitor(demo), freshAddress()];
      const answers = await Promise.all(Array.from({ length: 40 }, () => askFrom(address, demo, cookie)));
      assert.equal(answers.filter(({ status }) => status === 200).length, 7);
      for (const answer of answers.filter(({ status }) => status !== 200)) assertLimited(answer);
    }));

  test('are limited by address too, whoever asks', () =>
    withDemo({ tokensPerMinute: 1, trustedProxies: 1 }, async (demo) => {
      const office = freshAddress();
      const statuses = [];
      for (let count = 1; count <= 6; count += 1) {
        // An IPv6 customer has a network of addresses.
        const { status } = await askFrom(office.replace(/1$/, String(count)), demo, await becomeVisitor(demo));
        statuses.push(status);
      }
      assert.deepEqual(statuses, [200, 200, 200, 200, 200, 429]);
      assert.equal((await askFrom(freshAddress(), demo, await becomeVisitor(demo))).status, 200);
    }));

  const skip = databaseUrl === undefined && 'TEST_DATABASE_URL names no database';
  test('are counted over all instances of one PostgreSQL (A8)', { skip }, () => {
    const options = {
      sessionSecrets: ['the-same-secret-for-both-instances'],
      tokensPerMinute: 10,
      trustedProxies: 1,
      kodo: { accessKey: 'the-same-key', secretKey: 'the-same-secret' },
    };
    return withDemo(options, (one) =>
      withDemo(options, async (other) => {
        const [cookie, address] = [await becomeVisitor(one), freshAddress()];
        const answers = await Promise.all(
          Array.from({ length: 30 }, (_, index) => askFrom(address, index % 2 === 0 ? one : other, cookie)),
        );
        assert.equal(answers.filter(({ status }) => status === 200).length, 10);
      }),
    );
  });
});

test('a busy address cannot take every event stream, with or without a cookie (low)', () =>
  withDemo({}, async (demo) => {
    const stop = new AbortController();
    const open = async (): Promise<Response> => fetch(`${demo.origin}/api/showcase/flow`, { signal: stop.signal }); // without a cookie each is a new visitor
    try {
      const streams = await Promise.all(Array.from({ length: 80 }, open));
      const refused = streams.filter(({ status }) => status === 503);
      assert.equal(refused.length, 20);
      for (const { headers } of refused) assert.match(headers.get('retry-after') ?? '', /^[1-9]\d*$/);
    } finally {
      stop.abort();
    }
  }));
