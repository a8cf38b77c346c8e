import { examineFile, wantsExamination } from '../files/examine-file.js';
import type { QueueItems } from './queue-items.js';
import type { UploadQueueSettings } from './queue-options.js';
import { reportError } from '../shared/report-error.js';
import type { SentRequest } from '../items/sent-request.js';
import { Upload } from '../upload/upload.js';
import type { UploadContext } from '../upload/upload-context.js';
import { UploadError } from '../items/upload-error.js';
import { createItem, NEXT_STATUSES, type UploadFile, type UploadItem, type UploadState } from '../items/upload-item.js';

/** Files to prepare while all request slots are in use, so that no slot is idle between two files. */
const AHEAD = 2;

/** One file's upload, as the runner schedules it. */
interface Job {
  readonly upload: Upload;
  /** Aborts the current run; absent if there is none. */
  running?: AbortController;
  /** Whether the file has passed the image rules and the page's hooks. */
  isExamined: boolean;
}

export interface QueueRunnerOptions {
  readonly items: QueueItems;
  readonly context: UploadContext;
  /** The queue's settings at the time of the call. */
  readonly settings: () => UploadQueueSettings;
  readonly onRequest: (item: UploadItem, request: SentRequest) => void;
}

/** Schedules and runs the uploads of a queue. */
export class QueueRunner {
  readonly #items: QueueItems;
  readonly #context: UploadContext;
  readonly #settings: () => UploadQueueSettings;
  readonly #onRequest: QueueRunnerOptions['onRequest'];
  readonly #jobs = new Map<string, Job>();
  /** IDs of files that may start, in order. */
  readonly #ready = new Set<string>();
  #running = 0;
  #isSuspended = false;

  constructor({ items, context, settings, onRequest }: QueueRunnerOptions) {
    this.#items = items;
    this.#context = context;
    this.#settings = settings;
    this.#onRequest = onRequest;
  }

  /** Enqueues a file. Call `startNext()` afterwards. */
  enqueue(id: string): void {
    this.#ready.add(id);
  }

  /** Starts as many files as there are request slots, plus a few; with one slot, one file at a time. */
  startNext(): void {
    const { limit } = this.#context.gate;
    const atOnce = limit === 1 ? 1 : limit + AHEAD;
    for (const id of this.#ready) {
      if (this.#running >= atOnce || this.#isSuspended || this.#context.hold.current !== undefined) break;
      // A stopped run that is still winding down counts as running; the file restarts when it has ended.
      if (this.#jobs.get(id)?.running !== undefined) continue;
      this.#ready.delete(id);
      const item = this.#items.list.get(id);
      if (item !== undefined) void this.#run(item);
    }
    if (this.#running === 0 && this.#ready.size === 0) this.#items.complete();
  }

  /** Stops a file's run and keeps its stored parts; the run reports nothing after this. */
  stop(id: string, reason: string): void {
    this.#ready.delete(id);
    this.#jobs.get(id)?.running?.abort(new DOMException(reason, 'AbortError'));
  }

  /** Discards a file's upload and asks Kodo to delete its parts. */
  abandon(file: UploadFile): void {
    (this.#jobs.get(file.id)?.upload ?? new Upload(this.#context)).abandon(file);
  }

  /** Ends a file's retry delay. */
  tryNow(id: string): void {
    this.#jobs.get(id)?.upload.tryNow();
  }

  /** Lets a file continue the upload of a removed file. */
  inherit(id: string, from: string): void {
    const job = this.#jobs.get(from);
    if (job !== undefined) this.#jobs.set(id, { upload: job.upload, isExamined: false });
    this.#jobs.delete(from);
  }

  /** Stops and drops the upload of a removed file. */
  forget(id: string): void {
    this.stop(id, 'The file was removed.');
    this.#jobs.delete(id);
  }

  suspend(): void {
    if (this.#isSuspended) return;
    this.#isSuspended = true;
    for (const [id, job] of this.#jobs) {
      const item = this.#items.list.get(id);
      if (item === undefined || job.running === undefined || job.running.signal.aborted) continue;
      this.stop(id, 'The queue was suspended.');
      // A file interrupted during its check is still queued; an unconfirmed file is confirmed again later.
      if ('progress' in item) {
        this.#items.move(id, { status: 'waiting', reason: { code: 'suspended' }, progress: item.progress });
      }
      this.#ready.add(id);
    }
  }

  unsuspend(): void {
    if (!this.#isSuspended) return;
    this.#isSuspended = false;
    this.startNext();
  }

  async #run(item: UploadItem): Promise<void> {
    const { id } = item;
    const job: Job = this.#jobs.get(id) ?? { upload: new Upload(this.#context), isExamined: false };
    this.#jobs.set(id, job);
    const controller = new AbortController();
    const { signal } = controller;
    job.running = controller;
    this.#running += 1;
    const report = (state: UploadState): void => {
      if (!signal.aborted) this.#report(id, state);
    };
    const onRequest = (request: SentRequest): void => {
      const current = this.#items.list.get(id);
      if (!signal.aborted && current !== undefined) this.#onRequest(current, request);
    };
    try {
      const file = await this.#examine(item, job, signal);
      if (file !== undefined) await job.upload.run(file, signal, { report, onRequest });
    } catch (error) {
      if (!signal.aborted) this.#fail(id, error);
    } finally {
      delete job.running; // the only place that releases a file's slot
      this.#running -= 1;
      if (isOver(this.#items.list.get(id))) this.#jobs.delete(id);
      this.startNext();
    }
  }

  /** Turns any error into a failed upload that can be retried, so that every file gets an outcome. */
  #fail(id: string, cause: unknown): void {
    const error = UploadError.from(cause);
    // An unexpected error is a bug here or in the page: show it in the console.
    if (error.code === 'unknown') reportError(cause);
    const status = this.#items.list.get(id)?.status;
    if (status !== undefined && NEXT_STATUSES[status].includes('failed')) {
      this.#items.move(id, { status: 'failed', error });
    }
  }

  #report(id: string, state: UploadState): void {
    const status = this.#items.list.get(id)?.status;
    // Confirming an unconfirmed upload again changes nothing until there is a response.
    if (status === 'unconfirmed' && state.status === 'unconfirmed') return;
    this.#items.move(id, state);
  }

  /**
   * Examines a file, once.
   *
   * @returns the item to upload; `undefined` if it was rejected
   * @throws the checks' errors, or the signal's reason if it is aborted
   */
  async #examine(item: UploadItem, job: Job, signal: AbortSignal): Promise<UploadItem | undefined> {
    const { id, file } = item;
    const settings = this.#settings();
    if (job.isExamined || !wantsExamination(file, settings)) return item;
    const verdict = await examineFile(file, settings, signal);
    if ('reject' in verdict) {
      this.#items.move(id, { status: 'rejected', reason: verdict.reject });
      return undefined;
    }
    job.isExamined = true;
    const { upload } = verdict;
    if (upload === file) return item;
    const { name, size, type } = upload;
    const replaced = createItem({ ...item, file: upload, name, size, type, handle: undefined }, { status: 'queued' });
    this.#items.set(replaced);
    return replaced;
  }
}

/** Whether an item is in a final state. */
function isOver(item: UploadItem | undefined): boolean {
  return item === undefined || item.status === 'done' || item.status === 'rejected';
}
