import { html } from '@open-wc/testing';
import { sendKeys } from '@web/test-runner-commands';
import { expect } from 'chai';
import { UploadError, type UploadItem } from '../../src/core.js';
import type { ItemTemplate } from '../../src/index.js';
import { makeFile } from '../support/files.js';
import { Uploader } from '../support/uploader-harness.js';
import { waitUntil } from '../support/wait-until.js';

const filesNamed = (count: number): File[] =>
  Array.from({ length: count }, (_, index) => makeFile(`file-${index}.txt`, 10 + index));

const statuses = (uploader: Uploader): readonly string[] => uploader.element.items.map(({ status }) => status);

/** Presses a key and waits until the element shows what followed. */
async function press(uploader: Uploader, key: string): Promise<void> {
  await sendKeys({ press: key });
  await uploader.settled();
}

/** The row that holds the focus, or that is focused itself. */
function focusedRow(uploader: Uploader): HTMLElement | null | undefined {
  return uploader.element.shadowRoot?.activeElement?.closest<HTMLElement>('[data-id]');
}

/** Two frames: rows were laid out, measured, and rendered again. */
async function measured(uploader: Uploader): Promise<void> {
  for (let frame = 0; frame < 3; frame += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
  await uploader.settled();
}

async function openRunning(name = 'a.txt'): Promise<Uploader> {
  const uploader = await Uploader.open({ retries: 0 });
  await uploader.choose(makeFile(name));
  await uploader.transport.nextUpload();
  await uploader.settled();
  return uploader;
}

describe('focus in a row (U1)', () => {
  for (const key of ['Enter', ' ']) {
    it(`pause and resume are one button that keeps the focus (${key === ' ' ? 'Space' : key})`, async () => {
      const uploader = await openRunning();
      const button = uploader.button('Pause a.txt');
      button.focus();
      for (const [name, status] of [
        ['Resume a.txt', 'paused'],
        ['Pause a.txt', 'preparing'],
        ['Resume a.txt', 'paused'],
      ] as const) {
        await press(uploader, key);
        if (status !== 'paused') await uploader.transport.nextUpload();
        await uploader.settled();
        expect(uploader.focused).to.equal(name);
        expect(uploader.element.shadowRoot?.activeElement === button).to.equal(true);
        expect(uploader.element.items[0]?.status === 'paused').to.equal(status === 'paused');
      }
      expect(uploader.events).not.to.include('upload-cancel');
    });
  }

  it('retry leads to pause, cancel to retry', async () => {
    const uploader = await Uploader.open({ retries: 0 });
    await uploader.choose(makeFile('a.txt'));
    (await uploader.transport.nextUpload()).fail(new UploadError('network', 'x'));
    await waitUntil(() => uploader.element.items[0]?.status === 'failed');
    await uploader.settled();
    uploader.button('Retry a.txt').focus();
    await press(uploader, 'Enter');
    expect(uploader.focused).to.equal('Pause a.txt');
    uploader.button('Cancel a.txt').focus();
    await press(uploader, 'Enter');
    expect(uploader.focused).to.equal('Retry a.txt');
  });

  it('stays in the row, on no button, where only a more destructive one is left', async () => {
    for (const from of ['Pause', 'Cancel'] as const) {
      const uploader = await Uploader.open();
      await uploader.choose(makeFile('a.txt'));
      const upload = await uploader.transport.nextUpload();
      await uploader.settled();
      uploader.button(`${from} a.txt`).focus();
      upload.sent(); // only "Cancel" is left
      await uploader.settled();
      expect(uploader.focused === 'Cancel a.txt', from).to.equal(from === 'Cancel');
      expect(focusedRow(uploader) === null, from).to.equal(false);
      upload.succeed({}); // only "Remove" is left
      await waitUntil(() => uploader.element.items[0]?.status === 'done');
      await uploader.settled();
      expect(focusedRow(uploader)?.dataset['id'], from).to.equal(uploader.element.items[0]?.id);
      for (const key of ['Enter', ' ']) await press(uploader, key);
      expect(statuses(uploader), from).to.deep.equal(['done']);
      await press(uploader, 'Tab');
      expect(uploader.focused, from).to.equal('Remove a.txt');
    }
  });

  it('after a removal it is on the next row, and never on a button that cancels', async () => {
    const uploader = await Uploader.open({ rules: { maxSize: 100 } });
    await uploader.choose(makeFile('big-1', 101), makeFile('big-2', 101), makeFile('runs'));
    await uploader.transport.nextUpload();
    await uploader.settled();
    uploader.button('Remove big-1').focus();
    await press(uploader, 'Enter');
    expect(uploader.focused).to.equal('Remove big-2');
    await press(uploader, 'Enter');
    expect(uploader.focused).to.equal('Pause runs');
    await press(uploader, 'Enter');
    expect(statuses(uploader)).to.deep.equal(['paused']);
  });

  it('is kept in a list of which only a part is rendered', async () => {
    const uploader = await Uploader.open({ manual: true });
    await uploader.element.add(filesNamed(200));
    await measured(uploader);
    const list = uploader.find('.list');
    list.scrollTop = list.scrollHeight / 2;
    await measured(uploader);
    const row = uploader.all('[data-id]').at(-5);
    const name = row?.querySelector('.name')?.textContent.trim() ?? '';
    const id = row?.dataset['id'] ?? '';
    row?.querySelector<HTMLElement>('[data-action=pause]')?.focus();
    await measured(uploader);
    await press(uploader, 'Enter');
    expect(uploader.focused).to.equal(`Resume ${name}`);
    await press(uploader, 'Enter');
    expect(uploader.focused).to.equal(`Pause ${name}`);
    await press(uploader, 'Tab');
    await press(uploader, 'Enter');
    expect(uploader.focused).to.equal(`Retry ${name}`);
    expect(uploader.element.items.find((item) => item.id === id)?.status).to.equal('cancelled');
  });

  it('goes to the next row although the list was scrolled far away from it', async () => {
    const uploader = await Uploader.open({ manual: true });
    await uploader.element.add(filesNamed(500));
    await measured(uploader);
    uploader.button('Cancel file-3.txt').focus();
    await press(uploader, 'Enter');
    await measured(uploader);
    uploader.find('.list').scrollTop = 20_000;
    await measured(uploader);
    await press(uploader, 'Delete');
    expect(uploader.focused).to.equal('Pause file-4.txt');
  });

  const template: ItemTemplate = (item, { actions }) => {
    const root = document.createElement('div');
    const button = (name: 'pause' | 'resume' | 'cancel' | 'retry' | 'remove'): void => {
      const element = document.createElement('button');
      element.dataset['action'] = name;
      element.ariaLabel = `${name} ${item.name}`;
      element.addEventListener('click', () => actions[name](item));
      root.append(element);
    };
    const buttons: Partial<Record<UploadItem['status'], readonly Parameters<typeof button>[0][]>> = {
      paused: ['cancel', 'resume'],
      cancelled: ['remove', 'retry'],
      done: ['remove'],
    };
    for (const name of buttons[item.status] ?? ['cancel', 'pause']) button(name);
    return root;
  };

  it('follows the same rules with an itemTemplate that replaces its nodes', async () => {
    const uploader = await Uploader.open();
    uploader.element.itemTemplate = template;
    await uploader.choose(makeFile('a.txt', 10));
    await uploader.transport.nextUpload();
    await uploader.settled();
    uploader.button('pause a.txt').focus();
    await press(uploader, 'Enter');
    expect(uploader.focused).to.equal('resume a.txt');
    await press(uploader, 'Enter');
    await uploader.transport.nextUpload();
    await uploader.settled();
    expect(uploader.focused).to.equal('pause a.txt');
    uploader.button('cancel a.txt').focus();
    await press(uploader, 'Enter');
    expect(uploader.focused).to.equal('retry a.txt');
    await press(uploader, 'Enter');
    expect(uploader.focused).to.equal('pause a.txt');
    (await uploader.transport.nextUpload()).succeed({});
    await waitUntil(() => uploader.element.items[0]?.status === 'done');
    await uploader.settled();
    await press(uploader, 'Enter');
    expect(statuses(uploader)).to.deep.equal(['done']);
    expect(focusedRow(uploader)?.dataset['id']).to.equal(uploader.element.items[0]?.id);
  });

  it('a key that is held down acts once', async () => {
    const uploader = await openRunning();
    uploader.button('Pause a.txt').focus();
    for (const key of ['Enter', ' ', 'Delete']) {
      const options = { key, repeat: true, bubbles: true, composed: true, cancelable: true };
      const isLeftToBrowser = uploader.button('Pause a.txt').dispatchEvent(new KeyboardEvent('keydown', options));
      expect(isLeftToBrowser, key).to.equal(false);
    }
    await uploader.settled();
    expect(uploader.buttonNames()).to.include('Pause a.txt');
  });

  it('Delete in a text field of an itemTemplate edits the text', async () => {
    const uploader = await Uploader.open({ manual: true });
    uploader.element.itemTemplate = ({ name }) => html`<input .value=${name} />`;
    await uploader.choose(makeFile('a.txt'));
    const input = uploader.find<HTMLInputElement>('li input');
    input.focus();
    input.setSelectionRange(0, 0);
    await press(uploader, 'Delete');
    expect(input.value).to.equal('.txt');
    expect(statuses(uploader)).to.deep.equal(['queued']);
  });
});

describe('focus in the summary (U3)', () => {
  const openSeveral = async (): Promise<Uploader> => {
    const uploader = await Uploader.open({ rules: { maxSize: 100 }, retries: 0 });
    await uploader.choose(makeFile('a'), makeFile('b'), makeFile('big', 101));
    await uploader.transport.nextUpload();
    await uploader.settled();
    return uploader;
  };

  it('"Pause all" leads to "Resume all", and back', async () => {
    const uploader = await openSeveral();
    uploader.button('Pause all').focus();
    await press(uploader, 'Enter');
    expect(statuses(uploader)).to.deep.equal(['paused', 'paused', 'rejected']);
    expect(uploader.focused).to.equal('Resume all');
    await press(uploader, 'Enter');
    expect(uploader.focused).to.equal('Pause all');
  });

  it('"Clear finished" leads to what is harmless, and never to "Cancel all"', async () => {
    const uploader = await openSeveral();
    uploader.button('Clear finished').focus();
    await press(uploader, 'Enter');
    expect(uploader.element.items).to.have.length(2);
    expect(uploader.focused).to.equal('Pause all');
  });

  it('"Cancel all" leads to the summary itself, where no key does anything', async () => {
    const uploader = await Uploader.open();
    await uploader.choose(makeFile('a'), makeFile('b'));
    await uploader.transport.nextUpload();
    await uploader.settled();
    uploader.button('Cancel all').focus();
    await press(uploader, 'Enter');
    expect(uploader.element.shadowRoot?.activeElement === uploader.find('.total')).to.equal(true);
    for (const key of ['Enter', ' ', 'Delete']) await press(uploader, key);
    expect(statuses(uploader)).to.deep.equal(['cancelled', 'cancelled']);
    await press(uploader, 'Tab');
    expect(uploader.element.shadowRoot?.activeElement?.closest('.total')?.part.value).to.equal('total');
  });

  it('"Retry failed" leads to "Pause all"', async () => {
    const uploader = await Uploader.open({ retries: 0 });
    await uploader.choose(makeFile('a'), makeFile('b'));
    for (let index = 0; index < 2; index += 1) {
      (await uploader.transport.nextUpload()).fail(new UploadError('network', 'x'));
    }
    await waitUntil(() => statuses(uploader).every((status) => status === 'failed'));
    await uploader.settled();
    uploader.button('Retry failed').focus();
    await press(uploader, 'Enter');
    expect(uploader.focused).to.equal('Pause all');
  });

  it('is on what is left when the summary goes, at last on the button that opens the picker', async () => {
    const uploader = await Uploader.open({ rules: { maxSize: 100 } });
    await uploader.choose(makeFile('big-1', 101), makeFile('big-2', 101));
    uploader.button('Clear finished').focus();
    await press(uploader, 'Enter');
    expect(uploader.element.items).to.have.length(0);
    expect(uploader.focused).to.equal('Choose files');
    await uploader.choose(makeFile('runs'), makeFile('big-3', 101));
    await uploader.transport.nextUpload();
    await uploader.settled();
    uploader.button('Clear finished').focus();
    await press(uploader, 'Enter');
    expect(uploader.all('.total')).to.have.length(0);
    expect(uploader.focused).to.equal('Pause runs');
  });

  it('is not lost with the field that finds files', async () => {
    const uploader = await Uploader.open({ manual: true });
    await uploader.element.add(filesNamed(41));
    await measured(uploader);
    uploader.find('.find-input').focus();
    uploader.element.removeFile(uploader.element.items[0]?.id ?? '');
    await uploader.settled();
    expect(uploader.all('.find-input')).to.have.length(0);
    expect(uploader.focused).to.equal('Pause all');
  });

  it('is on the page’s own button where it has its own drop area', async () => {
    const uploader = await Uploader.open(
      { rules: { maxSize: 100 } },
      html`<qiniu-uploader lang="en" multiple
        ><div slot="dropzone"><button type="button">Pick</button></div></qiniu-uploader
      >`,
    );
    await uploader.choose(makeFile('big', 101));
    uploader.button('Remove big').focus();
    await press(uploader, 'Enter');
    expect(document.activeElement?.textContent).to.equal('Pick');
  });
});
