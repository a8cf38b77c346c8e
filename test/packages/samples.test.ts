import assert from 'node:assert/strict';
import { execFile, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { formatJudgement } from '../../demo-server/kodo/src/judge-text/judgement-text.js';
import { judgeCallbacks } from '../../demo-server/kodo/src/judge/judge-callbacks.js';
import { startKodo, type Kodo } from '../../demo-server/kodo/src/start-kodo.js';
import { freePort } from '../support/free-port.js';
import { PNG } from '../support/test-data.js';
import { answerOf, policyOf, uploadForm, type Answer } from '../server/support.js';

const SAMPLES = fileURLToPath(new URL('../../demo-server/samples', import.meta.url));
const run = promisify(execFile);

/** Set where all interpreters have been installed: one that is missing is then a failure. */
const MUST_RUN = process.env['TEST_ALL_SAMPLES'] === '1';

interface Sample {
  readonly name: string;
  readonly file: string;
  /** Answers 0 where it is installed. */
  readonly probe: readonly [string, ...string[]];
  /** What starts it; the folder is for what is built first. */
  start(folder: string): Promise<readonly [string, ...string[]]>;
}

const samples: readonly Sample[] = [
  {
    name: 'PHP',
    file: 'php/index.php',
    probe: ['php', '-v'],
    start: async () => ['php', join(SAMPLES, 'php/index.php')],
  },
  {
    name: 'Python',
    file: 'python/server.py',
    probe: ['python3', '--version'],
    start: async () => ['python3', join(SAMPLES, 'python/server.py')],
  },
  {
    name: 'Go',
    file: 'go/main.go',
    probe: ['go', 'version'],
    async start(folder) {
      const program = join(folder, 'sample');
      // A cache of its own would compile the standard library again.
      await run('go', ['build', '-o', program, join(SAMPLES, 'go/main.go')], { timeout: 150_000 });
      return [program];
    },
  },
];

for (const {
  name,
  file,
  probe: [command, ...args],
  start,
} of samples) {
  const isInstalled = spawnSync(command, args, { stdio: 'ignore' }).status === 0;
  const skip = isInstalled || MUST_RUN ? false : `${command} is not installed`;

  describe(`the sample in ${name}`, { skip, timeout: 170_000 }, () => {
    let kodo: Kodo;
    let folder: string;
    let program: readonly [string, ...string[]];
    let child: ChildProcess | undefined;
    let origin: string;

    const launch = (env: Readonly<Record<string, string>>): ChildProcess => {
      const { PATH = '', HOME = '' } = process.env;
      return spawn(program[0], program.slice(1), { env: { PATH, HOME, ...env }, stdio: ['ignore', 'ignore', 'pipe'] });
    };
    const environment = (port: number): Readonly<Record<string, string>> => ({
      HOST: '127.0.0.1',
      PORT: String(port),
      QINIU_ACCESS_KEY: kodo.accessKey,
      QINIU_SECRET_KEY: kodo.secretKey,
      QINIU_BUCKET: 'demo',
      QINIU_DOMAIN: kodo.domain('demo'),
      QINIU_ENDPOINT: kodo.origin,
    });
    const serve = async (env: Readonly<Record<string, string>>): Promise<ChildProcess> => {
      const started = launch(env);
      started.stderr?.resume();
      for (let tries = 0; tries < 200; tries += 1) {
        if (started.exitCode !== null) throw new Error(`it ended with ${started.exitCode}`);
        const answered = await fetch(`http://127.0.0.1:${env['PORT']}/`).then(Boolean, () => false);
        if (answered) return started;
        await wait(50);
      }
      started.kill('SIGKILL');
      throw new Error('it did not answer within ten seconds');
    };
    const end = async (started: ChildProcess | undefined): Promise<void> => {
      if (started === undefined || started.exitCode !== null) return;
      started.kill('SIGKILL');
      await once(started, 'exit');
    };
    const token = async (at: string, size = PNG.length): Promise<Answer> =>
      answerOf(
        await fetch(`${at}/api/uploads/token`, {
          method: 'POST',
          headers: { 'content-type': 'application/json' },
          body: JSON.stringify({ name: 'a.png', size, type: 'image/png' }),
        }),
      );

    before(async () => {
      folder = await mkdtemp(join(tmpdir(), 'sample-'));
      kodo = await startKodo();
      program = await start(folder);
      const port = await freePort();
      origin = `http://127.0.0.1:${port}`;
      child = await serve({ ...environment(port), PUBLIC_URL: origin });
    });
    after(async () => {
      await end(child);
      await kodo.close();
      await rm(folder, { recursive: true, force: true });
    });

    test('has fewer than 100 lines', async () => {
      assert.ok((await readFile(join(SAMPLES, file), 'utf8')).trimEnd().split('\n').length < 100);
    });

    test('passes the judge', async () => {
      const { accessKey, secretKey } = kodo;
      const tokenUrl = `${origin}/api/uploads/token`;
      const judgement = await judgeCallbacks({ tokenUrl, accessKey, secretKey, stallLimit: 1000 });
      const bad = judgement.results.filter(({ outcome }) => outcome !== 'passed').map(({ id }) => id);
      // How long a body may take is the server's and its proxy's business; this test does not wait that long.
      assert.deepEqual(bad, ['endless-body'], formatJudgement(judgement, 'en'));
    });

    test('issues a token with which an upload comes back by its callback', async () => {
      const issued = await token(origin);
      assert.equal(issued.status, 200);
      const { callbackUrl, callbackBodyType, fsizeLimit, mimeLimit, returnBody } = policyOf(issued.body['token']);
      assert.deepEqual(
        [callbackUrl, callbackBodyType, fsizeLimit, returnBody],
        [`${origin}/api/uploads/callback`, 'application/x-www-form-urlencoded', PNG.length, undefined],
      );
      assert.match(String(mimeLimit), /^image\//);
      assert.deepEqual([issued.body['expiresIn'], issued.body['domain']], [3600, kodo.domain('demo')]);
      const { status, body } = await uploadForm(issued, PNG, 'a.png');
      assert.equal(status, 200, JSON.stringify(body));
      const [object] = kodo.objects('demo');
      assert.deepEqual([body['key'], body['hash'], body['size']], [object?.key, object?.hash, PNG.length]);
      const stored = await fetch(String(body['url']));
      assert.deepEqual(Buffer.from(await stored.arrayBuffer()), PNG);
    });

    test('limits what is uploaded', async () => {
      assert.equal((await token(origin, 2 ** 40)).status, 413);
      assert.equal((await uploadForm(await token(origin, 10), PNG, 'a.png')).status, 413);
      assert.equal((await uploadForm(await token(origin, 500), Buffer.from('<html><script>'), 'a.png')).status, 403);
    });

    test('gives tokens with returnBody where Qiniu has no address to call', async () => {
      const port = await freePort();
      const other = await serve(environment(port));
      try {
        const { status, body } = await uploadForm(await token(`http://127.0.0.1:${port}`), PNG, 'a.png');
        assert.deepEqual([status, body['size'], body['type']], [200, PNG.length, 'image/png']);
      } finally {
        await end(other);
      }
    });

    test('does not start without its variables', async () => {
      const env = { ...environment(await freePort()), QINIU_SECRET_KEY: '' };
      const started = launch(env);
      let told = '';
      started.stderr?.on('data', (chunk: Buffer) => (told += chunk.toString()));
      const [code] = (await once(started, 'close')) as [number];
      assert.deepEqual([code, /QINIU_SECRET_KEY/.test(told)], [1, true], told);
    });
  });
}
