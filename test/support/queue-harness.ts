import {
  UPLOAD_EVENT_NAMES,
  UploadQueue,
  type Connectivity,
  type ResumeRecords,
  type TokenRequest,
  type UploadEventMap,
  type UploadQueueSettings,
} from '../../src/core.js';
import { FakeTransport, makeToken } from './fake-transport.js';
import { makeFile } from './files.js';
import { afterEach } from './suite.js';

export interface QueueSetting extends UploadQueueSettings {
  readonly connectivity?: Connectivity;
  readonly resumeRecords?: ResumeRecords;
}

export interface QueueHarness {
  readonly queue: UploadQueue;
  readonly transport: FakeTransport;
  /** Token requests so far. */
  readonly requests: TokenRequest[];
  /** Names of the queue's events so far. */
  readonly events: string[];
}

const queues: UploadQueue[] = [];
afterEach(() => queues.splice(0).forEach((queue) => queue.clear()));

/** Creates a queue with a transport that the test controls. The queue is cleared after the test. */
export function makeQueue(settings: QueueSetting = {}): QueueHarness {
  const transport = new FakeTransport();
  const requests: TokenRequest[] = [];
  const queue = new UploadQueue({
    transport,
    resume: false,
    upHosts: ['https://up.example'],
    tokenProvider: (request) => {
      requests.push(request);
      return { token: makeToken({ scope: 'demo:k' }), key: 'k', id: request.id ?? `id-${requests.length}` };
    },
    ...settings,
  });
  queues.push(queue);
  const events: string[] = [];
  for (const name of UPLOAD_EVENT_NAMES) queue.addEventListener(name, () => events.push(name));
  return { queue, transport, requests, events };
}

/** Adds one file. @returns the id of its item */
export function addOne(queue: UploadQueue, file: File = makeFile()): string {
  const [item] = queue.add([file]);
  if (item === undefined) throw new Error('Nothing was added.');
  return item.id;
}

export function nextEvent<N extends keyof UploadEventMap>(queue: UploadQueue, name: N): Promise<UploadEventMap[N]> {
  return new Promise((resolve) => queue.addEventListener(name, resolve, { once: true }));
}

/** Runs all pending microtasks. */
export async function untilTick(): Promise<void> {
  for (let turn = 0; turn < 30; turn += 1) await Promise.resolve();
}

/** Creates a connectivity state that the test switches. */
export function makeNetwork(online: boolean): {
  readonly state: Connectivity;
  readonly set: (online: boolean) => void;
} {
  const listeners = new Set<() => void>();
  const state = {
    online,
    subscribe: (listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const set = (next: boolean): void => {
    state.online = next;
    for (const listener of [...listeners]) listener();
  };
  return { state, set };
}
