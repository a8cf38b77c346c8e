import { fixture, html } from '@open-wc/testing';
import { sendKeys } from '@web/test-runner-commands';
import { expect } from 'chai';
import { UploadError, type UploadErrorCode, type UploadItem, type UploadQueueSettings } from '../../src/core.js';
import { createItem } from '../../src/core/items/upload-item.js';
import { NO_PROGRESS } from '../../src/core/items/upload-progress.js';
import { unstoredMessage } from '../../src/element/panel/unstored.js';
import { LOCALE_NAMES, loadMessages } from '../../src/i18n/load-messages.js';
import type { QiniuUploader } from '../../src/index.js';
import { makeFile } from '../support/files.js';
import type { FakeUpload } from '../support/fake-transport.js';
import { Uploader } from '../support/uploader-harness.js';
import { waitUntil } from '../support/wait-until.js';

interface Opened {
  readonly uploader: Uploader;
  readonly form: HTMLFormElement;
  /** What was sent: the values of `photo`, and of the button that was pressed. */
  readonly sent: (readonly FormDataEntryValue[])[];
  readonly press: (text?: string) => void;
}

function opened(uploader: Uploader): Opened {
  const form = uploader.element.closest('form') as HTMLFormElement;
  const sent: (readonly FormDataEntryValue[])[] = [];
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const data = new FormData(form, event.submitter);
    sent.push([...data.getAll('photo'), ...data.getAll('act')]);
  });
  const press = (text = 'Send'): void =>
    [...form.querySelectorAll('button')].find((button) => button.textContent === text)?.click();
  return { uploader, form, sent, press };
}

type Submit = 'wait' | 'hold';

async function open(submit: Submit, settings: UploadQueueSettings = {}, attributes = {}): Promise<Opened> {
  const uploader = await Uploader.open(
    { retries: 0, ...settings },
    html`<form>
      <qiniu-uploader lang="en" name="photo" multiple submit=${submit}></qiniu-uploader>
      <button name="act" value="send">Send</button> <button name="act" value="draft" formnovalidate>Draft</button>
    </form>`,
  );
  Object.assign(uploader.element, attributes);
  await uploader.settled();
  return opened(uploader);
}

/** Chooses files, and gives their uploads in order. */
async function begin(uploader: Uploader, ...names: string[]): Promise<readonly FakeUpload[]> {
  await uploader.choose(...names.map((name) => makeFile(name)));
  const uploads: FakeUpload[] = [];
  for (let index = 0; index < names.length; index += 1) uploads.push(await uploader.transport.nextUpload());
  await uploader.settled();
  return uploads;
}

/** Waits until the first item has that state, and the element and its form know. */
async function untilStatus(uploader: Uploader, status: string, index = 0): Promise<void> {
  await waitUntil(() => uploader.element.items[index]?.status === status);
  await uploader.settled();
}

const fail = (upload: FakeUpload | undefined, code: UploadErrorCode = 'network'): void =>
  upload?.fail(new UploadError(code, 'x'));

/** Turns of the event loop in which a submit that was to be made would have been made. */
async function turns(uploader: Uploader): Promise<void> {
  for (let turn = 0; turn < 5; turn += 1) await new Promise((resolve) => setTimeout(resolve));
  await uploader.settled();
}

describe('a submit that waits (F8)', () => {
  it('is held, with words, when one of two files fails meanwhile', async () => {
    const { uploader, form, sent, press } = await open('wait');
    const [a, b] = await begin(uploader, 'a', 'b');
    press();
    await waitUntil(() => uploader.spoken === 'Please wait until all files are uploaded.');
    fail(a);
    await untilStatus(uploader, 'failed');
    const words = '“a” is not uploaded. Retry or remove it.';
    expect(uploader.element.validationMessage).to.equal(words);
    expect(uploader.element.validity?.customError).to.equal(true);
    expect(form.checkValidity()).to.equal(false);
    expect(uploader.element.matches(':focus-within')).to.equal(true); // where the browser shows its message
    await waitUntil(() => uploader.spoken === words);
    b?.succeed({ key: 'b' });
    await untilStatus(uploader, 'done', 1);
    await turns(uploader);
    expect(sent).to.deep.equal([]);
    press();
    expect(sent).to.deep.equal([]);
    uploader.button('Retry a').click();
    (await uploader.transport.nextUpload()).succeed({ key: 'a' });
    await untilStatus(uploader, 'done');
    press();
    expect(sent).to.deep.equal([['a', 'b', 'send']]);
  });

  it('is held at once when a file has failed already, although another is still uploading', async () => {
    const { uploader, sent, press } = await open('wait');
    const [a, b] = await begin(uploader, 'a', 'b');
    fail(a);
    await untilStatus(uploader, 'failed');
    press();
    expect(uploader.element.matches(':focus-within')).to.equal(true);
    b?.succeed({ key: 'b' });
    await untilStatus(uploader, 'done', 1);
    await turns(uploader);
    expect(sent).to.deep.equal([]);
    uploader.button('Remove a').click();
    await uploader.settled();
    press();
    expect(sent).to.deep.equal([['b', 'send']]);
  });

  for (const [how, act, words] of [
    ['paused', (element: QiniuUploader) => element.pauseAll(), '“a” is not uploaded. Resume or remove it.'],
    ['cancelled', (element: QiniuUploader) => element.cancelAll(), '“a” is not uploaded. Retry or remove it.'],
  ] as const) {
    it(`is given up, with words, when its upload is ${how}, and does not come back by itself`, async () => {
      const { uploader, sent, press } = await open('wait');
      await begin(uploader, 'a');
      press();
      act(uploader.element);
      await uploader.settled();
      await turns(uploader);
      expect(sent).to.deep.equal([]);
      expect(uploader.element.validationMessage).to.equal(words);
      if (how === 'paused') uploader.element.resumeAll();
      else uploader.element.retry(uploader.element.items[0]?.id ?? '');
      (await uploader.transport.nextUpload()).succeed({ key: 'a' });
      await untilStatus(uploader, 'done');
      await turns(uploader);
      expect(sent).to.deep.equal([]);
      press();
      expect(sent).to.deep.equal([['a', 'send']]);
    });
  }

  it('goes without a file that is removed meanwhile, but not when nothing is left', async () => {
    const { uploader, sent, press } = await open('wait');
    const [a] = await begin(uploader, 'a', 'b');
    press();
    uploader.element.removeFile(uploader.element.items[1]?.id ?? '');
    a?.succeed({ key: 'a' });
    await waitUntil(() => sent.length > 0);
    expect(sent).to.deep.equal([['a', 'send']]);
    uploader.element.clear();
    await begin(uploader, 'c');
    press();
    uploader.element.clear();
    await turns(uploader);
    expect(sent).to.have.length(1);
    const [d] = await begin(uploader, 'd');
    press();
    d?.succeed({ key: 'd' });
    await waitUntil(() => sent.length > 1);
    expect(sent[1]).to.deep.equal(['d', 'send']);
  });

  it('is forgotten by a reset', async () => {
    const { uploader, form, sent, press } = await open('wait');
    uploader.element.items = [{ name: 'old', key: 'old' }];
    await begin(uploader, 'a');
    press();
    form.reset();
    await turns(uploader);
    expect(sent).to.deep.equal([]);
    press();
    expect(sent).to.deep.equal([['old', 'send']]);
  });

  it('waits for all elements of its form, and is held by any of them', async () => {
    const uploader = await Uploader.open(
      { retries: 0 },
      html`<form>
        <qiniu-uploader lang="en" name="photo" submit="wait"></qiniu-uploader>
        <qiniu-uploader lang="en" name="photo" submit="wait" id="other"></qiniu-uploader>
        <button name="act" value="send">Send</button>
      </form>`,
    );
    const { form, sent, press } = opened(uploader);
    const other = form.querySelector('#other') as QiniuUploader;
    const otherUploader = await Uploader.open({ retries: 0 });
    other.queue = otherUploader.element.queue;
    for (const name of ['first', 'second']) {
      const [a] = await begin(uploader, name);
      await other.add([makeFile(name)]);
      const b = await otherUploader.transport.nextUpload();
      await other.updateComplete;
      press();
      a?.succeed({ key: `${name}-a` });
      await untilStatus(uploader, 'done');
      await turns(uploader);
      if (name === 'first') fail(b);
      else b.succeed({ key: `${name}-b` });
      await waitUntil(() => ['failed', 'done'].includes(other.items[0]?.status ?? ''));
      await other.updateComplete;
      await turns(uploader);
      if (name === 'first') {
        expect(sent).to.deep.equal([]);
        expect(other.validationMessage).to.equal('“first” is not uploaded. Retry or remove it.');
      }
    }
    expect(sent).to.deep.equal([['second-a', 'second-b', 'send']]);
  });

  it('keeps its button when a rendering puts an equal one in its place, and goes without one that is gone', async () => {
    for (const isReplaced of [true, false]) {
      const { uploader, form, sent, press } = await open('wait');
      const [a] = await begin(uploader, 'a');
      press();
      const button = form.querySelector('button');
      if (isReplaced) button?.replaceWith(button.cloneNode(true));
      else button?.remove();
      a?.succeed({ key: 'a' });
      await waitUntil(() => sent.length > 0);
      expect(sent).to.deep.equal([isReplaced ? ['a', 'send'] : ['a']]);
    }
  });

  it('ends with its form, and a form that comes back works again', async () => {
    const { uploader, form, sent, press } = await open('wait');
    const [a] = await begin(uploader, 'a');
    press();
    const parent = form.parentElement;
    form.remove();
    await turns(uploader);
    a?.succeed({ key: 'a' });
    await waitUntil(() => uploader.element.items[0]?.status === 'done');
    await turns(uploader);
    parent?.append(form);
    await turns(uploader);
    expect(sent).to.deep.equal([]);
    const [b] = await begin(uploader, 'b');
    press();
    b?.succeed({ key: 'b' });
    await waitUntil(() => sent.length > 0);
    expect(sent).to.deep.equal([['a', 'b', 'send']]);
  });

  it('does not follow the element into another form', async () => {
    const { uploader, form, sent, press } = await open('wait');
    const [a] = await begin(uploader, 'a');
    press();
    const other = document.createElement('form');
    form.after(other);
    other.append(uploader.element);
    const submits: SubmitEvent[] = [];
    other.addEventListener('submit', (event) => {
      event.preventDefault();
      submits.push(event);
    });
    await turns(uploader);
    other.requestSubmit();
    a?.succeed({ key: 'a' });
    await waitUntil(() => submits.length > 0);
    expect(sent).to.deep.equal([]);
    other.remove();
  });
});

describe('a form with files that are not stored (F8)', () => {
  type Make = (uploader: Uploader) => Promise<unknown>;
  const failWith =
    (code: UploadErrorCode): Make =>
    async (uploader) => {
      fail((await begin(uploader, 'a'))[0], code);
      await untilStatus(uploader, code === 'callback-failed' ? 'unconfirmed' : 'failed');
    };
  const cases: readonly [string, Make, string, UploadQueueSettings?][] = [
    ['failed', failWith('network'), '“a” is not uploaded. Retry or remove it.'],
    ['failed for good', failWith('too-large'), '“a” is not uploaded. Remove it to submit without it.'],
    [
      'unconfirmed',
      failWith('callback-failed'),
      '“a” is stored, but the site has not confirmed it. Remove it to submit without it.',
    ],
    [
      'paused',
      async (uploader) => {
        await begin(uploader, 'a');
        uploader.element.pauseAll();
      },
      '“a” is not uploaded. Resume or remove it.',
    ],
    [
      'cancelled',
      async (uploader) => {
        await begin(uploader, 'a');
        uploader.element.cancelAll();
      },
      '“a” is not uploaded. Retry or remove it.',
    ],
    [
      'too large',
      (uploader) => uploader.choose(makeFile('a', 101)),
      '“a” is not uploaded. Remove it to submit without it.',
      { rules: { maxSize: 100 } },
    ],
    [
      'refused by beforeUpload',
      async (uploader) => {
        await uploader.choose(makeFile('a'));
        await untilStatus(uploader, 'rejected');
      },
      '“a” is not uploaded. Remove it to submit without it.',
      { beforeUpload: () => ({ refuse: 'No.' }) },
    ],
  ];
  for (const submit of ['hold', 'wait'] as const) {
    for (const [what, make, words, settings] of cases) {
      it(`is held while one is ${what}, until its row is removed (submit="${submit}")`, async () => {
        const { uploader, form, sent, press } = await open(submit, settings);
        await make(uploader);
        await uploader.settled();
        press();
        form.requestSubmit();
        expect(sent).to.deep.equal([]);
        expect(uploader.element.validationMessage).to.equal(words);
        expect(uploader.element.matches(':state(invalid)')).to.equal(true);
        await waitUntil(() => uploader.spoken === words);
        uploader.element.removeFile(uploader.element.items[0]?.id ?? '');
        await uploader.settled();
        press();
        expect(sent).to.deep.equal([['send']]);
      });
    }
  }

  it('is held while one waits for start()', async () => {
    const { uploader, sent, press } = await open('wait', { manual: true }, { manual: true });
    await uploader.choose(makeFile('a'));
    press();
    expect(sent).to.deep.equal([]);
    expect(uploader.element.validationMessage).to.equal('“a” is not uploaded. Start the upload or remove it.');
    uploader.element.start();
    const upload = await uploader.transport.nextUpload();
    await uploader.settled();
    press();
    upload.succeed({ key: 'a' });
    await waitUntil(() => sent.length > 0);
    expect(sent).to.deep.equal([['a', 'send']]);
  });

  it('says how many they are, and what to do with all of them', async () => {
    const { uploader } = await open('hold', { rules: { maxSize: 100 } });
    const [a, b] = await begin(uploader, 'a', 'b', 'c');
    fail(a);
    fail(b);
    await untilStatus(uploader, 'failed', 1);
    expect(uploader.element.validationMessage).to.equal('2 files are not uploaded. Retry or remove them.');
    uploader.element.pauseAll();
    await uploader.settled();
    expect(uploader.element.validationMessage).to.equal('3 files are not uploaded. Finish uploading or remove them.');
  });

  it('is not held by a file that was chosen twice', async () => {
    const { uploader, sent, press } = await open('hold');
    const file = makeFile('a');
    await uploader.choose(file);
    (await uploader.transport.nextUpload()).succeed({ key: 'a' });
    await untilStatus(uploader, 'done');
    await uploader.choose(file);
    expect(uploader.element.items[1]?.status).to.equal('rejected');
    press();
    expect(sent).to.deep.equal([['a', 'send']]);
  });

  for (const submit of ['hold', 'wait'] as const) {
    it(`is held in the very moment in which one is chosen (submit="${submit}")`, async () => {
      const { uploader, form, sent } = await open(submit);
      void uploader.element.add([makeFile('a')]);
      form.requestSubmit();
      expect(sent).to.deep.equal([]);
      (await uploader.transport.nextUpload()).succeed({ key: 'a' });
      await untilStatus(uploader, 'done');
      await turns(uploader);
      expect(sent).to.deep.equal(submit === 'wait' ? [['a']] : []);
    });

    it(`is held while the rest of the element is being loaded (submit="${submit}")`, async () => {
      const form = await fixture<HTMLFormElement>(
        html`<form><qiniu-uploader lang="en" name="photo" submit=${submit} manual></qiniu-uploader></form>`,
      );
      let submits = 0;
      form.addEventListener('submit', (event) => {
        event.preventDefault();
        submits += 1;
      });
      const element = form.querySelector('qiniu-uploader') as QiniuUploader;
      const input = element.shadowRoot?.querySelector('input') as HTMLInputElement;
      const transfer = new DataTransfer();
      transfer.items.add(makeFile('a'));
      input.files = transfer.files;
      input.dispatchEvent(new Event('change'));
      form.requestSubmit();
      expect(element.queue).to.equal(undefined); // nothing was loaded yet
      expect(submits).to.equal(0);
      await waitUntil(() => element.items.length === 1);
      await element.updateComplete;
      form.requestSubmit();
      expect(submits).to.equal(0);
    });
  }

  it('waits although nothing but its button was loaded when it was submitted', async () => {
    const form = await fixture<HTMLFormElement>(
      html`<form novalidate>
        <qiniu-uploader lang="en" name="photo" submit="wait" token-endpoint="/api/uploads/token"></qiniu-uploader>
        <button name="act" value="send">Send</button>
      </form>`,
    );
    const sent: (readonly FormDataEntryValue[])[] = [];
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const data = new FormData(form, event.submitter);
      sent.push([data.getAll('photo').length.toString(), ...data.getAll('act')]);
    });
    const element = form.querySelector('qiniu-uploader') as QiniuUploader;
    const input = element.shadowRoot?.querySelector('input') as HTMLInputElement;
    const transfer = new DataTransfer();
    transfer.items.add(makeFile('a'));
    input.files = transfer.files;
    input.dispatchEvent(new Event('change'));
    form.querySelector('button')?.click();
    expect(element.queue).to.equal(undefined);
    await waitUntil(() => sent.length > 0);
    expect(sent).to.deep.equal([['1', 'send']]);
  });

  it('is held with novalidate too, and goes at once by a button with formnovalidate', async () => {
    const { uploader, form, sent, press } = await open('hold');
    form.noValidate = true;
    const [a] = await begin(uploader, 'a');
    press();
    expect(sent).to.deep.equal([]);
    fail(a);
    await untilStatus(uploader, 'failed');
    press();
    expect(sent).to.deep.equal([]);
    await waitUntil(() => uploader.spoken === '“a” is not uploaded. Retry or remove it.');
    press('Draft');
    expect(sent).to.deep.equal([['draft']]);
  });

  it('waits with formnovalidate for what is uploading, and goes without what failed', async () => {
    const { uploader, sent, press } = await open('wait');
    const [a, b] = await begin(uploader, 'a', 'b');
    press('Draft');
    fail(a);
    await untilStatus(uploader, 'failed');
    b?.succeed({ key: 'b' });
    await waitUntil(() => sent.length > 0);
    expect(sent).to.deep.equal([['b', 'draft']]);
  });

  it('is not held by a disabled element, which has no part in the form', async () => {
    const { uploader, sent, press } = await open('hold');
    fail((await begin(uploader, 'a'))[0]);
    await untilStatus(uploader, 'failed');
    uploader.element.disabled = true;
    await uploader.settled();
    press();
    expect(sent).to.deep.equal([['send']]);
  });

  it('leaves the message to a page that shows its own', async () => {
    const { uploader, sent, press } = await open('hold');
    fail((await begin(uploader, 'a'))[0]);
    await untilStatus(uploader, 'failed');
    await waitUntil(() => uploader.spoken !== '');
    const before = uploader.spoken;
    uploader.element.addEventListener('invalid', (event) => event.preventDefault());
    press();
    await turns(uploader);
    expect(sent).to.deep.equal([]);
    expect(uploader.spoken).to.equal(before);
  });

  it('reports what is missing and continues, by keyboard alone', async () => {
    const { uploader, form, sent } = await open('wait');
    fail((await begin(uploader, 'a'))[0]);
    await untilStatus(uploader, 'failed');
    form.querySelector('button')?.focus();
    await sendKeys({ press: 'Enter' });
    await waitUntil(() => uploader.spoken === '“a” is not uploaded. Retry or remove it.');
    expect(uploader.element.matches(':focus-within')).to.equal(true);
    for (let step = 0; step < 4 && uploader.focused !== 'Retry a'; step += 1) await sendKeys({ press: 'Tab' });
    await sendKeys({ press: 'Enter' });
    (await uploader.transport.nextUpload()).succeed({ key: 'a' });
    await untilStatus(uploader, 'done');
    form.querySelector('button')?.focus();
    await sendKeys({ press: 'Enter' });
    expect(sent).to.deep.equal([['a', 'send']]);
  });

  it('has words for every case in every language', async () => {
    const item = (state: Parameters<typeof createItem>[1]): UploadItem =>
      createItem({ id: '1', file: new File([], 'a'), name: 'a.txt', size: 1, type: '', path: undefined }, state);
    const error = new UploadError('network', 'x');
    const items: readonly UploadItem[] = [
      item({ status: 'queued' }),
      item({ status: 'paused', progress: NO_PROGRESS }),
      item({ status: 'interrupted', progress: NO_PROGRESS }),
      item({ status: 'failed', error }),
      item({ status: 'rejected', reason: { code: 'refused', message: 'No' } }),
      item({ status: 'unconfirmed', key: 'k', hash: 'h', error }),
    ];
    for (const locale of LOCALE_NAMES) {
      const messages = await loadMessages(locale);
      const texts = items.map((one) => unstoredMessage([one], false, messages) ?? '');
      expect(new Set(texts).size, locale).to.equal(items.length);
      for (const text of texts)
        expect(text, locale)
          .to.contain('a.txt')
          .and.match(/[.。]$/);
      expect(unstoredMessage(items, false, messages), locale)
        .to.contain('6')
        .and.match(/[.。]$/);
    }
  });
});
