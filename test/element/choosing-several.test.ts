import { html } from '@open-wc/testing';
import { expect } from 'chai';
import { makeFile } from '../support/files.js';
import { filesDragged, Uploader } from '../support/uploader-harness.js';
import { waitUntil } from '../support/wait-until.js';

const rows = (uploader: Uploader): readonly (readonly [string, string])[] =>
  uploader.element.items.map((item) => [item.name, item.status === 'rejected' ? item.reason.code : item.status]);

describe('several files where one is taken (F14)', () => {
  const openSingle = (): Promise<Uploader> =>
    Uploader.open({ manual: true, rules: { accept: '.txt' } }, html`<qiniu-uploader lang="en"></qiniu-uploader>`);

  it('by add(): what is not taken is in the answer and in the list, with its reason and its event', async () => {
    const uploader = await openSingle();
    const items = await uploader.element.add([makeFile('a.txt'), makeFile('b.txt'), makeFile('c.txt')]);
    expect(items.map(({ status }) => status)).to.deep.equal(['queued', 'rejected', 'rejected']);
    await uploader.settled();
    expect(rows(uploader)).to.deep.equal([
      ['a.txt', 'queued'],
      ['b.txt', 'too-many-files'],
      ['c.txt', 'too-many-files'],
    ]);
    expect(uploader.events.filter((name) => name === 'file-reject')).to.have.length(2);
    expect(uploader.rowText(1)).to.contain('Only one file is allowed');
    await waitUntil(() => uploader.spoken !== '');
    expect(uploader.spoken).to.equal('2 files not accepted');
  });

  it('by a drop: the first that is accepted is taken, not the first', async () => {
    const uploader = await openSingle();
    await uploader.drop(filesDragged(makeFile('a.exe'), makeFile('b.txt'), makeFile('c.txt')));
    await waitUntil(() => uploader.element.items.length === 3);
    expect(rows(uploader)).to.deep.equal([
      ['a.exe', 'type-not-accepted'],
      ['b.txt', 'queued'],
      ['c.txt', 'too-many-files'],
    ]);
  });

  it('the next choice takes the place of all of them', async () => {
    const uploader = await openSingle();
    await uploader.element.add([makeFile('a.txt'), makeFile('b.txt')]);
    await uploader.element.add([makeFile('c.txt')]);
    expect(rows(uploader)).to.deep.equal([['c.txt', 'queued']]);
  });

  it('a thousand files are one choice', async () => {
    const uploader = await openSingle();
    await uploader.drop(filesDragged(...Array.from({ length: 1000 }, (_, index) => makeFile(`${index}.txt`))));
    await waitUntil(() => uploader.element.items.length === 1000);
    expect(rows(uploader).filter(([, state]) => state === 'queued')).to.deep.equal([['0.txt', 'queued']]);
  });

  it('a veto on file-add leaves the place to the next one', async () => {
    const uploader = await openSingle();
    uploader.element.addEventListener('file-add', (event) => {
      if (event.detail.item.name === 'a.txt') event.preventDefault();
    });
    await uploader.element.add([makeFile('a.txt'), makeFile('b.txt')]);
    expect(rows(uploader)).to.deep.equal([['b.txt', 'queued']]);
  });
});

describe('several files (F14)', () => {
  it('can be in the list with directory alone, and max-files counts', async () => {
    const uploader = await Uploader.open(
      {},
      html`<qiniu-uploader lang="en" directory manual max-files="2"></qiniu-uploader>`,
    );
    const { element } = uploader;
    element.queue = undefined; // its own, with its own rules
    expect(uploader.buttonNames()[0]).to.equal('Choose files');
    await element.add(['a', 'b', 'c'].map((name) => makeFile(name)));
    expect(rows(uploader)).to.deep.equal([
      ['a', 'queued'],
      ['b', 'queued'],
      ['c', 'too-many-files'],
    ]);
    await uploader.settled();
    expect(element.matches(':state(full)')).to.equal(true);
    expect(uploader.rowText(2)).to.contain('At most 2 files allowed');
  });

  it('in a long choice are all listed, also when the element is disabled meanwhile', async () => {
    const uploader = await Uploader.open({ manual: true });
    uploader.element.addEventListener('file-add', () => (uploader.element.disabled = true), { once: true });
    await uploader.drop(filesDragged(...Array.from({ length: 600 }, (_, index) => makeFile(`${index}.txt`))));
    await waitUntil(() => uploader.element.items.length === 600);
  });

  it('warns in the console about max-files without multiple', async () => {
    const warnings: string[] = [];
    const original = console.warn;
    console.warn = (...words: unknown[]) => void warnings.push(words.join(' '));
    try {
      const uploader = await Uploader.open({}, html`<qiniu-uploader lang="en" max-files="7"></qiniu-uploader>`);
      uploader.element.queue = undefined;
      await uploader.element.load();
      await uploader.settled();
    } finally {
      console.warn = original;
    }
    expect(warnings.filter((text) => text.includes('max-files="7" requires "multiple"'))).to.have.length(1);
  });
});
