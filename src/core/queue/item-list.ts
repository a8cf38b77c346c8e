import { percentOf } from '../items/upload-progress.js';
import { SpeedMeter } from '../shared/speed-meter.js';
import { NEXT_STATUSES, type UploadFile, type UploadItem, type UploadStatus } from '../items/upload-item.js';

/** Combined progress of all uploads. Rejected, failed, cancelled and interrupted files are not counted. */
export interface TotalProgress {
  /** Number of counted files. */
  readonly files: number;
  /** Number of counted files that are stored. */
  readonly storedFiles: number;
  /** Total size of the counted files in bytes. */
  readonly size: number;
  /** Bytes sent, including bytes that Kodo already had. */
  readonly sentBytes: number;
  /** 0 to 100; 100 only if all files are stored; decreases only when files are added. */
  readonly percent: number;
  /** Bytes per second of all uploads together, smoothed; `undefined` until known. */
  readonly speed: number | undefined;
  /** Seconds until the last byte is sent at that speed; `undefined` until known. */
  readonly secondsLeft: number | undefined;
}

/** One item's share of the total. */
interface Share {
  readonly files: number;
  readonly storedFiles: number;
  readonly size: number;
  readonly sentBytes: number;
  /** 1 if the upload is running, else 0. */
  readonly running: number;
}

const NOTHING: Share = { files: 0, storedFiles: 0, size: 0, sentBytes: 0, running: 0 };

/**
 * The queue's items in order, with their counts and total progress, which are updated incrementally: a change costs the
 * same with ten thousand items as with ten.
 */
export class ItemList {
  readonly #items = new Map<string, UploadItem>();
  /** Item IDs by file identity. */
  readonly #same = new Map<string, Set<string>>();
  readonly #speed = new SpeedMeter();
  #snapshot: readonly UploadItem[] | undefined;
  readonly #counts = zeroCounts();
  #total = NOTHING;
  /** Bytes sent since the list last changed from no running uploads to some. */
  #movedBytes = 0;
  #percent = 0;

  get size(): number {
    return this.#items.size;
  }

  /** A frozen array; the same instance until the next change. */
  get snapshot(): readonly UploadItem[] {
    this.#snapshot ??= Object.freeze([...this.#items.values()]);
    return this.#snapshot;
  }

  /** The number of items in each state. */
  get counts(): Readonly<Record<UploadStatus, number>> {
    return Object.freeze({ ...this.#counts });
  }

  get progress(): TotalProgress {
    const { files, storedFiles, size, sentBytes } = this.#total;
    const { speed } = this.#speed;
    return Object.freeze({
      files,
      storedFiles,
      size,
      sentBytes,
      percent: this.#percent,
      speed: speed === undefined ? undefined : Math.round(speed),
      secondsLeft: speed ? (size - sentBytes) / speed : undefined,
    });
  }

  get(id: string): UploadItem | undefined {
    return this.#items.get(id);
  }

  /** Iterates over all items; items may be changed or deleted meanwhile. */
  [Symbol.iterator](): IterableIterator<UploadItem> {
    return this.#items.values();
  }

  /** Returns the items of the same file: same name, path, size, type and modification date. */
  sameAs(file: UploadFile): readonly UploadItem[] {
    return [...(this.#same.get(fileIdentity(file)) ?? [])].flatMap((id) => this.#items.get(id) ?? []);
  }

  /** Adds an item, or replaces the item with the same ID. */
  set(item: UploadItem): void {
    const before = this.#items.get(item.id);
    this.#items.set(item.id, item);
    if (before === undefined) {
      const name = fileIdentity(item);
      const ids = this.#same.get(name);
      if (ids === undefined) this.#same.set(name, new Set([item.id]));
      else ids.add(item.id);
    }
    this.#count(before, item);
  }

  delete(id: string): void {
    const item = this.#items.get(id);
    if (item === undefined) return;
    this.#items.delete(id);
    const name = fileIdentity(item);
    const ids = this.#same.get(name);
    ids?.delete(id);
    if (ids?.size === 0) this.#same.delete(name);
    this.#count(item, undefined);
  }

  /** Sorts the items in this order; items that it does not list come first. */
  arrange(ids: readonly string[]): void {
    this.#snapshot = undefined;
    for (const id of ids) {
      const item = this.#items.get(id);
      if (item === undefined) continue;
      this.#items.delete(id);
      this.#items.set(id, item);
    }
  }

  #count(before: UploadItem | undefined, after: UploadItem | undefined): void {
    this.#snapshot = undefined;
    if (before !== undefined) this.#counts[before.status] -= 1;
    if (after !== undefined) this.#counts[after.status] += 1;
    const [minus, plus] = [shareOf(before), shareOf(after)];
    const sum = (name: keyof Share): number => this.#total[name] - minus[name] + plus[name];
    const running = sum('running');
    if (running > 0 && this.#total.running === 0) this.#speed.begin((this.#movedBytes = 0));
    else if (running === 0) this.#speed.end();
    this.#total = {
      files: sum('files'),
      storedFiles: sum('storedFiles'),
      size: sum('size'),
      sentBytes: sum('sentBytes'),
      running,
    };
    const { files, storedFiles, size, sentBytes } = this.#total;
    const percent = files > 0 && storedFiles === files ? 100 : percentOf(sentBytes, size);
    this.#percent = files === 0 || plus.files > minus.files ? percent : Math.max(this.#percent, percent);
    this.#movedBytes += Math.max(0, movedBytesOf(after) - movedBytesOf(before));
    this.#speed.update(this.#movedBytes);
  }
}

function zeroCounts(): Record<UploadStatus, number> {
  return Object.fromEntries(Object.keys(NEXT_STATUSES).map((status) => [status, 0])) as Record<UploadStatus, number>;
}

function shareOf(item: UploadItem | undefined): Share {
  if (item === undefined) return NOTHING;
  const { size } = item;
  switch (item.status) {
    case 'rejected':
    case 'failed':
    case 'cancelled':
    case 'interrupted':
      return NOTHING;
    case 'queued':
      return { ...NOTHING, files: 1, size };
    case 'done':
    case 'unconfirmed':
      return { files: 1, storedFiles: 1, size, sentBytes: size, running: 0 };
    case 'preparing':
    case 'uploading':
    case 'confirming':
    case 'waiting':
    case 'paused': {
      const { sentBytes } = item.progress;
      const running = item.status === 'paused' || item.status === 'waiting' ? 0 : 1;
      return { files: 1, storedFiles: 0, size, sentBytes, running };
    }
  }
}

/** Bytes transferred in this run: the bytes sent without those that Kodo already had. */
function movedBytesOf(item: UploadItem | undefined): number {
  if (item === undefined || !('progress' in item)) return 0;
  return Math.max(0, item.progress.sentBytes - item.progress.storedBytes);
}

function fileIdentity({ name, path = '', size, type, file }: UploadFile): string {
  // On macOS, a name is composed or decomposed Unicode depending on how the file was chosen.
  return JSON.stringify([name.normalize(), path.normalize(), size, type, file.lastModified]);
}
