import { expect } from 'chai';
import { isText } from '../../src/element/transfer.js';

/** A clipboard; browsers of a test machine cannot be given files of a file manager. */
function clipboard(
  files: readonly (readonly [name: string, type: string])[],
  texts: Readonly<Record<string, string>>,
): DataTransfer {
  return {
    files: files.map(([name, type]) => ({ name, type })),
    getData: (type: string) => texts[type] ?? '',
  } as unknown as DataTransfer;
}

const PICTURE = [['image.png', 'image/png']] as const;

describe('a clipboard with files and text (F6)', () => {
  for (const [what, files, texts, expected] of [
    ['Excel', PICTURE, { 'text/plain': 'A1\tB1', 'text/html': '<table>', 'text/rtf': '{' }, true],
    ['Word', PICTURE, { 'text/plain': 'words', 'text/html': '<p>words</p>' }, true],
    ['Word: text with a picture in it', PICTURE, { 'text/plain': 'words \uFFFC', 'text/html': '<p><img></p>' }, true],
    ['LibreOffice, without markup', PICTURE, { 'text/plain': 'words' }, true],
    ['Word: a picture alone', PICTURE, { 'text/plain': '\uFFFC\r\n', 'text/html': '<img>', 'text/rtf': '{' }, false],
    ['PowerPoint: a shape', PICTURE, { 'text/html': '<img>' }, false],
    ['a screenshot', PICTURE, {}, false],
    [
      'a picture of a page, with its address',
      PICTURE,
      { 'text/plain': 'https://a.b/c.png', 'text/html': '<img>' },
      false,
    ],
    ['a cell with an address', PICTURE, { 'text/plain': 'https://a.b/c', 'text/html': '<table>' }, true],
    ['Finder: a picture, with its name', [['photo.png', 'image/png']], { 'text/plain': 'photo.png' }, false],
    [
      'Finder: two pictures, with their names',
      [
        ['a.png', 'image/png'],
        ['b.png', 'image/png'],
      ],
      { 'text/plain': 'a.png\rb.png' },
      false,
    ],
    ['Nautilus: with its address', [['图.png', 'image/png']], { 'text/plain': 'file:///home/a/%E5%9B%BE.png' }, false],
    ['Thunar: with its path', [['图.png', 'image/png']], { 'text/plain': '/home/a/图.png' }, false],
    ['Windows: with its path', [['a.png', 'image/png']], { 'text/plain': 'C:\\pictures\\a.png' }, false],
    ['a document, with whatever text', [['a.pdf', 'application/pdf']], { 'text/plain': 'words' }, false],
  ] as const) {
    it(`${what}: ${expected ? 'text' : 'files'}`, () => {
      expect(isText(clipboard(files, texts))).to.equal(expected);
    });
  }
});
