import { openStream } from './open-stream.js';

/** Uploads that are still going on need the stream in a hidden tab too. */
const RUNNING = ['queued', 'preparing', 'uploading', 'confirming', 'waiting'];

/**
 * Calls `hear` with what the server did for this browser's uploads, while the page is visible or uploads something. All
 * tabs share one stream where the browser has shared workers.
 */
export function followServer(uploader, hear) {
  const onData = (data) => hear(JSON.parse(data));
  let isFollowing = false;
  let isLeaving = false;
  let source = typeof SharedWorker === 'function' ? sharedStream(onData, fallBack) : ownStream(onData);
  function fallBack() {
    source = ownStream(onData);
    if (isFollowing) source.follow();
  }
  const update = (isWanted) => {
    if (isWanted === isFollowing) return;
    isFollowing = isWanted;
    if (isWanted) source.follow();
    else source.leave();
  };
  const look = () => {
    const isBusy = (uploader.items ?? []).some(({ status }) => RUNNING.includes(status));
    update(!isLeaving && (document.visibilityState === 'visible' || isBusy));
  };
  document.addEventListener('visibilitychange', look);
  for (const type of ['file-add', 'upload-start', 'uploads-complete']) uploader.addEventListener(type, look);
  // A page that is closed cannot say so later, and one in the back-forward cache comes back.
  for (const type of ['pagehide', 'pageshow']) {
    addEventListener(type, () => {
      isLeaving = type === 'pagehide';
      look();
    });
  }
  look();
}

function sharedStream(onData, onError) {
  const worker = new SharedWorker(new URL('flow-stream-worker.js', import.meta.url), { type: 'module' });
  worker.addEventListener('error', onError, { once: true }); // e.g. a browser that knows no modules there
  const { port } = worker;
  port.addEventListener('message', ({ data }) => onData(data));
  port.start();
  return { follow: () => port.postMessage('follow'), leave: () => port.postMessage('leave') };
}

function ownStream(onData) {
  let stream;
  return {
    follow() {
      stream = openStream(onData);
    },
    leave() {
      stream.close();
    },
  };
}
