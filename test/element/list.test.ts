import { html } from '@open-wc/testing';
import { sendKeys } from '@web/test-runner-commands';
import { expect } from 'chai';
import { UploadError } from '../../src/core.js';
import { axeViolations } from '../support/axe.js';
import { makeFile } from '../support/files.js';
import { Uploader } from '../support/uploader-harness.js';
import { waitUntil } from '../support/wait-until.js';

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
    uploader.element.pauseAll();
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
    expect(names(uploader)).to.include('file-3.txt').and.not.include('file-100.txt');
    expect(names(uploader)).to.have.length.below(60);
  });

  it('is walked through by Tab, row by row', async () => {
    const uploader = await openList(200);
    uploader.button('Cancel file-0.txt').focus();
    for (let row = 1; row <= 40; row += 1) {
      for (const action of ['Pause', 'Cancel']) {
        await sendKeys({ press: 'Tab' });
        expect(uploader.focused).to.equal(`${action} file-${row}.txt`);
      }
    }
  });

  it('has the rows around the one that got focus at once, before anything has scrolled', async () => {
    const uploader = await openList(200);
    const last = (): HTMLElement => uploader.all('[data-id]').at(-1) as HTMLElement;
    for (let step = 0; step < 5; step += 1) {
      const row = last();
      row.querySelector('button')?.focus();
      await Promise.resolve();
      await uploader.element.updateComplete;
      expect(last()).not.to.equal(row);
    }
  });

  it('finds files by name, and says how many', async () => {
    const uploader = await openList(1000);
    uploader.find('.find-input').focus();
    await sendKeys({ type: 'FILE-99' });
    await measured(uploader);
    expect(names(uploader)).to.deep.equal(['file-99.txt', ...filesNamed(10).map((_, n) => `file-99${n}.txt`)]);
    expect(uploader.find('.find-count').textContent).to.equal('11 of 1000 files');
    expect(uploader.spoken).to.equal('11 of 1000 files');
    await sendKeys({ press: 'Escape' });
    uploader.find<HTMLInputElement>('.find-input').value = '';
    uploader.find('.find-input').dispatchEvent(new Event('input'));
    await measured(uploader);
    expect(uploader.find('.find-count').textContent).to.equal('1000 files');
  });

  it('a short list has neither the field nor numbers', async () => {
    const uploader = await openList(40);
    expect(uploader.all('.find-input')).to.have.length(0);
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
    expect(uploader.focused).to.equal('Retry file-1.txt');
  });

  it('stays in the row when the upload ends by itself', async () => {
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
    expect(uploader.element.shadowRoot?.activeElement === uploader.find('[data-id]')).to.equal(true);
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
    expect(uploader.focused).to.equal('Retry file-1.txt');
    await press();
    expect(names(uploader)).to.deep.equal(['file-0.txt', 'file-2.txt']);
    expect(uploader.focused).to.equal('Pause file-2.txt');
    await press();
    await press();
    expect(uploader.focused).to.equal('Pause file-0.txt');
    await press();
    await press();
    expect(uploader.focused).to.equal('Choose files');
  });
});

describe('cards', () => {
  it('stand in lines, of which only those in sight are rendered', async () => {
    const uploader = await Uploader.open(
      { manual: true },
      html`<div style="inline-size: 600px">
        <qiniu-uploader lang="en" multiple list-type="picture-card"></qiniu-uploader>
      </div>`,
    );
    await uploader.element.add(filesNamed(1000));
    await measured(uploader);
    const list = uploader.find('.list');
    const tops = new Set(uploader.all('[data-id]').map((row) => row.getBoundingClientRect().top));
    expect(uploader.all('[data-id]').length / tops.size).to.be.within(3, 5);
    expect(uploader.all('*').length).to.be.below(2000);
    for (const share of [0.5, 1]) {
      await scrollTo(uploader, Math.floor((list.scrollHeight - list.clientHeight) * share));
      const { top, bottom } = list.getBoundingClientRect();
      const shown = uploader.all('[data-id]').filter((row) => {
        const box = row.getBoundingClientRect();
        return box.bottom > top && box.top < bottom;
      });
      const places = shown.map((row) => Number(row.getAttribute('aria-posinset')));
      expect(places.length).to.be.at.least(8);
      expect(places[0]).to.be.at.most(Math.max(1, share * 1000));
      expect(places.at(-1)).to.be.at.least(share * 1000);
    }
    expect(await axeViolations(uploader.element)).to.deep.equal([]);
  });
});

describe('states', () => {
  it('follow from the files', async () => {
    const uploader = await Uploader.open(
      { retries: 0 },
      html`<qiniu-uploader lang="en" multiple max-files="2"></qiniu-uploader>`,
    );
    const states = (): readonly string[] =>
      ['busy', 'paused', 'full', 'error', 'done', 'empty'].filter((name) =>
        uploader.element.matches(`:state(${name})`),
      );
    expect(states()).to.deep.equal(['empty']);
    await uploader.choose(makeFile('a', 1));
    await uploader.transport.nextUpload();
    await uploader.settled();
    expect(states()).to.deep.equal(['busy']);
    uploader.element.pauseAll();
    await uploader.settled();
    expect(states()).to.deep.equal(['paused']);
    uploader.element.resumeAll();
    (await uploader.transport.nextUpload()).succeed({});
    await waitUntil(() => states().join() === 'done');
    await uploader.choose(makeFile('b', 2));
    (await uploader.transport.nextUpload()).fail(new UploadError('forbidden', 'x'));
    await waitUntil(() => states().join() === 'full,error');
  });
});

describe('list-type', () => {
  it('text shows no pictures, none shows no list', async () => {
    const uploader = await Uploader.open(
      {},
      html`<qiniu-uploader lang="en" multiple list-type="text"></qiniu-uploader>`,
    );
    await uploader.choose(new File(['x'], 'a.png', { type: 'image/png' }), makeFile('b'));
    expect(uploader.all('img')).to.have.length(0);
    expect(names(uploader)).to.deep.equal(['a.png', 'b']);
    uploader.element.listType = 'none';
    await uploader.settled();
    expect(uploader.all('.list, .total')).to.have.length(0);
    expect(uploader.element.items).to.have.length(2);
  });
});

describe('all files together', () => {
  it('are counted, and acted on at once', async () => {
    const uploader = await Uploader.open({ retries: 0 });
    await uploader.choose(makeFile('a', 1000));
    expect(uploader.all('.total')).to.have.length(0); // one file needs no total
    await uploader.choose(makeFile('b', 1001), makeFile('c', 1002));
    const [a, b, c] = [
      await uploader.transport.nextUpload(),
      await uploader.transport.nextUpload(),
      await uploader.transport.nextUpload(),
    ];
    a.succeed({});
    await waitUntil(() => uploader.find('.facts').textContent.startsWith('1 of 3 files uploaded · 33%'));
    const names = (): readonly string[] => uploader.all('.all').map((button) => button.textContent.trim());
    expect(names()).to.deep.equal(['Pause all', 'Cancel all', 'Clear finished']);
    expect(uploader.find<HTMLProgressElement>('.total progress').value).to.equal(33);
    b.fail(new UploadError('network', 'x'));
    await waitUntil(() => names().includes('Retry failed'));
    uploader.button('Clear finished').click();
    await uploader.settled();
    expect(uploader.element.items.map(({ name }) => name)).to.deep.equal(['b', 'c']);
    uploader.button('Pause all').click();
    await uploader.settled();
    expect(c.signal.aborted).to.equal(true);
    expect(names()).to.deep.equal(['Resume all', 'Retry failed', 'Cancel all']);
    uploader.button('Resume all').click();
    uploader.button('Retry failed').click();
    await uploader.settled();
    expect(uploader.element.items.map(({ status }) => status))
      .to.not.include('paused')
      .and.not.include('failed');
    uploader.button('Cancel all').click();
    await uploader.settled();
    expect(uploader.element.items.map(({ status }) => status)).to.deep.equal(['cancelled', 'cancelled']);
    expect(uploader.all('.total progress')).to.have.length(0);
    expect(uploader.find('.facts').textContent).to.equal('0 of 2 files uploaded · 2 cancelled');
  });
});
