import { UploadQueue, type StoredFile, type UploadItem } from '../../src/core.js';
import { FakeTransport, makeToken } from '../support/fake-transport.js';
import { makeFile } from '../support/files.js';
import { describe, expect, it } from '../support/suite.js';

function open(): { readonly queue: UploadQueue; readonly removed: string[] } {
  const queue = new UploadQueue({
    transport: new FakeTransport(),
    resume: false,
    manual: true,
    tokenProvider: () => ({ token: makeToken() }),
  });
  const removed: string[] = [];
  queue.addEventListener('file-remove', ({ detail: { item } }) => removed.push(item.name));
  return { queue, removed };
}

const names = (items: readonly UploadItem[]): string => items.map(({ name }) => name).join('');

/** Files named by the letters, whose keys are the same. */
const files = (letters: string): readonly StoredFile[] => [...letters].map((name) => ({ name, key: name }));

describe('setStored (F9)', () => {
  const cases: readonly [string, string, string, string][] = [
    ['an equal list', 'abc', 'abc', ''],
    ['one more at the end', 'abc', 'abcd', ''],
    ['one more at the beginning', 'abc', 'xabc', ''],
    ['one more between', 'abc', 'abxc', ''],
    ['one less', 'abc', 'ac', 'b'],
    ['another order', 'abc', 'cab', ''],
    ['all at once', 'abcd', 'dxba', 'c'],
    ['none', 'abc', '', 'abc'],
    ['all others', 'ab', 'xy', 'ab'],
  ];
  for (const [what, before, after, expectedRemoved] of cases) {
    it(`${what}: "${before}" becomes "${after}", and everything else stays the same item`, () => {
      const { queue, removed } = open();
      queue.add([makeFile('1')]);
      queue.setStored(files(before));
      queue.add([makeFile('2')]);
      expect(names(queue.items)).to.equal(`${before}12`);
      const known = new Map(queue.items.map((item) => [item.name, item]));
      expect(names(queue.setStored(files(after)))).to.equal(after);
      expect(names(queue.items)).to.equal(`${after}12`);
      expect(removed.join('')).to.equal(expectedRemoved);
      for (const item of queue.items) {
        if (known.has(item.name)) expect(item === known.get(item.name), item.name).to.equal(true);
      }
    });
  }

  it('keeps stored files that were added by themselves, among them', () => {
    const { queue } = open();
    queue.setStored(files('ab'));
    queue.addStored(files('x'));
    queue.setStored(files('bca'));
    expect(names(queue.items)).to.equal('bcax');
  });

  it('replaces an item whose facts differ, under the same id', () => {
    const { queue, removed } = open();
    const response = { a: [1] };
    queue.setStored([{ name: 'a', key: 'a', response }]);
    const [before] = queue.items;
    queue.setStored([{ name: 'a', key: 'a', response: { a: [1] } }]);
    expect(queue.items[0] === before).to.equal(true);
    for (const change of [
      { size: 2 },
      { type: 'text/plain' },
      { hash: 'h' },
      { url: '/a' },
      { response: { a: [2] } },
    ]) {
      queue.setStored([{ name: 'a', key: 'a', response, ...change }]);
      expect(queue.items[0] === before).to.equal(false);
      expect(queue.items[0]?.id).to.equal(before?.id);
    }
    expect(removed).to.deep.equal([]);
  });

  it('takes its own items, and copies of them, and does not take another file’s for its own', () => {
    const { queue, removed } = open();
    queue.add([makeFile('1')]);
    queue.setStored([{ name: 'a' }]);
    const { items } = queue;
    queue.setStored(items);
    queue.setStored(items.map((item) => ({ ...item })));
    expect(queue.items === items).to.equal(true);
    // Ids begin anew with each visit, so that of an older copy may be another file's now.
    const [, upload] = items;
    const copy = { ...items[0], id: upload?.id ?? '', name: 'old', file: new File([], 'old') } as UploadItem;
    queue.setStored([copy]);
    expect(names(queue.items)).to.equal('old1');
    expect(removed.join('')).to.equal('a');
  });

  it('lets a listener set another list while it removes files', () => {
    const { queue, removed } = open();
    queue.setStored(files('abc'));
    queue.addEventListener('file-remove', () => queue.setStored(files('bc')), { once: true });
    queue.setStored([]);
    expect(names(queue.items)).to.equal('bc');
    expect(removed.join('')).to.equal('a');
  });
});
