import { describe, expect, it } from '../support/suite.js';
import { ItemList } from '../../src/core/queue/item-list.js';
import { NO_PROGRESS } from '../../src/core/items/upload-progress.js';
import { createItem, type UploadItem, type UploadState } from '../../src/core/items/upload-item.js';

const FILE = new File(['x'], 'a.txt', { lastModified: 1 });

function item(id: string, size: number, state: UploadState, name = id): UploadItem {
  return createItem({ id, file: FILE, name, size, type: '', path: undefined }, state);
}

const sent = (sentBytes: number, storedBytes = 0): UploadState => ({
  status: 'uploading',
  progress: { ...NO_PROGRESS, sentBytes, storedBytes },
});

const done: UploadState = {
  status: 'done',
  result: { response: {}, key: 'k', hash: undefined, source: 'callback', url: undefined },
};

describe('the progress of all uploads', () => {
  it('adds up what counts, and says 100 % only when all is stored', () => {
    const list = new ItemList();
    expect(list.progress).to.include({ files: 0, size: 0, percent: 0 });
    list.set(item('a', 1000, sent(500)));
    list.set(item('b', 1000, { status: 'queued' }));
    list.set(item('c', 5000, { status: 'cancelled' }));
    expect(list.progress).to.include({ files: 2, storedFiles: 0, size: 2000, sentBytes: 500, percent: 25 });
    list.set(item('a', 1000, done));
    list.set(item('b', 1000, sent(1000)));
    expect(list.progress).to.include({ storedFiles: 1, sentBytes: 2000, percent: 99 });
    list.set(item('b', 1000, done));
    expect(list.progress).to.include({ storedFiles: 2, percent: 100 });
    list.delete('a');
    list.delete('b');
    expect(list.progress).to.include({ files: 0, size: 0, sentBytes: 0 });
  });

  it('falls only when files are added', () => {
    const list = new ItemList();
    list.set(item('a', 1000, sent(900)));
    list.set(item('b', 1000, sent(100)));
    expect(list.progress.percent).to.equal(50);
    list.set(item('a', 1000, { status: 'cancelled' }));
    expect(list.progress.percent).to.equal(50);
    list.set(item('c', 1000, { status: 'queued' }));
    expect(list.progress.percent).to.equal(5);
  });

  it('does not take parts that were there already for speed', async () => {
    const list = new ItemList();
    list.set(item('a', 1e9, sent(0)));
    await new Promise((resolve) => setTimeout(resolve, 600));
    list.set(item('a', 1e9, sent(5e8, 5e8)));
    expect(list.progress).to.include({ sentBytes: 5e8, speed: undefined });
    list.set(item('a', 1e9, sent(5e8 + 1000, 5e8)));
    expect(list.progress.speed).to.be.within(1, 1e4);
  });
});

describe('the list of items', () => {
  it('finds the very same file, and no other', () => {
    const list = new ItemList();
    const [first, other] = [item('1', 10, { status: 'queued' }, 'a'), item('2', 11, { status: 'queued' }, 'a')];
    list.set(first);
    list.set(other);
    expect(list.sameAs(item('3', 10, { status: 'queued' }, 'a'))).to.deep.equal([first]);
    list.delete('1');
    expect(list.sameAs(first)).to.deep.equal([]);
  });
});
