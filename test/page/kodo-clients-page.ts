/** Runs in a page: uploads by one of the official SDKs. */
import * as js3 from 'qiniu-js';
import * as js4 from 'qiniu-js-4';

interface UploadRequest {
  readonly key: string;
  readonly token: string;
  readonly origin: string;
  readonly size: number;
}

function makeFile({ key, size }: UploadRequest): File {
  const data = new Uint8Array(size);
  for (let index = 0; index < size; index += 1) data[index] = (index * 31 + (index >> 12)) & 255;
  return new File([data], key, { lastModified: 1_700_000_000_000 });
}

function by3(request: UploadRequest): Promise<unknown> {
  const { host } = new URL(request.origin);
  const config = { uphost: host, upprotocol: 'http' as const, checkByMD5: true, retryCount: 0 };
  const extra = { fname: request.key, customVars: { 'x:a': '1' } };
  return new Promise((resolve, reject) => {
    js3.upload(makeFile(request), request.key, request.token, extra, config).subscribe({
      next: () => undefined,
      error: (error: { readonly message?: string }) => reject(new Error(error.message)),
      complete: resolve,
    });
  });
}

/** As much of a task as is used: each kind has a context of its own. */
interface Task {
  readonly onError: (act: (error?: { readonly message: string }) => void) => void;
  readonly onComplete: (act: (result?: unknown) => void) => void;
  readonly start: () => Promise<unknown>;
}

function by4(
  create: (...args: Parameters<typeof js4.createDirectUploadTask>) => Task,
  request: UploadRequest,
): Promise<unknown> {
  const task = create(
    { type: 'file', data: makeFile(request), key: request.key },
    {
      tokenProvider: () => Promise.resolve(request.token),
      // found by the region query
      apiServerUrl: request.origin,
      protocol: 'HTTP',
      vars: { a: '1' },
    },
  );
  return new Promise((resolve, reject) => {
    task.onError((error) => reject(new Error(error?.message)));
    task.onComplete((result) => resolve(typeof result === 'string' ? (JSON.parse(result) as unknown) : result));
    task.start().catch(reject);
  });
}

const clients = {
  run(client: string, request: UploadRequest): Promise<unknown> {
    switch (client) {
      case 'js3':
        return by3(request);
      case 'js4-form':
        return by4(js4.createDirectUploadTask, request);
      case 'js4-v1':
        return by4(js4.createMultipartUploadV1Task, request);
      case 'js4-v2':
        return by4(js4.createMultipartUploadV2Task, request);
      default:
        throw new Error(`There is no client ${client}.`);
    }
  },
};

Object.assign(globalThis, { clients });
