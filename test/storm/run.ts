/**
 * Runs seeded storms: random files, faults, pauses, cancels and reloads. At the end, every `done` file must be
 * byte-identical in Kodo and have one row in the database, every other file must report an error unless it was
 * cancelled, nothing may be stuck and no request may still be running.
 *
 *   npm run test:storm -- --seed 1 --runs 200
 */
import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium, type Browser, type BrowserContext, type Page } from '@playwright/test';
import { startDemo, type Demo } from '../../demo-server/start-demo.js';
import { findOrInstallBrowser } from '../support/browser.js';
import { startRelay } from '../support/relay.js';
import { startSite } from '../support/site.js';
import { within } from '../support/within.js';
import { makePlan, type Plan } from './plan.js';

/** Maximum duration of a run in milliseconds. Uploads that have not ended by then count as stuck. */
const RUN_TIMEOUT = 300_000;
/** Maximum duration of a single step of a run in milliseconds, e.g. closing the demo server. */
const STEP = 30_000;
/** Number of parallel runs. */
const LANES = 3;

const { values } = parseArgs({
  options: { seed: { type: 'string', default: '1' }, runs: { type: 'string', default: '20' } },
});

interface Result {
  readonly name: string;
  readonly status: string;
  readonly key: string | undefined;
  readonly error: string | undefined;
  readonly sha256: string;
}

interface StormPage {
  begin(options: { concurrency: number }): Promise<void>;
  add(files: Plan['files']): void;
  act(kind: string, name: string): void;
  resumeAll(): void;
  statuses(): string[];
  isOver(): boolean;
  results(): Promise<Result[]>;
}

const call = <K extends keyof StormPage>(page: Page, name: K, ...args: Parameters<StormPage[K]>) =>
  page.evaluate(
    ([method, given]) => {
      const { storm } = globalThis as unknown as { storm: Record<string, (...all: unknown[]) => unknown> };
      return storm[method]?.(...given);
    },
    [name, args] as [string, unknown[]],
  ) as Promise<Awaited<ReturnType<StormPage[K]>>>;

async function open(page: Page, origin: string, { concurrency }: Plan): Promise<void> {
  await page.goto(origin);
  await page.waitForFunction(() => 'storm' in globalThis);
  await call(page, 'begin', { concurrency });
}

/** Makes the browser report that it is offline or online; the network itself always works. */
async function reportOffline(page: Page, offline: boolean): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('Network.enable');
  const unlimited = { latency: 0, downloadThroughput: -1, uploadThroughput: -1 };
  await session.send('Network.overrideNetworkState', { offline, ...unlimited });
  await session.detach();
}

/** @returns a description of the failure, or `undefined` if the run passed */
async function runStorm(seed: number, browser: Browser, tally: Map<string, number>): Promise<string | undefined> {
  const plan = makePlan(seed);
  const pageFolder = fileURLToPath(new URL('page', import.meta.url));
  const step = <T>(what: string, promise: Promise<T>): Promise<T> => within(STEP, what, promise);
  const demo = await step('the demo server to start', startDemo({ pageFolder, tokensPerMinute: 1e6 }));
  const relay = plan.relayRate === undefined ? undefined : await startRelay(demo.kodo?.origin ?? '', plan.relayRate);
  let limitedTokens = plan.limitedTokens;
  const site = await startSite(demo, {
    ...(relay === undefined ? {} : { upHosts: [relay.origin] }),
    tokenRoute: () => {
      limitedTokens -= 1;
      return limitedTokens < 0 ? undefined : (_req, res) => void res.writeHead(429, { 'retry-after': '1' }).end();
    },
  });
  const context = await step('a browser context', browser.newContext());
  context.setDefaultTimeout(STEP);
  try {
    const page = await context.newPage();
    await step('the page to open', open(page, site.origin, plan));
    demo.kodo?.faults.add(...plan.faults);
    await step('the files to be added', call(page, 'add', plan.files));
    const startedAt = performance.now();
    const cancelled = new Set<string>();
    for (const { at, kind, name } of plan.acts) {
      await sleep(Math.max(0, at - (performance.now() - startedAt)));
      if (kind === 'cancel') cancelled.add(name);
      if (kind === 'offline' || kind === 'online') await step(kind, reportOffline(page, kind === 'offline'));
      else if (kind !== 'reload') await step(kind, call(page, 'act', kind, name));
      else {
        await step('the page to open again', open(page, site.origin, plan));
        await step('the files to be added again', call(page, 'add', plan.files));
        for (const gone of cancelled) await step('a cancel', call(page, 'act', 'cancel', gone));
      }
    }
    while (!(await step('the page to answer', call(page, 'isOver')))) {
      await step('the page to answer', call(page, 'resumeAll'));
      if (performance.now() - startedAt > RUN_TIMEOUT) {
        return `stuck: ${(await step('the page to answer', call(page, 'statuses'))).join(', ')}`;
      }
      await sleep(50);
    }
    const results = await step('the results', call(page, 'results'));
    for (const { status } of results) tally.set(status, (tally.get(status) ?? 0) + 1);
    return (await step('the judgement', judge(results, demo, context))) ?? (await leftRunning(demo));
  } finally {
    await step('the browser context to close', context.close());
    await step('the site to close', site.close());
    await step('the relay to close', relay?.close() ?? Promise.resolve());
    await step('the demo server to close', demo.close());
  }
}

async function judge(results: readonly Result[], demo: Demo, context: BrowserContext): Promise<string | undefined> {
  const rows = await allRows(demo, context);
  for (const { name, status, key, error, sha256 } of results) {
    if (status === 'done') {
      if (key === undefined || (await storedHash(demo, key)) !== sha256)
        return `${name} is done, but the stored object differs`;
      const count = rows.filter((row) => row === key).length;
      if (count !== 1) return `${name} is done with ${count} rows`;
    } else if (status !== 'cancelled' && !error) return `${name} is ${status} without an error`;
  }
  return undefined;
}

async function allRows(demo: Demo, { request }: BrowserContext): Promise<readonly string[]> {
  const answer = await request.get(`${demo.origin}/api/uploads?limit=100`);
  const { uploads } = (await answer.json()) as { readonly uploads: readonly { readonly key: string }[] };
  return uploads.map(({ key }) => key);
}

async function storedHash(demo: Demo, key: string): Promise<string> {
  const object = demo.kodo?.object('demo', key);
  if (demo.kodo === undefined || object === undefined) return 'nothing';
  const hash = createHash('sha256');
  for await (const chunk of demo.kodo.read(object)) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Reports requests that are still running, or that start, after all uploads have ended. */
async function leftRunning(demo: Demo): Promise<string | undefined> {
  await sleep(300);
  const log = demo.kodo?.requests ?? []; // a live view of the log
  const count = log.length;
  await sleep(200);
  const open = log.filter(({ endedAt }) => endedAt === undefined);
  if (open.length > 0) return `${open.length} requests are still running: ${open.map(({ kind }) => kind).join(', ')}`;
  return log.length > count ? 'requests still start' : undefined;
}

const first = Number(values.seed);
const seeds = Array.from({ length: Number(values.runs) }, (_, index) => first + index);
const browser = await chromium.launch(await findOrInstallBrowser());
const tally = new Map<string, number>();
const failures: string[] = [];
const lanes = Array.from({ length: LANES }, async () => {
  for (let seed = seeds.shift(); seed !== undefined; seed = seeds.shift()) {
    const wrong = await runStorm(seed, browser, tally).catch((error: unknown) => String(error));
    if (wrong === undefined) continue;
    failures.push(`seed ${seed}: ${wrong}`);
    console.log(failures.at(-1));
  }
});
await Promise.all(lanes);
await within(STEP, 'the browser to close', browser.close()).catch((error: unknown) => failures.push(String(error)));
console.log([...tally].map(([status, count]) => `${count} ${status}`).join(', '));
console.log(`# pass ${Number(values.runs) - failures.length}\n# fail ${failures.length}`);
if (failures.length > 0) console.log(`\nfailing tests:\n\n${failures.join('\n')}`);
process.exitCode = failures.length === 0 ? 0 : 1;
