import {
  UPLOAD_EVENT_NAMES,
  type UploadItem,
  type UploadItemIn,
  type UploadQueue,
  type UploadStatus,
} from '../../src/core.js';

/** Resolves with the item when it reaches the status. Rejects if the item ends or disappears before. */
export function untilStatus<S extends UploadStatus>(
  queue: UploadQueue,
  id: string,
  status: S,
): Promise<UploadItemIn<S>> {
  return new Promise((resolve, reject) => {
    const look = (): void => {
      const item: UploadItem | undefined = queue.get(id);
      if (item?.status === status) {
        unsubscribe();
        resolve(item as UploadItemIn<S>);
      } else if (item === undefined || isEnd(item.status)) {
        unsubscribe();
        const error = item?.status === 'failed' ? `: ${item.error.message}` : '';
        reject(new Error(`The upload is ${item?.status ?? 'gone'}, not ${status}${error}`));
      }
    };
    const unsubscribe = listen(queue, look);
    look();
  });
}

/** Also listens to events, because subscribers are called once per frame and can miss a short-lived status. */
function listen(queue: UploadQueue, look: () => void): () => void {
  for (const name of UPLOAD_EVENT_NAMES) queue.addEventListener(name, look);
  const unsubscribe = queue.subscribe(look);
  return () => {
    for (const name of UPLOAD_EVENT_NAMES) queue.removeEventListener(name, look);
    unsubscribe();
  };
}

/** Resolves with the item when its upload has ended, whatever the outcome. */
export function untilOver(queue: UploadQueue, id: string): Promise<UploadItem> {
  return new Promise((resolve) => {
    const look = (): void => {
      const item = queue.get(id);
      if (item === undefined || !isEnd(item.status)) return;
      unsubscribe();
      resolve(item);
    };
    const unsubscribe = queue.subscribe(look);
    look();
  });
}

function isEnd(status: UploadStatus): boolean {
  return ['rejected', 'done', 'unconfirmed', 'failed', 'cancelled'].includes(status);
}
