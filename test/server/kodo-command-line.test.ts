import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { readCommandLine } from '../../demo-server/kodo/src/command-line.js';

describe('the command line', () => {
  test('has defaults for everything', () => {
    const { help, log, options } = readCommandLine([]);
    assert.deepEqual([help, log], [false, false]);
    assert.deepEqual(options, {
      port: 9000,
      host: '127.0.0.1',
      buckets: [{ name: 'demo', private: false, accelerated: false }],
      regions: [],
      callbackScheme: 'QBox',
      callbackTimeout: 10_000,
      callbackTries: 1,
      callbackHosts: [],
      jobTime: 1000,
      restoreTime: 60_000,
      faults: [],
      control: false,
    });
  });

  test('reads buckets with regions, privacy, acceleration and domains', () => {
    const { options } = readCommandLine([
      ...['--bucket', 'a', '--bucket', 'b@z2', '--bucket', 'c@z1,private', '--bucket', 'd,accelerated'],
      ...['--domain', 'static.example.com:8080=a'],
    ]);
    assert.deepEqual(options.buckets, [
      { name: 'a', private: false, accelerated: false, domains: ['static.example.com:8080'] },
      { name: 'b', region: 'z2', private: false, accelerated: false },
      { name: 'c', region: 'z1', private: true, accelerated: false },
      { name: 'd', private: false, accelerated: true },
    ]);
  });

  test('reads the hosts that may be called', () => {
    const { options } = readCommandLine(['--callback-hosts', 'api.test', '--callback-hosts', '*.example.com']);
    assert.deepEqual(options.callbackHosts, ['api.test', '*.example.com']);
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
    ['--domain', 'a.test'],
    ['--domain', 'a.test=nothing'],
    ['--job-time', 'soon'],
  ]) {
    test(`says what is wrong with ${args.join(' ')}`, () => {
      assert.throws(() => readCommandLine(args), { name: 'UsageError' });
    });
  }
});

/** What a program prints until a line matches. */
async function linesUntil(output: Readable, pattern: RegExp): Promise<string> {
  let printed = '';
  for await (const chunk of output) {
    printed += String(chunk);
    if (pattern.test(printed)) return printed;
  }
  throw new Error(`it ended after printing: ${printed}`);
}

describe('the program', () => {
  const start = (...args: string[]): ReturnType<typeof spawn> =>
    spawn(process.execPath, ['--import', 'tsx', 'demo-server/kodo/src/main.ts', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });

  test('prints its address, answers, and ends on SIGTERM', async () => {
    const program = start('--port', '0', '--bucket', 'shop', '--control');
    assert.ok(program.stdout);
    try {
      const lines = await linesUntil(program.stdout, /bucket shop/);
      const [origin, accessKey, secretKey] = [/Local Kodo: (\S+)/, /access key: (\S+)/, /secret key: (\S+)/].map(
        (pattern) => pattern.exec(lines)?.[1] ?? '',
      );
      assert.match(`${accessKey} ${secretKey}`, /^[\da-f]{40} [\da-f]{40}$/);
      assert.equal((await fetch(`${origin}/v2/query?ak=${accessKey}&bucket=shop`)).status, 200);
      assert.equal((await fetch(`${origin}/_kodo/requests`)).status, 200);
      program.kill('SIGTERM');
      assert.deepEqual(await once(program, 'exit'), [0, null]);
    } finally {
      program.kill('SIGKILL');
    }
  });

  test('does not print keys that it was given (A11)', async () => {
    const program = start('--port', '0', '--access-key', 'mine', '--secret-key', 'my-secret');
    assert.ok(program.stdout);
    try {
      const lines = await linesUntil(program.stdout, /bucket demo/);
      assert.doesNotMatch(lines, /key|mine|my-secret/);
    } finally {
      program.kill('SIGTERM');
      await once(program, 'exit');
    }
  });

  test('ends with 2 and one line where the command line is wrong', async () => {
    const program = start('--port', 'x');
    assert.ok(program.stderr);
    const [told, [code]] = await Promise.all([text(program.stderr), once(program, 'exit') as Promise<[number]>]);
    assert.deepEqual([told, code], ['--port must be a number from 0 to 65535.\n', 2]);
  });
});
