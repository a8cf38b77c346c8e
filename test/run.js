/**
 * Runs the tests, by default `core`, `server`, `browser` and `page`, and prints a final line, `N passed, N failed`.
 *
 *   node test/run.js [core] [server] [browser] [page] [postgres] [samples] [firefox] [resist-fingerprinting] [webkit]
 *     [storm] [stories]
 *
 * The other parts run only when named:
 * - `postgres`: the demo server's tests on PostgreSQL (`DATABASE_URL`, or an installed PostgreSQL)
 * - `samples`: the samples in PHP, Python and Go (`server` skips those whose language is not installed)
 * - `firefox`, `webkit`: `browser` in Firefox and WebKitGTK, which must be installed
 * - `resist-fingerprinting`: Firefox with its protection against fingerprinting
 * - `storm`: 200 storms
 * - `stories`: the stories of the built Storybook
 */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
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

const nodeTests = (files) => [
  process.execPath,
  ['--import', 'tsx', '--test', `--test-timeout=${TEST_LIMIT}`, '--test-reporter=spec', ...files],
];

const node = (folder) => nodeTests(testsIn(folder));

/** Tests that use the demo server's database. */
const DATABASE_TESTS = ['store', 'demo-server', 'instances', 'limits', 'postgres-trouble'].map(
  (name) => `test/server/${name}.test.ts`,
);

const wtr = (config) => ['npx', ['wtr', '--config', `test/${config}`]];

const PARTS = {
  core: () => node('core'),
  server: () => node('server'),
  browser: () => wtr('web-test-runner.config.js'),
  page: () => node('page'),
  stories: () => node('stories'),
  postgres: () => nodeTests(DATABASE_TESTS),
  samples: () => nodeTests(['test/server/samples.test.ts']),
  firefox: () => wtr('web-test-runner.firefox.config.js'),
  'resist-fingerprinting': () => wtr('web-test-runner.resist-fingerprinting.config.js'),
  storm: () => [process.execPath, ['--import', 'tsx', 'test/storm/run.ts', '--seed', '1', '--runs', '200']],
  // without a display, WebDriver never creates a session
  webkit: () => ['xvfb-run', ['-a', ...wtr('web-test-runner.webkit.config.js').flat()]],
};

const wanted = process.argv.length > 2 ? process.argv.slice(2) : ['core', 'server', 'browser', 'page'];
if (['browser', 'page', 'stories'].some((part) => wanted.includes(part))) await findOrInstallBrowser();

let [passed, failed] = [0, 0];
const failures = [];
for (const name of wanted) {
  const [command, args] = PARTS[name]();
  const postgres = name === 'postgres' ? await openPostgres() : undefined;
  if (name === 'postgres' && postgres === undefined)
    throw new Error('PostgreSQL was not found. Install it or set DATABASE_URL.');
  const env = {
    ...(postgres && { TEST_DATABASE_URL: postgres.url }),
    // a missing language is a failure
    ...(name === 'samples' && { TEST_ALL_SAMPLES: '1' }),
  };
  const { code, output } = await run(command, args, env);
  await postgres?.close();
  const count = (word) => Number(new RegExp(`^(?:#|ℹ) ${word} (\\d+)`, 'm').exec(output)?.[1] ?? 0);
  passed += count('pass');
  // a part that exits early or runs no tests has failed too
  const failedHere = count('fail') || (code === 0 && count('pass') > 0 ? 0 : 1);
  failed += failedHere;
  if (failedHere > 0) failures.push(`${name}:\n${lastWords(output)}`);
}
if (failures.length > 0) console.log(`\nWhat failed\n${failures.join('\n\n')}\n`);
console.log(`${passed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;

/** Returns the failure summary at the end of the output, or the end of the output if there is none. */
function lastWords(output) {
  const start = output.lastIndexOf('failing tests:');
  return (start === -1 ? output.slice(-2_000) : output.slice(start, start + 6_000)).trim();
}

function run(command, args, env = {}) {
  return new Promise((resolve) => {
    const isWindows = process.platform === 'win32';
    const child = spawn(command, args, {
      cwd: root,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit'],
      shell: isWindows && command === 'npx',
      detached: !isWindows, // a process group, so that its children are killed with it
    });
    let output = '';
    const kill = () => (isWindows ? child.kill() : process.kill(-child.pid, 'SIGKILL'));
    const timeoutId = setTimeout(() => {
      output += `\nTerminated after ${PART_LIMIT / 60_000} minutes. Last output:\n${output.slice(-1_000)}`;
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
