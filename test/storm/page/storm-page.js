/** The page side of the storm: creates files from seeds, owns one queue, and performs acts on it. */
import { confirmEndpoint, createUploadQueue, tokenEndpoint } from '/qiniu-uploader/qiniu-uploader.core.bundle.js';

/** Creates a file. The same seed and size give the same bytes, even after a reload. */
function makeFile({ seed, size, name }) {
  const words = new Uint32Array(Math.ceil(size / 4));
  let state = (seed * 2_654_435_761) >>> 0 || 1;
  for (let index = 0; index < words.length; index += 1) {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    words[index] = state;
  }
  return new File([words.buffer.slice(0, size)], name, { lastModified: 1_700_000_000_000 + seed });
}

let queue;
let names = new Map();

async function sha256(file) {
  const digest = await crypto.subtle.digest('SHA-256', await file.arrayBuffer());
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

globalThis.storm = {
  async begin({ concurrency }) {
    queue = createUploadQueue({
      tokenProvider: tokenEndpoint({ url: '/api/uploads/token' }),
      confirmProvider: confirmEndpoint({ url: '/api/uploads/{id}/confirm' }),
      resumeScope: 'storm',
      duplicates: 'allow',
      retries: 8,
      stallTimeout: 1500,
      concurrency,
    });
    names = new Map();
    // Measures the connection speed, so that the queue does not mistake a stall for a slow connection for minutes.
    const [first] = queue.add([makeFile({ seed: 7, size: 300 * 1024, name: 'first.bin' })]);
    await new Promise((resolve) => queue.addEventListener('uploads-complete', resolve, { once: true }));
    queue.removeFile(first.id);
  },
  add(files) {
    for (const item of queue.add(files.map(makeFile))) names.set(item.name, item.id);
  },
  act(kind, name) {
    const id = names.get(name);
    if (kind === 'cancel') queue.cancel(id);
    if (kind === 'pause') queue.pause(id);
    if (kind === 'resume') queue.resume(id);
    if (kind === 'suspend' || kind === 'unsuspend') queue[kind]();
  },
  resumeAll: () => queue.resumeAll(),
  statuses: () => queue.items.map(({ name, status }) => `${name} ${status}`),
  isOver: () => queue.items.every(({ status }) => ['done', 'unconfirmed', 'failed', 'cancelled'].includes(status)),
  results: () =>
    Promise.all(
      queue.items.map(async (item) => ({
        name: item.name,
        status: item.status,
        key: item.result?.key ?? item.key,
        error: item.error && `${item.error.code}: ${item.error.message}`,
        sha256: await sha256(item.file),
      })),
    ),
};
