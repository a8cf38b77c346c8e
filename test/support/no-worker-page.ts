/** Runs in a page whose policy blocks workers: completes one multipart upload and cancels another while it uploads. */
import { createUploadQueue, tokenEndpoint } from '../../src/core.js';
import { randomFile, sha256 } from './files.js';
import { untilOver, untilStatus } from './until.js';

const queue = createUploadQueue({ tokenProvider: tokenEndpoint({ url: '/api/uploads/token' }), resume: false });
const file = randomFile('frame.bin', 9 * 1024 * 1024, 21);
const [first] = queue.add([file]);
const done = await untilOver(queue, first?.id ?? '');
const [second] = queue.add([randomFile('frame-2.bin', 60 * 1024 * 1024, 22)]);
await untilStatus(queue, second?.id ?? '', 'uploading');
queue.cancel(second?.id ?? '');
parent.postMessage(
  {
    statuses: queue.items.map(({ status }) => status),
    hash: await sha256(file),
    key: done.status === 'done' ? done.result.key : undefined,
  },
  '*',
);
