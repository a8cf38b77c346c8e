/**
 * Compares the element with raw requests, qiniu-js and Uppy: same files, same server, headless Chromium, alternating.
 *
 *   npm run bench [-- --rounds 3] [--only <part of a workload's name>]
 *
 * Each contender first uploads a small file that is not measured, so that its code is loaded and the connection speed
 * is known. Memory is the peak increase of the page's process (Linux only).
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { open, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium, type Browser, type CDPSession } from '@playwright/test';
import { build } from 'vite';
import { findOrInstallBrowser } from '../support/browser.js';
import { within } from '../support/within.js';
import { blocksOf } from './blocks.js';
import type { LongList } from './page/long-list.js';
import { WORKLOADS, type Workload } from './workloads.js';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '3' }, only: { type: 'string', default: '' } },
});

const folder = mkdtempSync(join(tmpdir(), 'bench-'));
process.once('exit', () => rmSync(folder, { recursive: true, force: true }));

/** Maximum duration of a measurement in milliseconds. */
const TIMEOUT = 300_000;

/** Result of one run in the page. */
interface RunResult {
  readonly ms: number;
  /** Longest delay of a timer in milliseconds. */
  readonly stall: number;
  readonly error?: string;
}

interface Sink {
  readonly loopback: string;
  readonly slow: string;
  readonly fast: string;
}

async function startSink(): Promise<Sink> {
  const child = spawn(process.execPath, ['--import', 'tsx', path('sink.ts')], { stdio: ['ignore', 'pipe', 'inherit'] });
  process.once('exit', () => child.kill());
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return JSON.parse(line) as Sink;
}

const TYPES: Readonly<Record<string, string>> = { '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css' };

/** Serves the page with the bundled contenders and the published build of the element. */
async function startPage(): Promise<string> {
  await build({
    configFile: false,
    logLevel: 'warn',
    root: path('page'),
    publicDir: false,
    build: {
      outDir: folder,
      emptyOutDir: false,
      target: 'es2022',
      lib: { entry: path('page/contenders.ts'), formats: ['es'], fileName: 'contenders', cssFileName: 'contenders' },
    },
  });
  const server = createServer((req, res) => {
    const { pathname } = new URL(req.url ?? '/', 'http://page');
    const name = pathname === '/' ? path('page/index.html') : null;
    const built = pathname.startsWith('/qiniu-uploader/')
      ? path(`../../dist/${pathname.slice(16)}`)
      : join(folder, pathname);
    readFile(name ?? built).then(
      (text) => res.writeHead(200, { 'content-type': TYPES[extname(name ?? built)] ?? 'text/plain' }).end(text),
      () => res.writeHead(404).end(),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.unref();
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

/** Creates a file on disk, for the file input. */
async function fileOf(size: number): Promise<string> {
  const name = join(folder, `${size}.bin`);
  const file = await open(name, 'w');
  for (const block of blocksOf(size)) await file.write(block);
  await file.close();
  return name;
}

/** Monitors the memory of all page processes. @returns a function that stops and returns the peak increase in MiB */
async function watchMemory(session: CDPSession): Promise<() => number> {
  const held = async (): Promise<number> => {
    const { processInfo } = await session.send('SystemInfo.getProcessInfo');
    let sum = 0;
    for (const { type, id } of processInfo) {
      if (type !== 'renderer') continue;
      try {
        sum += Number(/RssAnon:\s*(\d+)/.exec(readFileSync(`/proc/${id}/status`, 'utf8'))?.[1] ?? Number.NaN) / 1024;
      } catch {
        // the process has ended, or the system has no /proc
      }
    }
    return sum;
  };
  const before = await held();
  let most = before;
  const id = setInterval(
    () =>
      void held().then(
        (now) => (most = Math.max(most, now)),
        () => undefined,
      ),
    100,
  );
  return () => {
    clearInterval(id);
    return most - before;
  };
}

interface Measured extends RunResult {
  readonly memory: number;
  readonly preflights: number;
}

async function measure(
  browser: Browser,
  address: string,
  sink: Sink,
  contender: string,
  work: Workload,
): Promise<Measured> {
  const origin = sink[work.link];
  const setConditions = async (failEvery: number, fileSize?: number): Promise<{ preflights: number }> => {
    const response = await fetch(`${sink.loopback}/bench/conditions`, {
      method: 'POST',
      body: JSON.stringify({ failEvery, fileSize }),
    });
    return (await response.json()) as { preflights: number };
  };
  const page = await browser.newPage();
  const session = await browser.newBrowserCDPSession();
  try {
    await page.goto(address);
    await page.waitForFunction(() => 'bench' in globalThis);
    const [name, verify] = contender.endsWith(', unverified')
      ? [contender.split(',')[0] ?? '', false]
      : [contender, true];
    const run = (given: unknown): Promise<RunResult> =>
      page.evaluate(
        (args) => (globalThis as unknown as BenchPage).bench.run(...args),
        [name, given, origin, { verify }],
      );
    await setConditions(0, work.count === 1 ? work.size : undefined);
    if (work.warmUp ?? true) await run({ count: 1, size: 2 * 1024 * 1024 });
    if (work.count === 1) await page.setInputFiles('#file', join(folder, `${work.size}.bin`));
    await setConditions(work.failEvery ?? 0);
    const memory = await watchMemory(session);
    const result = await run(work.count === 1 ? 'chosen' : { count: work.count, size: work.size });
    const { preflights } = await setConditions(0);
    return { ...result, memory: memory(), preflights };
  } finally {
    await session.detach();
    await page.close();
  }
}

/** API of the benchmark page. */
interface BenchPage {
  readonly bench: {
    run(...all: unknown[]): Promise<RunResult>;
    framesDrawn(): number;
    showLongList(count: number): Promise<LongList>;
  };
}

/** Measures the main thread with a list of `count` files: while they are added, and per frame during six uploads. */
async function measureList(browser: Browser, address: string, count: number): Promise<readonly (number | string)[]> {
  const page = await browser.newPage();
  const session = await page.context().newCDPSession(page);
  const tasks = async (): Promise<{ readonly busy: number; readonly frames: number }> => {
    const { metrics } = await session.send('Performance.getMetrics');
    const valueOf = (metric: string): number => metrics.find(({ name }) => name === metric)?.value ?? Number.NaN;
    const frames = await page.evaluate(() => (globalThis as unknown as BenchPage).bench.framesDrawn());
    return { busy: valueOf('TaskDuration') * 1000, frames };
  };
  try {
    await session.send('Performance.enable');
    await page.goto(address);
    await page.waitForFunction(() => 'bench' in globalThis);
    const shown = await page.evaluate((files) => (globalThis as unknown as BenchPage).bench.showLongList(files), count);
    const before = await tasks();
    await page.waitForTimeout(4000);
    const after = await tasks();
    const perFrame = (after.busy - before.busy) / (after.frames - before.frames);
    return [shown.longestTask.toFixed(0), shown.elements, perFrame.toFixed(2)];
  } finally {
    await page.close();
  }
}

const median = (numbers: readonly number[]): number => {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
};

const rounds = Number(values.rounds);
const sink = await startSink();
const address = await startPage();
const browser = await chromium.launch(await findOrInstallBrowser());
const report: string[] = [];
const print = (line: string): void => {
  console.log(line);
  report.push(line);
};
for (const work of WORKLOADS) {
  if (!work.name.includes(values.only)) continue;
  if (work.count === 1) await fileOf(work.size);
  const results = new Map<string, Measured[]>(work.contenders.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const [name, measured] of results) {
      const what = `${name} to end: ${work.name}`;
      measured.push(await within(TIMEOUT, what, measure(browser, address, sink, name, work)));
    }
  }
  print(`\n### ${work.name}\n`);
  print(
    '| | ms | MB/s | time relative to the first row | longest stall, ms | memory, MiB | preflights | failed |\n|---|--:|--:|--:|--:|--:|--:|--:|',
  );
  const base = median(results.get(work.contenders[0] ?? '')?.map(({ ms }) => ms) ?? []);
  for (const [name, measured] of results) {
    const ms = median(measured.map((result) => result.ms));
    const failed = measured.filter(({ error }) => error !== undefined);
    const cells = [
      name,
      ms.toFixed(0),
      ((work.count * work.size) / 1e3 / ms).toFixed(1),
      (ms / base).toFixed(2),
      median(measured.map(({ stall }) => stall)).toFixed(0),
      median(measured.map(({ memory }) => memory)).toFixed(0),
      median(measured.map(({ preflights }) => preflights)),
      failed.length === 0 ? '' : `${failed.length} of ${rounds}: ${failed[0]?.error}`,
    ];
    print(`| ${cells.join(' | ')} |`);
  }
}
const LIST = 'long list';
if (LIST.includes(values.only)) {
  print(`\n### ${LIST}\n`);
  print('| files | longest task while adding files, ms | elements | main thread time per frame with six uploads, ms |');
  print('|--:|--:|--:|--:|');
  for (const count of [10, 1000, 10_000]) {
    const what = `a list of ${count} files`;
    const measured = await within(TIMEOUT, what, measureList(browser, address, count));
    print(`| ${[count.toLocaleString('en'), ...measured].join(' | ')} |`);
  }
}
await browser.close();
await writeFile(path('results.md'), `${report.join('\n').trim()}\n`);
process.exit();
