import assert from 'node:assert/strict';
import { once } from 'node:events';
import { after, afterEach, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { startKodo, type Kodo } from '../../demo-server/kodo/src/start-kodo.js';
import { startDemoOn, type DemoProcess } from '../support/demo-process.js';
import { startPostgres, type OwnPostgres } from '../support/postgres.js';
import { bytes } from '../support/test-data.js';
import { waitUntil } from '../support/wait-until.js';
import { openAtOnce } from './open-at-once.js';
import { answerOf, askToken, becomeVisitor, call, uploadForm, type Answer } from '../server/support.js';

/** Callbacks that are under way when trouble begins. */
const IN_FLIGHT = 200;

/** The most that a request may take while the database is away, in milliseconds: Kodo waits for ten seconds. */
const PATIENCE = 10_000;

const options =
  process.env['TEST_DATABASE_URL'] === undefined ? { skip: 'runs with the tests on PostgreSQL' } : { timeout: 900_000 };

/** Retries a request that cannot be answered now, as the element does. */
async function untilOk(ask: () => Promise<Answer>): Promise<Answer> {
  const end = performance.now() + 120_000;
  for (;;) {
    const answer = await ask();
    if (answer.status === 200) return answer;
    assert.equal(answer.status, 503, JSON.stringify(answer.body));
    assert.match(answer.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
    if (performance.now() > end) throw new Error('The server did not recover.');
    await wait(500);
  }
}

describe('PostgreSQL in trouble (A1)', options, () => {
  let postgres: OwnPostgres;
  let kodo: Kodo;
  let demo: DemoProcess;
  let cookie: string;

  before(async () => {
    const started = await startPostgres();
    assert.ok(started, 'PostgreSQL is installed');
    postgres = started;
    // Kodo gives up before the server has to: what counts is what the server does in the end.
    kodo = await startKodo({ buckets: [{ name: 'demo' }], callbackTimeout: PATIENCE + 2000 });
  });
  before(async () => {
    demo = await startDemoOn(kodo, { DATABASE_URL: postgres.url, TOKENS_PER_MINUTE: '1000000' });
    cookie = await becomeVisitor(demo);
  });
  afterEach(() => assert.equal(demo.process.exitCode, null, 'the process lived through it'));
  after(async () => {
    demo.process.kill('SIGTERM');
    const [code] = (await once(demo.process, 'exit')) as [number | null];
    await kodo.close();
    await postgres.close();
    assert.equal(code, 0);
  });

  const health = async (): Promise<number> => (await fetch(`${demo.origin}/healthz`)).status;
  const token = (name: string, size: number): Promise<Answer> =>
    untilOk(() => askToken(demo, { name, size, type: '' }, '', cookie));

  const troubles: readonly (readonly [string, () => Promise<void>, () => Promise<void>])[] = [
    ['is restarted', () => postgres.stop(), () => postgres.start()],
    [
      'has its connections terminated',
      async () => {
        await postgres.query('select pg_terminate_backend(pid) from pg_stat_activity where pid <> pg_backend_pid()');
      },
      () => Promise.resolve(),
    ],
    [
      'loses a backend to kill -9, and all connections with it',
      async () => {
        const pid = await postgres.query(
          "select pid from pg_stat_activity where backend_type = 'client backend' and pid <> pg_backend_pid() limit 1",
        );
        process.kill(Number(pid), 'SIGKILL');
      },
      () => Promise.resolve(),
    ],
    ['is frozen for a minute', () => postgres.freeze(), () => wait(60_000).then(() => postgres.thaw())],
  ];

  for (const [what, begin, end] of troubles) {
    test(`that ${what} while idle: the server lives and recovers`, async () => {
      assert.equal(await health(), 200);
      await begin();
      const ended = end();
      // Whatever is asked meanwhile is answered, and in time.
      for (;;) {
        const answer = await fetch(`${demo.origin}/healthz`, { signal: AbortSignal.timeout(PATIENCE) });
        if (answer.status === 200) break;
        assert.equal(answer.status, 503);
        assert.match(answer.headers.get('retry-after') ?? '', /^[1-9]\d*$/);
        assert.equal((await fetch(`${demo.origin}/`, { signal: AbortSignal.timeout(PATIENCE) })).status, 200);
        await wait(100);
      }
      await ended;
      await token('after.bin', 1);
    });

    test(`that ${what} with ${IN_FLIGHT} callbacks in flight: no upload is lost or doubled`, async () => {
      const issued = await Promise.all(
        Array.from({ length: IN_FLIGHT }, async (_, index) => ({
          token: await token(`${index}.bin`, 1000 + index),
          index,
        })),
      );
      let sent = 0;
      const trouble = waitUntil(() => sent >= IN_FLIGHT / 4).then(begin);
      const uploads = issued.map(async ({ token: upload, index }) => {
        sent += 1;
        const reply = await uploadForm(upload, bytes(1000 + index), `${index}.bin`);
        if (reply.status === 200) return reply.body;
        // 579: the file is stored, and its callback failed. The element then asks this server to confirm.
        assert.equal(reply.status, 579, JSON.stringify(reply.body));
        const path = `/api/uploads/${String(upload.body['id'])}/confirm`;
        return (await untilOk(async () => answerOf(await call(demo, 'POST', path, { cookie })))).body;
      });
      await trouble;
      const [replies] = await Promise.all([Promise.all(uploads), end()]);
      const ids = issued.map(({ token: upload }) => String(upload.body['id']));
      assert.deepEqual(replies.map(({ id }) => id).sort(), [...ids].sort());
      const stored = await postgres.query(
        `select count(*), count(distinct key) from uploads where status = 'stored' and id in ('${ids.join("','")}')`,
      );
      assert.equal(stored, `${IN_FLIGHT}|${IN_FLIGHT}`);
    });
  }
});

test('ten processes open an empty PostgreSQL at once: all succeed (A2)', options, async () => {
  const postgres = await startPostgres();
  assert.ok(postgres, 'PostgreSQL is installed');
  try {
    const errors = await openAtOnce({ url: postgres.url }, 10);
    assert.deepEqual(
      errors,
      errors.map(() => ''),
    );
  } finally {
    await postgres.close();
  }
});
