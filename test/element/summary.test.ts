import { html } from '@open-wc/testing';
import { sendKeys } from '@web/test-runner-commands';
import { expect } from 'chai';
import { UploadError } from '../../src/core.js';
import type { Messages } from '../../src/element.js';
import { LOCALE_NAMES, loadMessages } from '../../src/i18n/load-messages.js';
import { axeViolations } from '../support/axe.js';
import { makeFile } from '../support/files.js';
import { Uploader } from '../support/uploader-harness.js';
import { waitUntil } from '../support/wait-until.js';

const filesNamed = (count: number, prefix = 'file'): File[] =>
  Array.from({ length: count }, (_, index) => makeFile(`${prefix}-${index}.txt`, 10 + index));

/** The summary in words, without its actions. */
function summary(uploader: Uploader): string {
  return [uploader.find('.facts'), ...uploader.all('.problems')]
    .map((part) => part.textContent.replace(/\s+/g, ' ').trim())
    .join(' · ');
}

const names = (uploader: Uploader): readonly string[] =>
  uploader.all('[data-id] .name').map((name) => name.textContent.trim());

/** Ten files of which two were refused, three failed and one is stored. */
async function openMixed(): Promise<Uploader> {
  const uploader = await Uploader.open({ rules: { maxSize: 100 }, retries: 0, concurrency: 20 });
  await uploader.choose(...filesNamed(8), makeFile('big-0', 101), makeFile('big-1', 101));
  for (let index = 0; index < 8; index += 1) {
    const upload = await uploader.transport.nextUpload();
    if (index === 0) upload.succeed({});
    if (index > 0 && index < 4) upload.fail(new UploadError('network', 'x'));
  }
  await waitUntil(() => uploader.element.items.filter(({ status }) => status === 'failed').length === 3);
  await uploader.settled();
  return uploader;
}

describe('the summary (U2)', () => {
  it('counts all files that were chosen, and says what became of those that are not stored', async () => {
    const uploader = await Uploader.open(
      { rules: { maxFiles: 100 }, retries: 0, concurrency: 200 },
      html`<qiniu-uploader lang="zh-CN" multiple></qiniu-uploader>`,
    );
    await uploader.element.add(filesNamed(256));
    for (let index = 0; index < 100; index += 1) {
      const upload = await uploader.transport.nextUpload();
      if (index < 2) upload.fail(new UploadError('network', 'x'));
      else upload.succeed({});
    }
    const isOver = (): boolean => uploader.element.items.every(({ status }) => /done|failed|rejected/.test(status));
    await waitUntil(isOver);
    await uploader.settled();
    expect(summary(uploader)).to.equal('已上传 98 / 256 · 156 个不符合要求 · 2 个失败');
  });

  it('does not call all files uploaded above one that was refused', async () => {
    const uploader = await Uploader.open({ rules: { maxSize: 100 } });
    await uploader.choose(makeFile('a'), makeFile('big', 101));
    (await uploader.transport.nextUpload()).succeed({});
    await waitUntil(() => uploader.element.items[0]?.status === 'done');
    await uploader.settled();
    expect(summary(uploader)).to.equal('1 of 2 files uploaded · 1 not accepted');
  });

  it('keeps its denominator while files fail and are cancelled', async () => {
    const uploader = await Uploader.open({ retries: 0, concurrency: 10 });
    await uploader.choose(...filesNamed(4));
    const uploads = [];
    for (let index = 0; index < 4; index += 1) uploads.push(await uploader.transport.nextUpload());
    const seen = new Set<string>();
    const note = async (): Promise<void> => {
      await uploader.settled();
      seen.add(/of (\d+) files/.exec(uploader.find('.facts').textContent)?.[1] ?? '');
    };
    await note();
    for (const [index, upload] of uploads.slice(0, 2).entries()) {
      upload.fail(new UploadError('network', 'x'));
      await waitUntil(() => uploader.element.items[index]?.status === 'failed');
      await note();
    }
    uploader.element.cancel(uploader.element.items[2]?.id ?? '');
    await note();
    expect([...seen]).to.deep.equal(['4']);
    expect(summary(uploader)).to.match(/^0 of 4 files uploaded · 1 cancelled · .* · 2 failed$/);
  });

  it('shows only the files with a problem, and all again, by keyboard, and says how many they are', async () => {
    const uploader = await openMixed();
    const button = uploader.find<HTMLButtonElement>('.problems');
    expect(button.textContent.replace(/\s+/g, ' ').trim()).to.equal('2 not accepted · 3 failed');
    expect(button.getAttribute('aria-pressed')).to.equal('false');
    button.focus();
    await sendKeys({ press: 'Enter' });
    await uploader.settled();
    expect(names(uploader)).to.deep.equal(['file-1.txt', 'file-2.txt', 'file-3.txt', 'big-0', 'big-1']);
    expect(button.getAttribute('aria-pressed')).to.equal('true');
    expect(uploader.element.shadowRoot?.activeElement === button).to.equal(true);
    await waitUntil(() => uploader.spoken === '5 of 10 files');
    expect(await axeViolations(uploader.element)).to.deep.equal([]);
    await sendKeys({ press: ' ' });
    await uploader.settled();
    expect(names(uploader)).to.have.length(10);
    expect(button.getAttribute('aria-pressed')).to.equal('false');
  });

  it('leads by keyboard from one problem to the next, and back to the whole list after the last', async () => {
    const uploader = await openMixed();
    uploader.find('.problems').focus();
    await sendKeys({ press: 'Enter' });
    await uploader.settled();
    uploader.button('Retry file-1.txt').focus();
    for (const next of ['Retry file-2.txt', 'Retry file-3.txt', 'Remove big-0', 'Remove big-1']) {
      await sendKeys({ press: 'Enter' });
      await uploader.settled();
      if (next.startsWith('Remove big-0')) {
        // Never from "Retry" to "Remove" by itself.
        expect(uploader.focused).not.to.equal(next);
        uploader.button(next).focus();
      } else expect(uploader.focused).to.equal(next);
    }
    await sendKeys({ press: 'Enter' });
    await uploader.settled();
    expect(uploader.all('.problems')).to.have.length(0);
    expect(names(uploader)).to.have.length(8);
    expect(uploader.element.shadowRoot?.activeElement === null).to.equal(false);
  });

  it('shows files that are added although only problems were shown', async () => {
    const uploader = await openMixed();
    uploader.find('.problems').click();
    await uploader.settled();
    await uploader.choose(makeFile('new'));
    expect(names(uploader)).to.include('new').and.to.have.length(11);
  });

  it('finds problems by name in a long list', async () => {
    const uploader = await Uploader.open({ rules: { maxFiles: 50 }, manual: true });
    await uploader.element.add(filesNamed(300));
    await uploader.settled();
    uploader.find('.problems').click();
    await uploader.settled();
    expect(uploader.find('.find-count').textContent).to.equal('250 of 300 files');
    uploader.find('.find-input').focus();
    await sendKeys({ type: 'file-29' });
    await uploader.settled();
    expect(uploader.find('.find-count').textContent).to.equal('10 of 300 files');
  });

  it('stays while a file needs attention, and is not there for a file alone', async () => {
    const uploader = await Uploader.open({ rules: { maxSize: 100 }, retries: 0 });
    await uploader.choose(makeFile('big', 101));
    expect(uploader.all('.total')).to.have.length(0); // its own row says it
    await uploader.choose(makeFile('a'));
    (await uploader.transport.nextUpload()).fail(new UploadError('network', 'x'));
    await waitUntil(() => uploader.element.items[1]?.status === 'failed');
    await uploader.settled();
    uploader.button('Clear finished').click();
    await uploader.settled();
    expect(uploader.element.items).to.have.length(1);
    expect(summary(uploader)).to.equal('0 of 1 file uploaded · 1 failed');
    uploader.element.clear();
    await uploader.settled();
    await uploader.choose(makeFile('b'));
    expect(uploader.all('.total')).to.have.length(0);
  });

  it('has words for each number in every language', async () => {
    for (const locale of LOCALE_NAMES) {
      const { summary: words, total } = (await loadMessages(locale)) satisfies Messages;
      const texts = [total(2, 7), ...Object.values(words).map((text) => text(3))];
      expect(new Set(texts).size, locale).to.equal(6);
      for (const text of texts.slice(1)) expect(text, locale).to.contain('3');
    }
  });
});

describe('"Clear finished" in a form (U2)', () => {
  it('leaves the stored files, which are the form’s value', async () => {
    const uploader = await Uploader.open(
      { rules: { maxSize: 100 } },
      html`<form><qiniu-uploader lang="en" name="photo" multiple></qiniu-uploader></form>`,
    );
    await uploader.choose(makeFile('a'), makeFile('b'));
    for (const key of ['a', 'b']) (await uploader.transport.nextUpload()).succeed({ key });
    await waitUntil(() => uploader.element.value.length === 2);
    await uploader.settled();
    expect(uploader.buttonNames()).not.to.include('Clear finished');
    await uploader.choose(makeFile('big', 101));
    uploader.button('Clear finished').click();
    await uploader.settled();
    expect(uploader.element.value).to.have.length(2);
  });
});
