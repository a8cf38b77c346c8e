/**
 * Runs tests and ends with one line, `N passed, N failed`.
 *
 *   node test/run.js [part…]
 *
 * Without a part it runs `server` and `browser`, which takes a few minutes; CI runs all parts. `postgres` uses
 * `DATABASE_URL`, or else an installed PostgreSQL; `firefox` and `webkit` need these browsers installed.
 */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { findOrInstallBrowser } from './support/browser.js';
import { openPostgres } from './support/postgres.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Lists the test files of a folder: Node 20 accepts no glob patterns and finds no TypeScript files in a folder. */
const testsIn = (folder) =>
  readdirSync(`${root}/test/${folder}`)
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `test/${folder}/${name}`);

/** Time limits in milliseconds for a test file and for a whole part. What exceeds them is terminated and reported. */
const TEST_LIMIT = 600_000;
const PART_LIMIT = 30 * 60_000;

/** Test files that run at the same time. Node's default leaves one of two cores idle. */
const AT_ONCE = Math.max(2, availableParallelism() - 1);

const nodeTests = (files, atOnce = AT_ONCE) => [
  process.execPath,
  [
    ...['--import', 'tsx', '--test', `--test-timeout=${TEST_LIMIT}`, `--test-concurrency=${atOnce}`],
    ...['--test-reporter=spec', ...files],
  ],
];

const node = (folder) => nodeTests(testsIn(folder));
/** For tests that measure, or that drive a browser. */
const oneByOne = (folder) => nodeTests(testsIn(folder), 1);

/** The tests of the demo server that depend on its database. */
const DATABASE_TESTS = [
  ...['store', 'demo-server', 'limits'].map((name) => `test/server/${name}.test.ts`),
  ...['instances', 'postgres-trouble'].map((name) => `test/trouble/${name}.test.ts`),
];

const wtr = (config) => ['npx', ['wtr', '--config', `test/${config}`]];

const PARTS = {
  /** The headless half in Node. */
  core: () => node('core'),
  /** The demo server, the local Kodo, documentation. */
  server: () => node('server'),
  /** Core, element and uploads in Chromium. */
  browser: () => wtr('web-test-runner.config.js'),
  /** Whole pages in Chromium: the demo page, drags, other origins, slow lines. */
  page: () => oneByOne('page'),
  /** Load, fuzzing, forms in pieces of every size. */
  stress: () => oneByOne('stress'),
  /** Locked, full and broken databases, several instances. */
  trouble: () => oneByOne('trouble'),
  /** What is packed, and the command-line judge. */
  packages: () => oneByOne('packages'),
  /** The samples in PHP, Python and Go, all of them. */
  samples: () => nodeTests(['test/packages/samples.test.ts'], 1),
  postgres: () => nodeTests(DATABASE_TESTS, 1),
  firefox: () => wtr('web-test-runner.firefox.config.js'),
  /** Firefox with `privacy.resistFingerprinting`. */
  'resist-fingerprinting': () => wtr('web-test-runner.resist-fingerprinting.config.js'),
  // without a display a session never comes
  webkit: () => ['xvfb-run', ['-a', ...wtr('web-test-runner.webkit.config.js').flat()]],
  storm: () => [process.execPath, ['--import', 'tsx', 'test/storm/run.ts', '--seed', '1', '--runs', '200']],
  /** Every story of the built Storybook. */
  stories: () => oneByOne('stories'),
};

const wanted = process.argv.length > 2 ? process.argv.slice(2) : ['server', 'browser'];
if (['browser', 'page', 'stories'].some((part) => wanted.includes(part))) await findOrInstallBrowser();

let [passed, failed] = [0, 0];
const failures = [];
for (const name of wanted) {
  const [command, args] = PARTS[name]();
  const postgres = name === 'postgres' ? await openPostgres() : undefined;
  if (name === 'postgres' && postgres === undefined)
    throw new Error('No PostgreSQL: install one, or name it in DATABASE_URL.');
  const env = {
    ...(postgres && { TEST_DATABASE_URL: postgres.url }),
    // a language that is missing is a failure
    ...(name === 'samples' && { TEST_ALL_SAMPLES: '1' }),
  };
  const { code, output } = await run(command, args, env);
  await postgres?.close();
  const count = (word) => Number(new RegExp(`^(?:#|ℹ) ${word} (\\d+)`, 'm').exec(output)?.[1] ?? 0);
  passed += count('pass');
  // a part that breaks off, or finds nothing to do, has failed too
  const failedHere = count('fail') || (code === 0 && count('pass') > 0 ? 0 : 1);
  failed += failedHere;
  if (failedHere > 0) failures.push(`${name}:\n${lastWords(output)}`);
}
if (failures.length > 0) console.log(`\nWhat failed\n${failures.join('\n\n')}\n`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** What a part says of its failures at its end, or else the end itself. */
function lastWords(output) {
  const told = output.lastIndexOf('failing tests:');
  return (told === -1 ? output.slice(-2_000) : output.slice(told, told + 6_000)).trim();
}

function run(command, args, env = {}) {
  return new Promise((resolve) => {
    const isWindows = process.platform === 'win32';
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
      shell: isWindows && command === 'npx',
      detached: !isWindows, // so that it can be ended with all that it has started
    });
    let output = '';
    const kill = () => (isWindows ? child.kill() : process.kill(-child.pid, 'SIGKILL'));
    const timeoutId = setTimeout(() => {
      output += `\nIt was ended after ${PART_LIMIT / 60_000} minutes. Its last output was:\n${output.slice(-1_000)}`;
      kill();
    }, PART_LIMIT);
    const stop = () => {
      kill();
      process.exit(1);
    };
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop);
    const end = (result) => {
      clearTimeout(timeoutId);
      for (const signal of ['SIGINT', 'SIGTERM']) process.off(signal, stop);
      resolve(result);
    };
    child.stdout.on('data', (chunk) => {
      output += chunk;
      process.stdout.write(chunk);
    });
    child.on('error', (error) => end({ code: 1, output: String(error) }));
    child.on('close', (code) => end({ code, output }));
  });
}
