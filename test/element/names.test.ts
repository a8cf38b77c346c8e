import { expect } from 'chai';
import { makeFile } from '../support/files.js';
import { Uploader } from '../support/uploader-harness.js';
import { waitUntil } from '../support/wait-until.js';

/** An element with more rows than are shown without the field that finds files. */
async function openWith(...names: readonly string[]): Promise<Uploader> {
  const uploader = await Uploader.open({ manual: true });
  const others = Array.from({ length: 50 }, (_, index) => `${index}.bin`);
  await uploader.element.add([...names, ...others].map((name, index) => makeFile(name, 10 + index)));
  await uploader.settled();
  return uploader;
}

async function find(uploader: Uploader, text: string): Promise<readonly string[]> {
  const field = uploader.find<HTMLInputElement>('.find-input');
  field.value = text;
  field.dispatchEvent(new Event('input'));
  await uploader.settled();
  return uploader.all('[data-id] .name').map((name) => name.textContent.trim());
}

describe('files are found by what is typed (F15)', () => {
  for (const [typed, name, what] of [
    ['résumé', 're\u0301sume\u0301.pdf', 'NFC finds NFD, as macOS gives it'],
    ['re\u0301sume\u0301', 'résumé.pdf', 'NFD finds NFC'],
    ['한글', '한글'.normalize('NFD') + '.hwp', 'Korean in NFD'],
    ['が', 'か\u3099.txt', 'Japanese in NFD'],
    ['STRASSE', 'straße.jpg', 'German ß'],
    ['strasse', 'STRAẞE.jpg', 'German capital ẞ'],
    ['istanbul', 'İSTANBUL.jpg', 'Turkish capital dotted İ'],
    ['İSTANBUL', 'istanbul.jpg', 'Turkish, the other way round'],
    ['ISPARTA', 'ısparta.jpg', 'Turkish dotless ı'],
    ['istanbul', 'I\u0307STANBUL.jpg', 'Turkish İ in NFD'],
    ['οδος', 'ΟΔΟΣ.txt', 'Greek final sigma'],
    ['abc123', 'ＡＢＣ１２３.txt', 'full width'],
    ['ガイド', 'ｶﾞｲﾄﾞ.txt', 'half-width katakana'],
    ['3.45.12 pm', 'Screenshot 3.45.12\u202FPM.png', 'the narrow space of macOS screenshots'],
    ['a.pdf', 'a\u200B.pdf', 'a zero-width space'],
    ['  a.pdf ', 'a.pdf', 'spaces around'],
  ] as const) {
    it(`${what}: "${typed}"`, async () => {
      const uploader = await openWith(name);
      expect(await find(uploader, typed)).to.have.length(1);
      expect(uploader.element.items[0]?.name).to.equal(name);
    });
  }

  it('but not by what is another letter', async () => {
    const uploader = await openWith('か.txt', 'resume.pdf');
    expect(await find(uploader, 'が')).to.deep.equal([]);
    expect(await find(uploader, 'résumé')).to.deep.equal([]);
  });

  it('the very same file is a duplicate, however its name is composed', async () => {
    const uploader = await Uploader.open({ manual: true });
    const [composed, decomposed] = ['é.txt', 'e\u0301.txt'].map((name) => new File(['x'], name, { lastModified: 1 }));
    if (composed === undefined || decomposed === undefined) throw new Error('There are no files.');
    const items = await uploader.element.add([composed, decomposed]);
    expect(items.map(({ status }) => status)).to.deep.equal(['queued', 'rejected']);
  });
});

describe('characters that cannot be seen, in names (F21)', () => {
  const OVERRIDE = 'photo\u202Egpj.exe';

  it('a right-to-left override is shown, in the row, the title, the labels and the announcement; the name stays', async () => {
    const uploader = await Uploader.open();
    await uploader.choose(makeFile(OVERRIDE, 1000));
    const upload = await uploader.transport.nextUpload();
    upload.progress(500);
    await waitUntil(() => uploader.all('progress[value]').length === 1);
    const shown = 'photo[U+202E]gpj.exe';
    expect(uploader.find('.name').textContent.trim()).to.equal('photoU+202Egpj.exe');
    expect(uploader.find('.name .code-point').textContent).to.equal('U+202E');
    expect(uploader.find('.name').title).to.equal(shown);
    expect(uploader.buttonNames().slice(1)).to.deep.equal([`Pause ${shown}`, `Cancel ${shown}`]);
    expect(uploader.find('progress').ariaLabel).to.equal(`Upload progress of ${shown}`);
    expect(uploader.element.shadowRoot?.innerHTML).not.to.contain('\u202E');
    expect(upload.job.file.name).to.equal(OVERRIDE);
    upload.succeed({ url: 'https://cdn.example/a' });
    await waitUntil(() => uploader.spoken !== '');
    expect(uploader.spoken).to.equal(`${shown}: Uploaded`);
    expect(uploader.find('.name a').title).to.equal(`Open ${shown}`);
    expect(uploader.element.shadowRoot?.innerHTML).not.to.contain('\u202E');
    expect(uploader.element.items[0]?.name).to.equal(OVERRIDE);
  });

  it('the characters around an override are where they are in the name', async () => {
    const uploader = await Uploader.open({ manual: true });
    await uploader.choose(makeFile(OVERRIDE));
    const walker = document.createTreeWalker(uploader.find('.name bdi'), NodeFilter.SHOW_TEXT);
    const texts: Node[] = [];
    while (walker.nextNode()) if (walker.currentNode.textContent?.trim()) texts.push(walker.currentNode);
    const lefts = texts.map((node) => {
      const range = document.createRange();
      range.selectNodeContents(node);
      return range.getBoundingClientRect().left;
    });
    expect(lefts).to.have.length(3);
    expect([...lefts].sort((one, other) => one - other)).to.deep.equal(lefts);
  });

  for (const [name, shown] of [
    ['a\u202Ab', 'a[U+202A]b'],
    ['a\u2066b\u2069', 'a[U+2066]b[U+2069]'],
    ['a\u200Fb', 'a[U+200F]b'],
    ['a\u200Bb', 'a[U+200B]b'],
    ['a\u200D.exe', 'a[U+200D].exe'],
    ['😀\u200D.exe', '😀[U+200D].exe'],
    ['\uFEFFa', '[U+FEFF]a'],
    ['a\u00ADb', 'a[U+00AD]b'],
    ['a\nb', 'a[U+000A]b'],
    ['a\u0000b\u0085', 'a[U+0000]b[U+0085]'],
    ['a\u2028b', 'a[U+2028]b'],
    ['a\u3164.txt', 'a[U+3164].txt'],
    ['a\u{E0041}b', 'a[U+E0041]b'],
    ['🏴\u202Eb', '🏴[U+202E]b'],
    ['f\u202E/a\u202Eb', 'f[U+202E]/a[U+202E]b'],
  ] as const) {
    it(`${shown} shows what is hidden`, async () => {
      const uploader = await Uploader.open({ manual: true });
      await uploader.element.add([name.includes('/') ? { file: makeFile('b'), path: name } : makeFile(name)]);
      await uploader.settled();
      expect(uploader.find('.name').title).to.equal(shown);
      expect(uploader.find('.name').textContent.trim()).to.equal(shown.replace(/[[\]]/g, ''));
    });
  }

  for (const name of [
    '👨\u200D👩\u200D👧.png',
    '👩🏽\u200D💻',
    '❤\uFE0F.txt',
    'می\u200Cخواهم.txt',
    'क्\u200Dष.txt',
    '🏴󠁧󠁢󠁥󠁮󠁧󠁿',
    'שלום.txt',
  ]) {
    it(`${name} stays as it is: joiners and tags belong to these scripts`, async () => {
      const uploader = await Uploader.open({ manual: true });
      await uploader.choose(makeFile(name));
      expect(uploader.find('.name').title).to.equal(name);
      expect(uploader.all('.code-point')).to.have.length(0);
    });
  }
});
