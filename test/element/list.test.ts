import { waitUntil } from '@open-wc/testing';
import { sendKeys } from '@web/test-runner-commands';
import { expect } from 'chai';
import { UploadError } from '../../src/core.js';
import { axeViolations } from '../support/axe.js';
import { makeFile } from '../support/files.js';
import { Uploader } from '../support/uploader-harness.js';

const filesNamed = (count: number): File[] =>
  Array.from({ length: count }, (_, index) => makeFile(`file-${index}.txt`, 10 + index));

/** An element with that many files that wait for `start()`. */
async function openList(count: number): Promise<Uploader> {
  const uploader = await Uploader.open({ manual: true });
  await uploader.element.add(filesNamed(count));
  await measured(uploader);
  return uploader;
}

/** Two frames on: rows were laid out and measured, and what follows from it was rendered. */
async function measured(uploader: Uploader): Promise<void> {
  for (let frame = 0; frame < 3; frame += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
  await uploader.settled();
}

const names = (uploader: Uploader): readonly string[] =>
  uploader.all('[data-id] .name').map((name) => name.textContent.trim());

async function scrollTo(uploader: Uploader, top: number): Promise<void> {
  uploader.find('.list').scrollTop = top;
  await measured(uploader);
}

describe('a long list', () => {
  it('renders only what is in sight, and is as high as all of it', async () => {
    const uploader = await openList(10_000);
    expect(uploader.all('*').length).to.be.below(2000);
    const list = uploader.find('.list');
    const [first, second] = uploader.all('[data-id]');
    const pitch = (second?.getBoundingClientRect().top ?? 0) - (first?.getBoundingClientRect().top ?? 0);
    expect(list.scrollHeight).to.be.closeTo(pitch * 10_000, pitch);
    expect(first?.getAttribute('aria-posinset')).to.equal('1');
    expect(first?.getAttribute('aria-setsize')).to.equal('10000');
  });

  it('renders what it is scrolled to, wherever that is', async () => {
    const uploader = await openList(10_000);
    const list = uploader.find('.list');
    for (const share of [0.5, 0.123, 1, 0]) {
      await scrollTo(uploader, Math.floor((list.scrollHeight - list.clientHeight) * share));
      const { top, bottom } = list.getBoundingClientRect();
      const inSight = uploader.all('[data-id]').filter((row) => {
        const box = row.getBoundingClientRect();
        return box.bottom > top && box.top < bottom;
      });
      const covered =
        (inSight.at(-1)?.getBoundingClientRect().bottom ?? 0) - (inSight[0]?.getBoundingClientRect().top ?? 0);
      expect(covered, `at ${share}`).to.be.at.least(list.clientHeight - 80);
      expect(inSight.length, `at ${share}`).to.be.at.least(5);
      const expected = Math.round(share * 9999);
      const shown = inSight.map((row) => Number(row.getAttribute('aria-posinset')) - 1);
      expect(Math.min(...shown)).to.be.at.most(expected);
      expect(Math.max(...shown)).to.be.at.least(expected);
    }
    expect(uploader.all('*').length).to.be.below(2000);
  });

  it('takes rows of other heights as they are', async () => {
    const uploader = await Uploader.open({ retries: 0, concurrency: 20 });
    await uploader.element.add(filesNamed(100));
    for (let index = 0; index < 20; index += 1) {
      const upload = await uploader.transport.nextUpload();
      upload.fail(new UploadError('forbidden', 'x', { reqid: 'R', serverMessage: 'words '.repeat(60) }));
    }
    uploader.element.pause();
    await measured(uploader);
    const list = uploader.find('.list');
    const heightOfFirst = uploader.find('[data-id]').getBoundingClientRect().height;
    await scrollTo(uploader, list.scrollHeight);
    const height = list.scrollHeight;
    await scrollTo(uploader, 0);
    expect(uploader.find('[data-id]').getBoundingClientRect().height).to.equal(heightOfFirst);
    await scrollTo(uploader, list.scrollHeight);
    expect(list.scrollHeight).to.be.closeTo(height, 1);
    expect(names(uploader).at(-1)).to.equal('file-99.txt');
  });

  it('keeps the row that has focus, however far it is scrolled away', async () => {
    const uploader = await openList(1000);
    uploader.button('Pause file-3.txt').focus();
    await measured(uploader); // WebKit scrolls to what has focus a moment later
    await scrollTo(uploader, 40_000);
    expect(uploader.focused).to.equal('Pause file-3.txt');
    expect(names(uploader)[0]).to.equal('file-3.txt');
    expect(names(uploader)).to.have.length.below(60);
  });

  it('is walked through by Tab, row by row', async () => {
    const uploader = await openList(200);
    uploader.button('Cancel file-0.txt').focus();
    for (let press = 0; press < 80; press += 1) await sendKeys({ press: 'Tab' });
    await measured(uploader);
    expect(uploader.focused).to.equal('Cancel file-40.txt');
  });

  it('finds files by name, and says how many', async () => {
    const uploader = await openList(1000);
    uploader.find('.sought').focus();
    await sendKeys({ type: 'FILE-99' });
    await measured(uploader);
    expect(names(uploader)).to.deep.equal(['file-99.txt', ...filesNamed(10).map((_, n) => `file-99${n}.txt`)]);
    expect(uploader.find('.found').textContent).to.equal('11 of 1000 files');
    expect(uploader.spoken).to.equal('11 of 1000 files');
    await sendKeys({ press: 'Escape' });
    uploader.find<HTMLInputElement>('.sought').value = '';
    uploader.find('.sought').dispatchEvent(new Event('input'));
    await measured(uploader);
    expect(uploader.find('.found').textContent).to.equal('1000 files');
  });

  it('a short list has neither the field nor numbers', async () => {
    const uploader = await openList(40);
    expect(uploader.all('.sought')).to.have.length(0);
    expect(uploader.all('[aria-posinset]')).to.have.length(0);
    expect(names(uploader)).to.have.length(40);
  });

  it('has nothing that axe finds', async () => {
    expect(await axeViolations((await openList(200)).element)).to.deep.equal([]);
  });
});

describe('focus in the list', () => {
  it('stays in the row when its button goes', async () => {
    const uploader = await openList(3);
    uploader.button('Cancel file-1.txt').focus();
    await sendKeys({ press: 'Enter' });
    await uploader.settled();
    expect(uploader.focused).to.equal('Remove file-1.txt');
  });

  it('stays when the upload goes on by itself', async () => {
    const uploader = await Uploader.open();
    await uploader.choose(makeFile('a.txt'));
    const upload = await uploader.transport.nextUpload();
    await uploader.settled();
    uploader.button('Cancel a.txt').focus();
    upload.sent();
    await uploader.settled();
    expect(uploader.focused).to.equal('Cancel a.txt');
    upload.succeed({});
    await waitUntil(() => uploader.element.items[0]?.status === 'done');
    await uploader.settled();
    expect(uploader.focused).to.equal('Remove a.txt');
  });

  it('Delete cancels an upload, removes what has ended, and goes to the next row, the one before, the button', async () => {
    const uploader = await openList(3);
    uploader.button('Pause file-1.txt').focus();
    const press = async (): Promise<void> => {
      await sendKeys({ press: 'Delete' });
      await uploader.settled();
    };
    await press();
    expect(uploader.element.items[1]?.status).to.equal('cancelled');
    expect(uploader.focused).to.equal('Remove file-1.txt');
    await press();
    expect(names(uploader)).to.deep.equal(['file-0.txt', 'file-2.txt']);
    expect(uploader.focused).to.equal('Cancel file-2.txt');
    await press();
    await press();
    expect(uploader.focused).to.equal('Cancel file-0.txt');
    await press();
    await press();
    expect(uploader.focused).to.equal('Choose files');
  });
});
