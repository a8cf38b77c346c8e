import { expect } from 'chai';
import { namePasted, pickedFiles, readTransfer } from '../../src/element/panel/transferred-files.js';
import type { TransferItem } from '../../src/element/transfer.js';

/** Entries that fail in ways which no file system of a test machine can be made to show. */
const asItem = (entry: unknown): TransferItem => ({ entry: entry as FileSystemEntry, file: null, handle: undefined });
const folder = (fullPath: string, createReader: () => unknown): unknown => ({
  name: fullPath.split('/').at(-1),
  fullPath,
  isDirectory: true,
  isFile: false,
  createReader,
});
const fileAt = (
  fullPath: string,
  file: (resolve: (file: File) => void, reject: (error: Error) => void) => void,
): unknown => ({
  name: fullPath.split('/').at(-1),
  fullPath,
  isDirectory: false,
  isFile: true,
  file,
});
/** A reader that gives these, a hundred at a time as Chromium does, and may break off after them. */
const reader = (entries: readonly unknown[], error?: Error) => (): unknown => {
  const left = [...entries];
  return {
    readEntries: (resolve: (some: readonly unknown[]) => void, reject: (error: Error) => void): void => {
      const some = left.splice(0, 100);
      if (some.length === 0 && error !== undefined) reject(error);
      else resolve(some);
    },
  };
};
const good = (path: string): unknown =>
  fileAt(path, (resolve) => resolve(new File(['x'], path.split('/').at(-1) ?? '')));

const read = async (...entries: readonly unknown[]): Promise<readonly string[]> =>
  (await readTransfer(entries.map(asItem))).map(
    ({ file, path = file.name, rejected }) => `${path} ${rejected?.code ?? 'taken'}`,
  );

describe('what is read of a drop (F7)', () => {
  it('a file that cannot be opened is named, and the others are taken', async () => {
    const bad = fileAt('/f/bad.txt', (_resolve, reject) => reject(new DOMException('no', 'NotReadableError')));
    const thrown = fileAt('/f/thrown.txt', () => {
      throw new DOMException('no', 'SecurityError');
    });
    const entries = [good('/f/a.txt'), bad, thrown, good('/f/b.txt')];
    expect(await read(folder('/f', reader(entries)))).to.deep.equal([
      'f/a.txt taken',
      'f/bad.txt unreadable',
      'f/thrown.txt unreadable',
      'f/b.txt taken',
    ]);
  });

  it('a list that breaks off keeps what it gave, also after the first hundred', async () => {
    const entries = Array.from({ length: 150 }, (_, index) => good(`/f/${index}.txt`));
    const found = await read(folder('/f', reader(entries, new DOMException('no', 'NotReadableError'))));
    expect(found).to.have.length(151);
    expect(found.at(-1)).to.equal('f/ unreadable');
  });

  it('a folder that cannot be read at all is named', async () => {
    const refuse = (): unknown => {
      throw new DOMException('no', 'SecurityError');
    };
    expect(await read(folder('/f', refuse), good('/a.txt'))).to.deep.equal(['f/ unreadable', 'a.txt taken']);
  });

  it('a folder that holds itself has an end, and says where', async () => {
    const self = (path: string): unknown => folder(path, () => reader([good(`${path}/a.txt`), self(`${path}/self`)])());
    const found = await read(self('/f'));
    expect(found.filter((line) => line.endsWith('unreadable'))).to.have.length(1);
    expect(found.length).to.be.within(10, 1000);
  });

  it('an item without a file is listed, with its name where it has one', async () => {
    const found = await readTransfer([{ entry: null, file: null, handle: undefined }]);
    expect(found.map(({ file, rejected }) => [file.name, rejected?.code])).to.deep.equal([['?', 'unreadable']]);
  });

  it('a folder that is chosen with nothing but the system’s own files is empty', () => {
    const file = Object.defineProperty(new File(['x'], '.DS_Store'), 'webkitRelativePath', { value: 'f/.DS_Store' });
    expect(pickedFiles([file]).map(({ path, rejected }) => [path, rejected?.code])).to.deep.equal([
      ['f/', 'folder-empty'],
    ]);
    expect(pickedFiles([])).to.deep.equal([]);
  });

  it('what is pasted keeps its own name; a copied picture gets one', () => {
    const name = (given: string): string => namePasted({ file: new File(['x'], given) }).file.name;
    expect(name('report.pdf')).to.equal('report.pdf');
    expect(name('image.png')).to.match(/^\d{8}-\d{9}\.png$/);
  });
});
