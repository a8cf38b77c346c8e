import { objectUrl, safeUrl } from '../net/object-url.js';
import {
  createItem,
  type UploadFile,
  type UploadItem,
  type UploadItemIn,
  type UploadResult,
} from '../items/upload-item.js';
import type { StoredFile } from './queue-options.js';

/** What has to change so that exactly the named files are shown as stored. */
export interface StoredChanges {
  /** Ids of the items that the list names, in its order. */
  readonly named: readonly string[];
  /** Ids of items that an earlier list named and this one does not. */
  readonly removed: readonly string[];
  /** New items, and items with other facts than before. */
  readonly changed: readonly UploadItem[];
  /** All ids in their new order; absent where the order stays as it is. */
  readonly order: readonly string[] | undefined;
}

/**
 * Remembers which items a page's list of stored files names, and compares the next list with it.
 *
 * Frameworks set such a list with every rendering: an entry that was there before keeps its item.
 */
export class StoredFiles {
  #named: ReadonlySet<string> = new Set();

  /** Whether the last list names that item. */
  has(id: string): boolean {
    return this.#named.has(id);
  }

  /**
   * Compares a list with the items and remembers what it names.
   *
   * Entries are matched by `key`, else by `url`, else by `name`; an item of this queue is matched by its `id`. A file
   * that was uploaded here is matched too, so that a page may add it to its own list. Items that are not stored are
   * left out.
   *
   * @param toFile gives a new entry its id and its `File`
   */
  compare(
    list: Iterable<StoredFile | UploadItem>,
    items: readonly UploadItem[],
    domain: string | undefined,
    toFile: (file: StoredFile) => UploadFile,
  ): StoredChanges {
    const byId = new Map(items.map((item) => [item.id, item]));
    const entries = [...list].map((entry) => ({ own: ownItem(entry, byId), file: toStoredFile(entry) }));
    const taken = new Set(entries.flatMap(({ own }) => own?.id ?? []));
    const candidates = new Map<string, UploadItemIn<'done'>[]>();
    for (const item of items) {
      if (item.status !== 'done' || taken.has(item.id)) continue;
      const identity = identityOf({ ...item.result, name: item.name });
      // Two files of one name need not be the same: only those of an earlier list are matched by it.
      if (identity.startsWith('name ') && !this.#named.has(item.id)) continue;
      const sameOnes = candidates.get(identity);
      if (sameOnes === undefined) candidates.set(identity, [item]);
      else sameOnes.push(item);
    }
    const named = new Set<string>();
    const changed: UploadItem[] = [];
    for (const { own, file } of entries) {
      if (own !== undefined) {
        if (own.status === 'done') named.add(own.id);
        continue;
      }
      if (file === undefined) continue;
      const result = resultOf(file, domain);
      const item = candidates.get(identityOf({ ...result, name: file.name }))?.shift();
      if (item === undefined || (item.result.source === 'stored' && !isShownBy(item, file, result))) {
        const { id } = item ?? {};
        const next = createItem({ ...toFile(file), ...(id === undefined ? {} : { id }) }, { status: 'done', result });
        changed.push(next);
        named.add(next.id);
      } else named.add(item.id);
    }
    const removed = items.flatMap(({ id }) => (this.#named.has(id) && !named.has(id) ? [id] : []));
    this.#named = named;
    return { named: [...named], removed, changed, order: orderOf(items, named, removed) };
  }
}

/** What a stored file's item holds beside its name, size and type. */
export function resultOf({ key, url, hash, response }: StoredFile, domain: string | undefined): UploadResult {
  return { response, key, hash, source: 'stored', url: safeUrl(url) ?? objectUrl(domain, key) };
}

/** What makes two entries the same file. */
function identityOf({ key, url, name }: Pick<StoredFile, 'key' | 'url' | 'name'>): string {
  if (key !== undefined) return `key ${key}`;
  return url === undefined ? `name ${name}` : `url ${url}`;
}

function isItem(entry: StoredFile | UploadItem): entry is UploadItem {
  return 'file' in entry && 'status' in entry;
}

/** The item of this queue that an entry is, or is a copy of. Ids repeat from one visit to the next, so more is compared. */
function ownItem(entry: StoredFile | UploadItem, byId: ReadonlyMap<string, UploadItem>): UploadItem | undefined {
  const item = isItem(entry) ? byId.get(entry.id) : undefined;
  if (item === undefined || !isItem(entry)) return undefined;
  const [key, otherKey] = [keyOf(item), keyOf(entry)];
  const hasSameKey = key === undefined || otherKey === undefined || key === otherKey;
  return item.file === entry.file || (item.name === entry.name && item.size === entry.size && hasSameKey)
    ? item
    : undefined;
}

function keyOf(item: UploadItem): string | undefined {
  return item.status === 'done' ? item.result.key : undefined;
}

/** An entry as a stored file; nothing where it is an item that is not stored. */
function toStoredFile(entry: StoredFile | UploadItem): StoredFile | undefined {
  if (!isItem(entry)) return entry;
  if (entry.status !== 'done') return undefined;
  const { name, size, type, result } = entry;
  const { key, hash, url, response } = result;
  return { name, size, type, key, hash, url, response };
}

function isShownBy(
  item: UploadItemIn<'done'>,
  { name, size = 0, type = '' }: StoredFile,
  result: UploadResult,
): boolean {
  const { key, hash, url, response } = item.result;
  return (
    item.name === name &&
    item.size === size &&
    item.type === type &&
    key === result.key &&
    hash === result.hash &&
    url === result.url &&
    (response === result.response || JSON.stringify(response) === JSON.stringify(result.response))
  );
}

/**
 * The named items in their new order: each takes a place that one of them had, and a new one follows the one that it
 * follows in the list, so that nothing else moves.
 */
function orderOf(
  items: readonly UploadItem[],
  named: ReadonlySet<string>,
  removed: readonly string[],
): readonly string[] | undefined {
  const gone = new Set(removed);
  const before = items.flatMap(({ id }) => (gone.has(id) ? [] : [id]));
  const known = new Set(before);
  const kept: string[] = [];
  const first: string[] = [];
  const added: string[] = [];
  /** New ones by the one that they follow. */
  const followers = new Map<string, string[]>();
  for (const id of named) {
    const last = kept.at(-1);
    if (known.has(id)) {
      kept.push(id);
      followers.set(id, []);
    } else {
      added.push(id);
      (last === undefined ? first : followers.get(last))?.push(id);
    }
  }
  const places = kept.values();
  const moved = before.map((id) => (named.has(id) ? (places.next().value ?? id) : id));
  const after = [...first, ...moved.flatMap((id) => [id, ...(followers.get(id) ?? [])])];
  const isAsItIs = [...before, ...added].every((id, index) => id === after[index]);
  return isAsItIs ? undefined : after;
}
