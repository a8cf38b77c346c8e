/** The contenders of the benchmark: same files, same server, and with the list shown if the contender has one. */
import AwsS3 from '@uppy/aws-s3';
import Uppy from '@uppy/core';
import Dashboard from '@uppy/dashboard';
import '@uppy/core/css/style.min.css';
import '@uppy/dashboard/css/style.min.css';
import { upload } from 'qiniu-js';
import type { QiniuUploader } from '../../../src/index.js';
import { framesDrawn, showLongList } from './long-list.js';

const MIB = 1024 * 1024;
/** Parallel requests: the number of connections that a browser opens to one host. */
const AT_ONCE = 6;

type Contender = (files: readonly File[], origin: string, options: RunOptions) => Promise<void>;

export interface RunOptions {
  readonly verify?: boolean;
}

const policy = btoa(JSON.stringify({ scope: 'bench', deadline: 4102444800 }));
const TOKEN = `bench-access-key:c2lnbmF0dXJl:${policy}`;

function request(method: string, url: string, body: Blob | FormData | string): Promise<{ [name: string]: string }> {
  return new Promise((resolve, reject) => {
    const xhr = new XMLHttpRequest();
    xhr.open(method, url);
    xhr.setRequestHeader('authorization', `UpToken ${TOKEN}`);
    xhr.upload.onprogress = () => undefined;
    xhr.onload = () => {
      if (xhr.status === 200) resolve(JSON.parse(xhr.responseText) as { [name: string]: string });
      else reject(new Error(`${xhr.status}`));
    };
    xhr.onerror = () => reject(new Error('network'));
    xhr.send(body);
  });
}

async function inPool<T>(jobs: readonly T[], atOnce: number, run: (job: T) => Promise<unknown>): Promise<void> {
  const rest = jobs.values();
  await Promise.all(
    Array.from({ length: atOnce }, async () => {
      for (const job of rest) await run(job);
    }),
  );
}

const rawXhr: Contender = (files, origin) =>
  inPool(files, AT_ONCE, (file) => {
    const form = new FormData();
    form.append('file', file);
    form.append('token', TOKEN);
    return request('POST', `${origin}/`, form);
  });

const rawParts: Contender = (files, origin) =>
  inPool(files, 1, async (file) => {
    const base = `${origin}/buckets/bench/objects/~/uploads`;
    const { uploadId } = await request('POST', base, '');
    const numbers = Array.from({ length: Math.ceil(file.size / (4 * MIB)) }, (_, index) => index + 1);
    await inPool(numbers, AT_ONCE, (n) =>
      request('PUT', `${base}/${uploadId}/${n}`, file.slice((n - 1) * 4 * MIB, n * 4 * MIB)),
    );
    await request('POST', `${base}/${uploadId}`, '{}');
  });

const qiniuJs: Contender = (files, origin) =>
  inPool(files, AT_ONCE, (file) => {
    const config = { uphost: origin.slice(7), upprotocol: 'http' as const, disableStatisticsReport: true };
    return new Promise<void>((resolve, reject) => {
      upload(file, null, TOKEN, {}, config).subscribe({
        next: () => undefined,
        error: (error: unknown) => reject(error as Error),
        complete: () => resolve(),
      });
    });
  });

const uppyS3: Contender = async (files, origin) => {
  const uppy = new Uppy({ autoProceed: false }).use(Dashboard, { inline: true, target: '#stage' }).use(AwsS3, {
    limit: AT_ONCE,
    shouldUseMultipart: ({ size }) => (size ?? 0) > 4 * MIB,
    signRequest: (toSign) => {
      const url = new URL(`/s3/${toSign.key}`, origin);
      if ('uploadId' in toSign) url.searchParams.set('uploadId', toSign.uploadId);
      else if (toSign.method === 'POST') url.searchParams.set('uploads', '');
      if ('partNumber' in toSign) url.searchParams.set('partNumber', String(toSign.partNumber));
      return { url: url.href };
    },
  });
  uppy.addFiles(files.map((file) => ({ name: file.name, type: file.type, data: file })));
  const { failed = [] } = (await uppy.upload()) ?? {};
  if (failed.length > 0) throw new Error(`${failed.length} failed: ${failed[0]?.error}`);
};

let element: QiniuUploader | undefined;

/** Uses one element for all uploads of a page, as a real page does: it knows the connection speed after the first. */
const qiniuUploader: Contender = async (files, origin, { verify = false }) => {
  if (element === undefined) {
    element = document.createElement('qiniu-uploader');
    element.multiple = true;
    element.maxFiles = 20_000;
    document.querySelector('#stage')?.append(element);
    await element.updateComplete;
  }
  element.clear();
  element.tokenProvider = () => Promise.resolve({ token: TOKEN, hosts: [origin] });
  (await element.load()).configure({ verify });
  const over = new Promise<void>((resolve, reject) => {
    element?.addEventListener(
      'uploads-complete',
      ({ detail: { items } }) => {
        const wrong = items.find(({ status }) => status !== 'done');
        if (wrong === undefined) resolve();
        else reject(new Error(wrong.status === 'failed' ? wrong.error.message : wrong.status));
      },
      { once: true },
    );
  });
  await element.add(files);
  await over;
};

const CONTENDERS: Readonly<Record<string, Contender>> = {
  'raw XHR': rawXhr,
  'raw parts': rawParts,
  'qiniu-js': qiniuJs,
  'Uppy S3': uppyS3,
  'qiniu-uploader': qiniuUploader,
};

/** Monitors a 10 ms timer. @returns a function that stops it and returns its longest delay in milliseconds */
function watchStalls(): () => number {
  let [last, worst] = [performance.now(), 0];
  const id = setInterval(() => {
    const now = performance.now();
    worst = Math.max(worst, now - last - 10);
    last = now;
  }, 10);
  return () => {
    clearInterval(id);
    return Math.max(0, worst);
  };
}

function makeFiles(count: number, size: number): File[] {
  const bytes = crypto.getRandomValues(new Uint8Array(Math.min(size, 65_536)));
  const chunks = Array.from({ length: Math.ceil(size / bytes.length) }, () => bytes);
  return Array.from({ length: count }, (_, index) => {
    const own = Uint8Array.of(index & 255, index >> 8);
    return new File([own, new Blob(chunks).slice(0, size - 2)], `file-${index}.bin`);
  });
}

export interface RunResult {
  readonly ms: number;
  readonly stall: number;
  readonly error?: string;
}

async function run(
  name: string,
  given: { count: number; size: number } | 'chosen',
  origin: string,
  options: RunOptions = {},
): Promise<RunResult> {
  const input = document.querySelector<HTMLInputElement>('#file');
  const files = given === 'chosen' ? [...(input?.files ?? [])] : makeFiles(given.count, given.size);
  const contender = CONTENDERS[name];
  if (contender === undefined || files.length === 0) throw new Error(`${name} with ${files.length} files`);
  const stalls = watchStalls();
  const startedAt = performance.now();
  try {
    await contender(files, origin, options);
    const ms = performance.now() - startedAt;
    return { ms, stall: stalls() };
  } catch (error) {
    return { ms: performance.now() - startedAt, stall: stalls(), error: String(error) };
  }
}

Object.assign(globalThis, {
  bench: { run, framesDrawn, showLongList: (count: number) => showLongList(count, TOKEN) },
});
