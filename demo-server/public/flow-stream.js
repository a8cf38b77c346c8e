import { openStream } from './open-stream.js';

/** Statuses of running uploads, which need the stream in a hidden tab too. */
const RUNNING = ['queued', 'preparing', 'uploading', 'confirming', 'waiting'];

/**
 * Calls `onExchange` with each request that the server handled for this browser's uploads, while the page is visible or
 * uploading. All tabs share one stream if the browser supports shared workers.
 */
export function followServer(uploader, onExchange) {
  const onData = (data) => onExchange(JSON.parse(data));
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
  // Stops before the page is closed; a page in the back-forward cache can be shown again.
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
  worker.addEventListener('error', onError, { once: true }); // e.g. no support for module workers
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
