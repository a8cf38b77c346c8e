import { objectUrl, safeUrl } from '../net/object-url.js';
import {
  createItem,
  type UploadFile,
  type UploadItem,
  type UploadItemIn,
  type UploadResult,
} from '../items/upload-item.js';
import type { StoredFile } from '../items/file-entry.js';

/** The changes that make the list show exactly the given stored files. */
export interface StoredChanges {
  /** IDs of the items that match an entry, in the order of the entries. */
  readonly named: readonly string[];
  /** IDs of items that matched the previous list but not this one. */
  readonly removed: readonly string[];
  /** New items, and items whose data differs from their entry. */
  readonly changed: readonly UploadItem[];
  /** All IDs in their new order; `undefined` if the order does not change. */
  readonly order: readonly string[] | undefined;
}

/**
 * Tracks which items belong to the page's list of stored files, and diffs the next list against it.
 *
 * Frameworks set the list on every render: an entry that already has an item keeps it.
 */
export class StoredFiles {
  #named: ReadonlySet<string> = new Set();

  /** Whether the item matches an entry of the last list. */
  has(id: string): boolean {
    return this.#named.has(id);
  }

  /**
   * Diffs a list against the items and remembers the matches.
   *
   * Entries are matched by `key`, else by `url`, else by `name`; an item of this queue is matched by its `id`. Files
   * uploaded here are matched too, so a page can add them to its list. Entries that are items but not stored are
   * ignored.
   *
   * @param toFile creates the ID and the `File` of a new entry
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
      // Files with the same name can differ: a name matches only items of the previous list.
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

/** Returns the upload result of a stored file. */
export function resultOf({ key, url, hash, response }: StoredFile, domain: string | undefined): UploadResult {
  return { response, key, hash, source: 'stored', url: safeUrl(url) ?? objectUrl(domain, key) };
}

/** Returns the identity by which entries and items are matched. */
function identityOf({ key, url, name }: Pick<StoredFile, 'key' | 'url' | 'name'>): string {
  if (key !== undefined) return `key ${key}`;
  return url === undefined ? `name ${name}` : `url ${url}`;
}

function isItem(entry: StoredFile | UploadItem): entry is UploadItem {
  return 'file' in entry && 'status' in entry;
}

/** Returns the queue's item that an entry is or copies. IDs repeat between visits, so more fields are compared. */
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

/** Converts an entry to a stored file; `undefined` if it is an item that is not stored. */
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
 * Returns all IDs in their new order: named items swap positions among themselves, and a new item follows its
 * predecessor in the list, so no other item moves.
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
  /** New IDs by their predecessor. */
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
