import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { readCommandLine } from '../../demo-server/kodo/command-line.js';

describe('the command line', () => {
  test('has defaults for everything', () => {
    const { help, log, options } = readCommandLine([]);
    assert.deepEqual([help, log], [false, false]);
    assert.deepEqual(options, {
      port: 9000,
      host: '127.0.0.1',
      buckets: [{ name: 'demo', private: false }],
      regions: [],
      callbackScheme: 'QBox',
      callbackTimeout: 10_000,
      callbackTries: 1,
      faults: [],
      control: false,
    });
  });

  test('reads buckets with regions and privacy', () => {
    const { options } = readCommandLine(['--bucket', 'a', '--bucket', 'b@z2', '--bucket', 'c@z1,private']);
    assert.deepEqual(options.buckets, [
      { name: 'a', private: false },
      { name: 'b', region: 'z2', private: false },
      { name: 'c', region: 'z1', private: true },
    ]);
  });

  test('reads how often a callback is tried', () => {
    assert.equal(readCommandLine(['--callback-tries', '3']).options.callbackTries, 3);
  });

  test('reads faults from a file', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'kodo-cli-'));
    try {
      const file = join(folder, 'faults.json');
      await writeFile(file, '{"kind":"form","status":503}');
      assert.deepEqual(readCommandLine(['--faults', file]).options.faults, [{ kind: 'form', status: 503 }]);
      await writeFile(file, '[{"kind":"from"}]');
      assert.throws(() => readCommandLine(['--faults', file]), /faults\.json: no such fault: kind/);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  });

  for (const args of [
    ['--unknown'],
    ['--port', 'x'],
    ['--port', '70000'],
    ['--bucket', 'a b'],
    ['--callback-scheme', 'qbox'],
    ['--callback-timeout', '-1'],
    ['--callback-tries', '0'],
    ['--faults', '/no/such/file'],
  ]) {
    test(`says what is wrong with ${args.join(' ')}`, () => {
      assert.throws(() => readCommandLine(args), { name: 'UsageError' });
    });
  }
});

describe('the program', () => {
  const start = (...args: string[]): ReturnType<typeof spawn> =>
    spawn(process.execPath, ['--import', 'tsx', 'demo-server/kodo/main.ts', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });

  test('prints its address, answers, and ends on SIGTERM', async () => {
    const program = start('--port', '0', '--bucket', 'shop', '--control');
    assert.ok(program.stdout);
    const [line] = (await once(createInterface(program.stdout), 'line')) as [string];
    const origin = /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
    assert.ok(origin);
    assert.equal((await fetch(`${origin}/v2/query?ak=local-access-key&bucket=shop`)).status, 200);
    assert.equal((await fetch(`${origin}/_kodo/requests`)).status, 200);
    program.kill('SIGTERM');
    assert.deepEqual(await once(program, 'exit'), [0, null]);
  });

  test('ends with 2 and one line where the command line is wrong', async () => {
    const program = start('--port', 'x');
    assert.ok(program.stderr);
    const [told, [code]] = await Promise.all([text(program.stderr), once(program, 'exit') as Promise<[number]>]);
    assert.deepEqual([told, code], ['--port must be a number from 0 to 65535.\n', 2]);
  });
});
