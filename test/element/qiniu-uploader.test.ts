import { fixture, html } from '@open-wc/testing';
import { sendKeys } from '@web/test-runner-commands';
import { expect } from 'chai';
import { UploadError, type UploadErrorCode } from '../../src/core.js';
import { en } from '../../src/i18n/locales/en.js';
import { zhCn } from '../../src/i18n/locales/zh-cn.js';
import type { QiniuUploader } from '../../src/index.js';
import { axeViolations } from '../support/axe.js';
import { makeFile } from '../support/files.js';
import { filesDragged, Uploader } from '../support/uploader-harness.js';
import { waitUntil } from '../support/wait-until.js';

const network = (): UploadError => new UploadError('forbidden', 'x', { reqid: 'REQ-1', serverMessage: '<b>no</b>' });

/** Runs an act and gives what the console was told meanwhile. */
async function consoleDuring(kind: 'warn' | 'error', act: () => unknown): Promise<readonly string[]> {
  const said: string[] = [];
  const original = console[kind];
  console[kind] = (...words: unknown[]) => void said.push(words.map(String).join(' '));
  try {
    await act();
  } finally {
    console[kind] = original;
  }
  return said;
}

describe('choosing', () => {
  it('the button opens the picker, by pointer and by keyboard; so does a click in the area', async () => {
    const uploader = await Uploader.open();
    let opened = 0;
    uploader.find('input').addEventListener('click', (event) => {
      event.preventDefault();
      opened += 1;
    });
    uploader.button('Choose files').click();
    uploader.button('Choose files').focus();
    await sendKeys({ press: 'Enter' });
    await sendKeys({ press: ' ' });
    expect(opened).to.equal(3);
    uploader.find('.hint').click();
    uploader.element.openFilePicker();
    expect(opened).to.equal(5);
  });

  it('the same file can be chosen again after it was removed', async () => {
    const uploader = await Uploader.open();
    const file = makeFile();
    await uploader.choose(file);
    expect(uploader.find<HTMLInputElement>('input').value).to.equal('');
    uploader.button('Cancel a.txt').click();
    await uploader.settled();
    uploader.button('Remove a.txt').click();
    await uploader.settled();
    await uploader.choose(file);
    expect(uploader.element.items.map(({ name }) => name)).to.deep.equal(['a.txt']);
  });

  it('dropped files are taken, and the page does not open them', async () => {
    const uploader = await Uploader.open();
    const isOpened = await uploader.drop(filesDragged(makeFile('a.txt'), makeFile('b.txt')));
    expect(isOpened).to.equal(false);
    await waitUntil(() => uploader.element.items.length === 2);
    expect(uploader.element.items.map(({ name }) => name)).to.deep.equal(['a.txt', 'b.txt']);
  });

  it('a drag that began in the page is not of files, also when the pointer moves just before the drop (F4)', async () => {
    const uploader = await Uploader.open();
    const own = document.createElement('img');
    uploader.element.before(own);
    const options = { bubbles: true, composed: true, cancelable: true };
    const send = (type: string, target: Element = uploader.find('.dropzone')): boolean =>
      target.dispatchEvent(new DragEvent(type, { ...options, dataTransfer: filesDragged(makeFile('own.png')) }));
    send('dragstart', own);
    send('dragenter');
    send('dragover');
    expect(uploader.element.matches(':state(dragging)')).to.equal(false);
    window.dispatchEvent(new PointerEvent('pointermove')); // as Chromium does
    expect(send('drop')).to.equal(true);
    send('dragend', own);
    await uploader.drop(filesDragged(makeFile('a.txt')));
    await waitUntil(() => uploader.element.items.length > 0);
    expect(uploader.element.items.map(({ name }) => name)).to.deep.equal(['a.txt']);
    own.remove();
  });

  it('a drag from one part of the element to another stays the element’s, also where it is seen only inside (F4)', async () => {
    const uploader = await Uploader.open();
    const [hint, button] = [uploader.find('.hint'), uploader.find('button')];
    const options = { bubbles: true, composed: true, cancelable: true, dataTransfer: filesDragged(makeFile()) };
    hint.dispatchEvent(new DragEvent('dragenter', options));
    // Of two elements of one shadow root, the page outside is not told.
    const isPrevented = !button.dispatchEvent(new DragEvent('dragenter', { ...options, relatedTarget: hint }));
    hint.dispatchEvent(new DragEvent('dragleave', { ...options, relatedTarget: button }));
    expect(isPrevented).to.equal(true);
    await uploader.settled();
    expect(uploader.element.matches(':state(dragging)')).to.equal(true);
    button.dispatchEvent(new DragEvent('dragleave', options));
    await uploader.settled();
    expect(uploader.element.matches(':state(dragging)')).to.equal(false);
  });

  it('disabled: nothing is taken, and the page still does not open what is dropped', async () => {
    const uploader = await Uploader.open({}, html`<qiniu-uploader lang="en" disabled></qiniu-uploader>`);
    expect(await uploader.drop(filesDragged(makeFile()))).to.equal(false);
    expect(uploader.element.items).to.have.length(0);
    expect(uploader.button('Choose file').disabled).to.equal(true);
  });

  it('dropped text is not ours', async () => {
    const uploader = await Uploader.open();
    const transfer = new DataTransfer();
    transfer.setData('text/plain', 'hello');
    expect(await uploader.drop(transfer)).to.equal(true);
  });

  it('the area shows that files hang over it, until they are gone', async () => {
    const uploader = await Uploader.open();
    const zone = uploader.find('.dropzone');
    const drag = (type: string, target: Element): void =>
      void target.dispatchEvent(
        new DragEvent(type, { dataTransfer: filesDragged(makeFile()), bubbles: true, composed: true }),
      );
    drag('dragenter', zone);
    drag('dragenter', uploader.find('.hint'));
    drag('dragleave', zone);
    await uploader.settled();
    expect(uploader.find('.hint').textContent.trim()).to.equal('Drop to add');
    expect(uploader.element.matches(':state(dragging)')).to.equal(true);
    drag('dragleave', uploader.find('.hint'));
    await uploader.settled();
    expect(uploader.element.matches(':state(dragging)')).to.equal(false);
  });

  it('one file at a time: a new one takes the old one’s place, a refused one costs nothing', async () => {
    const uploader = await Uploader.open(
      { rules: { maxSize: 100 } },
      html`<qiniu-uploader lang="en"></qiniu-uploader>`,
    );
    await uploader.choose(makeFile('a.txt'));
    await uploader.choose(makeFile('big.txt', 101));
    expect(uploader.element.items.map(({ name, status }) => [name, status === 'rejected'])).to.deep.equal([
      ['a.txt', false],
      ['big.txt', true],
    ]);
    await uploader.choose(makeFile('b.txt'));
    expect(uploader.element.items.map(({ name }) => name)).to.deep.equal(['b.txt']);
  });

  it('a file dropped beside the area does not open; with a drop target it is taken there', async () => {
    const uploader = await Uploader.open();
    const beside = document.createElement('div');
    beside.className = 'beside';
    uploader.element.parentElement?.append(beside);
    const drop = async (): Promise<boolean> => {
      const transfer = filesDragged(makeFile());
      const options = { dataTransfer: transfer, bubbles: true, composed: true, cancelable: true };
      const isOpened = beside.dispatchEvent(new DragEvent('drop', options));
      await new Promise((resolve) => setTimeout(resolve));
      await uploader.settled();
      return isOpened;
    };
    expect(await drop()).to.equal(false);
    expect(uploader.element.items).to.have.length(0);
    for (const target of ['.beside', 'document']) {
      uploader.element.clear();
      uploader.element.dropTarget = target;
      expect(await drop()).to.equal(false);
      expect(uploader.element.items, target).to.have.length(1);
    }
    beside.remove();
  });

  it('pasted files are taken where paste says so, and a copied picture gets a name of its own', async () => {
    const uploader = await Uploader.open();
    const paste = async (target: EventTarget): Promise<void> => {
      const clipboardData = new DataTransfer();
      clipboardData.items.add(new File(['x'], 'image.png', { type: 'image/png' }));
      const event = new ClipboardEvent('paste', { bubbles: true, composed: true, cancelable: true });
      // Firefox leaves the files out of what it is given.
      Object.defineProperty(event, 'clipboardData', { value: clipboardData });
      target.dispatchEvent(event);
      await new Promise((resolve) => setTimeout(resolve));
      await uploader.settled();
    };
    await paste(document.body);
    expect(uploader.element.items).to.have.length(0);
    await paste(uploader.find('button'));
    expect(uploader.element.items[0]?.name).to.match(/^\d{8}-\d{9}\.png$/);
    uploader.element.paste = 'off';
    await paste(uploader.find('button'));
    expect(uploader.element.items).to.have.length(1);
    uploader.element.paste = 'document';
    await paste(document.body);
    expect(uploader.element.items).to.have.length(2);
  });

  it('a folder is chosen whole, without what systems leave in it', async () => {
    const uploader = await Uploader.open({}, html`<qiniu-uploader lang="en" multiple directory></qiniu-uploader>`);
    expect(uploader.find<HTMLInputElement>('input').webkitdirectory).to.equal(true);
    const inFolder = (path: string): File =>
      Object.defineProperty(makeFile(path.split('/').at(-1)), 'webkitRelativePath', { value: path });
    await uploader.choose(makeFile('desktop.ini', 3));
    expect(uploader.element.items).to.have.length(1); // chosen by itself: it is meant
    const files = ['f/a.txt', 'f/.DS_Store', 'f/sub/Thumbs.db', 'f/sub/b.txt', '__MACOSX/f/c.txt'].map(inFolder);
    const input = uploader.find<HTMLInputElement>('input');
    Object.defineProperty(input, 'files', { value: files, configurable: true });
    input.dispatchEvent(new Event('change'));
    await waitUntil(() => uploader.element.items.length > 1);
    expect(uploader.element.items.slice(1).map(({ path }) => path)).to.deep.equal(['f/a.txt', 'f/sub/b.txt']);
  });

  it('a veto on the element’s file-add keeps a file out', async () => {
    const uploader = await Uploader.open();
    uploader.element.addEventListener('file-add', (event) => event.preventDefault());
    await uploader.choose(makeFile());
    expect(uploader.element.items).to.have.length(0);
  });
});

describe('a row', () => {
  const open = async (lang: string): Promise<Uploader> =>
    Uploader.open(
      { rules: { maxSize: 5000 }, retries: 0 },
      html`<qiniu-uploader lang=${lang} multiple></qiniu-uploader>`,
    );

  for (const [lang, words] of [
    ['en', en],
    ['zh-CN', zhCn],
  ] as const) {
    it(`says every state in words, with what can be done (${lang})`, async () => {
      const uploader = await open(lang);
      const named = (action: string): string => words.actionOn(action, 'a.txt');
      const queue = await uploader.element.load();
      await uploader.choose(makeFile('a.txt', 2000));
      const id = queue.items[0]?.id ?? '';
      let upload = await uploader.transport.nextUpload();
      upload.progress(900);
      await waitUntil(() => uploader.rowText().includes('45'));
      expect(uploader.find('progress').ariaLabel).to.equal(words.progressOf('a.txt'));
      expect(uploader.find<HTMLProgressElement>('progress').value).to.equal(45);
      expect(uploader.find('progress').getAttribute('aria-valuetext')).to.equal(words.uploading('45%'));
      expect(uploader.buttonNames().slice(1)).to.deep.equal([named(words.pause), named(words.cancel)]);
      uploader.button(named(words.pause)).click();
      await uploader.settled();
      expect(uploader.rowText()).to.contain(words.paused);
      uploader.button(named(words.resume)).click();
      upload = await uploader.transport.nextUpload();
      upload.sent();
      await uploader.settled();
      expect(uploader.rowText()).to.contain(words.confirming);
      expect(uploader.find('progress').hasAttribute('value')).to.equal(false);
      upload.fail(network());
      await waitUntil(() => queue.get(id)?.status === 'failed');
      await uploader.settled();
      expect(uploader.rowText()).to.contain(words.errors.forbidden);
      expect(uploader.rowText()).to.contain(words.requestId('REQ-1'));
      expect(uploader.rowText()).to.contain('<b>no</b>'); // as text
      expect(uploader.buttonNames().slice(1)).to.deep.equal([named(words.remove)]);
      queue.retry(id);
      upload = await uploader.transport.nextUpload();
      upload.fail(
        new UploadError('callback-failed', 'x', {
          callback: { key: 'k', hash: 'h', reason: 'refused', status: 500, message: 'db' },
        }),
      );
      await waitUntil(() => queue.get(id)?.status === 'unconfirmed');
      await uploader.settled();
      expect(uploader.rowText()).to.contain(words.unconfirmed).and.contain(words.callbackReasons.refused);
      await uploader.choose(makeFile('big.txt', 6000));
      expect(uploader.rowText(1)).to.contain(
        words.rejects['file-too-large']({ code: 'file-too-large', maxSize: 5000 }),
      );
      await uploader.choose(makeFile('b.txt', 10));
      (await uploader.transport.nextUpload()).succeed({ url: 'https://cdn.example/b.txt' });
      await waitUntil(() => uploader.rowText(2).includes(words.done));
      expect(uploader.find<HTMLAnchorElement>('a').href).to.equal('https://cdn.example/b.txt');
    });
  }

  it('offers to retry what can succeed, and only that', async () => {
    const uploader = await open('en');
    const outcomes: readonly [UploadErrorCode, boolean][] = [
      ['token-refused', true],
      ['too-large', false],
      ['unknown', true],
    ];
    for (const [code, isOffered] of outcomes) {
      await uploader.choose(makeFile(`${code}.txt`));
      (await uploader.transport.nextUpload()).fail(new UploadError(code, 'x'));
      await waitUntil(() => uploader.element.items.at(-1)?.status === 'failed');
      await uploader.settled();
      expect(uploader.buttonNames().includes(`Retry ${code}.txt`), code).to.equal(isOffered);
    }
  });

  for (const name of ['<img src=x onerror=alert(1)>', '😀"\'\\', '../../etc', 'x'.repeat(300)]) {
    it(`shows "${name.slice(0, 20)}" as text`, async () => {
      const uploader = await open('en');
      await uploader.choose(makeFile(name));
      expect(uploader.find('.name').textContent.trim()).to.equal(name);
      expect(uploader.find('.name').title).to.equal(name);
      expect(uploader.all('li img')).to.have.length(0);
    });
  }

  it('shows a picture while it is there, and lets go of it after', async () => {
    const uploader = await open('en');
    await uploader.choose(new File(['<svg xmlns="http://www.w3.org/2000/svg"/>'], 'a.svg', { type: 'image/svg+xml' }));
    const { src } = uploader.find<HTMLImageElement>('img');
    expect((await fetch(src)).ok).to.equal(true);
    uploader.element.clear();
    await uploader.settled();
    const failure: unknown = await fetch(src).catch((error: unknown) => error);
    expect(failure).to.be.instanceOf(TypeError);
  });

  it('shows a file sign where a picture cannot be shown', async () => {
    const uploader = await open('en');
    await uploader.choose(makeFile('broken.png', 10, 'image/png'));
    await waitUntil(() => uploader.all('li img').length === 0);
    expect(uploader.all('.picture svg')).to.have.length(1);
  });

  it('keeps focus where it makes sense when rows are removed: next, previous, the button', async () => {
    const uploader = await open('en');
    await uploader.choose(makeFile('a', 9000), makeFile('b', 9000), makeFile('c', 9000));
    uploader.button('Remove b').focus();
    await sendKeys({ press: 'Enter' });
    await uploader.settled();
    expect(uploader.focused).to.equal('Remove c');
    await sendKeys({ press: 'Enter' });
    await uploader.settled();
    expect(uploader.focused).to.equal('Remove a');
    await sendKeys({ press: 'Enter' });
    await uploader.settled();
    expect(uploader.focused).to.equal('Choose files');
  });
});

describe('the live region', () => {
  it('says one outcome by its file, several as one sentence', async () => {
    const uploader = await Uploader.open({ rules: { maxSize: 100 } });
    await uploader.choose(makeFile('a.txt'));
    (await uploader.transport.nextUpload()).succeed({});
    await waitUntil(() => uploader.spoken !== '');
    expect(uploader.spoken).to.equal('a.txt: Uploaded');
    await uploader.choose(makeFile('b'), makeFile('c'), makeFile('big', 101));
    for (let index = 0; index < 2; index += 1) (await uploader.transport.nextUpload()).succeed({});
    await waitUntil(() => uploader.spoken.startsWith('2'));
    expect(uploader.spoken).to.equal('2 files uploaded, 1 file not accepted');
  });
});

describe('language', () => {
  it('is that of the nearest lang, and changes with it', async () => {
    const root = await fixture<HTMLElement>(
      html`<div lang="zh">
        <p><qiniu-uploader></qiniu-uploader></p>
      </div>`,
    );
    const element = root.querySelector('qiniu-uploader') as QiniuUploader;
    const text = (): string => element.shadowRoot?.querySelector('button')?.textContent.trim() ?? '';
    expect(text()).to.equal('选择文件');
    root.lang = 'en-GB';
    await waitUntil(() => text() === 'Choose file');
    for (const [lang, words] of [
      ['zh-TW', '選擇檔案'],
      ['ja', 'ファイルを選択'],
      ['ko-KR', '파일 선택'],
      ['zh-Hans', '选择文件'],
    ] as const) {
      element.lang = lang;
      await waitUntil(() => text() === words);
    }
  });

  it('single texts can be the page’s own, in every language', async () => {
    const uploader = await Uploader.open();
    uploader.element.messages = { chooseFiles: 'Add photos', queued: 'Next…' };
    await uploader.choose(makeFile('a.txt'));
    uploader.element.pause();
    await uploader.settled();
    expect(uploader.buttonNames()[0]).to.equal('Add photos');
    expect(uploader.rowText()).to.contain('Paused');
    uploader.element.lang = 'zh';
    await waitUntil(() => uploader.rowText().includes('已暂停'));
    expect(uploader.buttonNames()[0]).to.equal('Add photos');
    uploader.element.messages = { paused: '歇一会儿' };
    await uploader.settled();
    expect(uploader.rowText()).to.contain('歇一会儿');
    expect(uploader.buttonNames()[0]).to.equal('选择文件');
  });

  it('reaches into another shadow root, and differs on one page', async () => {
    const host = await fixture<HTMLElement>(html`<div lang="en"></div>`);
    const inner = host.attachShadow({ mode: 'open' });
    const element = document.createElement('qiniu-uploader');
    inner.append(element);
    const other = await fixture<QiniuUploader>(html`<qiniu-uploader lang="zh-CN"></qiniu-uploader>`);
    await element.updateComplete;
    expect(element.shadowRoot?.querySelector('button')?.textContent.trim()).to.equal('Choose file');
    expect(other.shadowRoot?.querySelector('button')?.textContent.trim()).to.equal('选择文件');
    host.lang = 'zh';
    await waitUntil(() => element.shadowRoot?.querySelector('button')?.textContent.trim() === '选择文件');
  });

  it('has a sentence for every code in both languages', () => {
    expect(Object.keys(zhCn.errors).sort()).to.deep.equal(Object.keys(en.errors).sort());
    for (const words of [zhCn, en])
      for (const sentence of Object.values(words.errors)) expect(sentence).to.match(/[。.]$/);
  });
});

describe('life in a page', () => {
  const connected = async (): Promise<{ element: QiniuUploader; ask: Promise<AbortSignal> }> => {
    const element = await fixture<QiniuUploader>(html`<qiniu-uploader multiple></qiniu-uploader>`);
    const ask = new Promise<AbortSignal>((resolve) => {
      element.tokenProvider = (_request, { signal }) => {
        resolve(signal);
        return new Promise(() => undefined);
      };
    });
    return { element, ask };
  };

  it('a move keeps uploads going', async () => {
    const { element, ask } = await connected();
    await element.add([makeFile()]);
    const signal = await ask;
    const place = document.createElement('div');
    element.parentElement?.append(place);
    place.append(element);
    await Promise.resolve();
    await element.updateComplete;
    expect(signal.aborted).to.equal(false);
  });

  it('remove() without an id takes the element out of the page; a file leaves by removeFile() (1.5)', async () => {
    const { element } = await connected();
    const [item] = await element.add([makeFile()]);
    for (const name of ['cancel', 'pause', 'resume', 'retry', 'removeFile', 'remove'] as const) {
      expect(() => element[name](undefined as unknown as string)).to.throw(TypeError, 'needs the id of an item');
    }
    expect(element.isConnected).to.equal(true);
    expect(element.items).to.have.length(1);
    element.removeFile(item?.id ?? '');
    expect(element.items).to.have.length(0);
    element.remove();
    expect(element.isConnected).to.equal(false);
  });

  it('the page’s own queue keeps its settings, and its uploads outlive the element', async () => {
    const uploader = await Uploader.open({ rules: { maxSize: 5 } });
    const { element } = uploader;
    element.maxSize = '1GB';
    await element.updateComplete;
    await element.add([makeFile('big', 6)]);
    expect(element.items[0]?.status).to.equal('rejected');
    await element.add([makeFile('small', 5)]);
    const upload = await uploader.transport.nextUpload();
    element.remove();
    await Promise.resolve();
    await Promise.resolve();
    expect(upload.signal.aborted).to.equal(false);
  });

  it('what was set before the class came is kept', async () => {
    const holder = document.createElement('div');
    holder.innerHTML = '<qiniu-uploader-late></qiniu-uploader-late>';
    const late = holder.firstElementChild as QiniuUploader;
    late.multiple = true;
    late.maxSize = '1KB';
    document.body.append(holder);
    const { QiniuUploader: Uploader } = await import('../../src/element.js');
    customElements.define('qiniu-uploader-late', class extends Uploader {});
    await late.updateComplete;
    const [item] = await late.add([makeFile('big', 1025)]);
    expect(item?.status).to.equal('rejected');
    expect(late.shadowRoot?.querySelector('input')?.multiple).to.equal(true);
    holder.remove();
  });

  it('settings count at once, before anything was rendered', async () => {
    const element = document.createElement('qiniu-uploader');
    element.multiple = true;
    element.maxFiles = 1;
    element.manual = true;
    const [first, second] = await element.add([makeFile('a'), makeFile('b')]);
    expect([first?.status, second?.status]).to.deep.equal(['queued', 'rejected']);
  });
});

describe('while something is uploading', () => {
  it('the browser asks before the page is left, unless that is off; the screen stays on', async () => {
    const original = Object.getOwnPropertyDescriptor(Navigator.prototype, 'wakeLock');
    const locks: string[] = [];
    const wakeLock = {
      request: (type: string) => {
        locks.push(type);
        return Promise.resolve({ release: () => Promise.resolve(void locks.push('released')) });
      },
    };
    Object.defineProperty(navigator, 'wakeLock', { value: wakeLock, configurable: true });
    try {
      const uploader = await Uploader.open();
      const isAsked = (): boolean => !window.dispatchEvent(new Event('beforeunload', { cancelable: true }));
      expect(isAsked()).to.equal(false);
      await uploader.choose(makeFile('a.txt'));
      const upload = await uploader.transport.nextUpload();
      await uploader.settled();
      expect(isAsked()).to.equal(true);
      expect(locks).to.deep.equal(['screen']);
      uploader.element.leaveGuard = 'off';
      expect(isAsked()).to.equal(false);
      uploader.element.leaveGuard = undefined;
      upload.succeed({});
      await waitUntil(() => uploader.element.items[0]?.status === 'done');
      await uploader.settled();
      expect(isAsked()).to.equal(false);
      expect(locks).to.deep.equal(['screen', 'released']);
    } finally {
      Reflect.deleteProperty(navigator, 'wakeLock');
      if (original !== undefined) Object.defineProperty(Navigator.prototype, 'wakeLock', original);
    }
  });
});

describe('attributes', () => {
  it('that look like secrets are taken out, with one sentence why', async () => {
    for (const name of ['access-key', 'secret-key', 'ak', 'sk']) {
      const element = document.createElement('qiniu-uploader');
      const said = await consoleDuring('error', () => element.setAttribute(name, 'S3CRET'));
      expect(element.hasAttribute(name)).to.equal(false);
      expect(said).to.have.length(1);
      expect(said[0]).to.contain(`"${name}" was removed`).and.not.to.contain('S3CRET');
    }
  });

  it('that make no sense are ignored with one warning', async () => {
    const said = await consoleDuring('warn', async () => {
      const element = await fixture<QiniuUploader>(html`
        <qiniu-uploader max-size="huge" concurrency="0" token-method="put" up-host="a b:c" multiple></qiniu-uploader>
      `);
      element.requestUpdate();
      await element.updateComplete;
      expect((await element.add([makeFile('a', 5)]))[0]?.status).not.to.equal('rejected');
      element.clear();
    });
    expect(said.filter((text) => text.includes('max-size="huge"'))).to.have.length(1);
    expect(said.filter((text) => /concurrency="0"|token-method="put"|up-host="b:c"/.test(text))).to.have.length(3);
  });

  for (const [value, bytes] of [
    ['10', 10],
    ['1KB', 1024],
    ['1.5 MiB', 1_572_864],
    ['20mb', 20 * 1024 * 1024],
    ['1G', 1024 ** 3],
  ] as const) {
    it(`max-size="${value}" is ${bytes} bytes`, async () => {
      const element = await fixture<QiniuUploader>(
        html`<qiniu-uploader max-size=${value} multiple manual></qiniu-uploader>`,
      );
      const file = makeFile('a', 0);
      const big = Object.defineProperty(makeFile('b', 0), 'size', { value: bytes + 1 });
      const limit = Object.defineProperty(makeFile('c', 0), 'size', { value: bytes });
      expect((await element.add([file, limit, big])).map(({ status }) => status)).to.deep.equal([
        'queued',
        'queued',
        'rejected',
      ]);
    });
  }

  it('a real token route is asked by POST and by GET, with the headers', async () => {
    const asked: string[] = [];
    for (const method of ['post', 'get'] as const) {
      const element = await fixture<QiniuUploader>(html`
        <qiniu-uploader
          token-endpoint="/api/uploads/token"
          token-method=${method}
          .tokenHeaders=${() => {
            asked.push(method);
            return Promise.resolve({ 'x-csrf': '1' });
          }}
        ></qiniu-uploader>
      `);
      const success = new Promise<CustomEvent<{ response: unknown; source: string }>>((resolve) => {
        element.addEventListener('upload-success', resolve);
      });
      await element.add([makeFile(`${method}.txt`, 9)]);
      const { detail } = await success;
      expect(detail.response).to.include({ name: `${method}.txt`, size: 9 });
      expect(detail.source).to.equal('callback');
    }
    expect(asked).to.deep.equal(['post', 'get']);
  });
});

describe('accessibility', () => {
  for (const scheme of ['light', 'dark']) {
    it(`axe finds nothing in any state (${scheme})`, async () => {
      const style = `color-scheme: ${scheme}; background: ${scheme === 'dark' ? '#131518' : '#fff'}`;
      const uploader = await Uploader.open(
        { rules: { maxSize: 5000 }, retries: 0 },
        html`<div style=${style}><qiniu-uploader lang="en" multiple max-size="5KB"></qiniu-uploader></div>`,
      );
      expect(await axeViolations(uploader.element)).to.deep.equal([]);
      await uploader.choose(
        makeFile('up'),
        makeFile('sent'),
        makeFile('done'),
        makeFile('failed'),
        makeFile('un'),
        makeFile('big', 6000),
      );
      const uploads = new Map<string, Awaited<ReturnType<typeof uploader.transport.nextUpload>>>();
      for (let index = 0; index < 5; index += 1) {
        const upload = await uploader.transport.nextUpload();
        uploads.set(upload.job.file.name, upload);
      }
      uploads.get('up')?.progress(5);
      uploads.get('sent')?.sent();
      uploads.get('done')?.succeed({ url: 'https://x.example/' });
      uploads.get('failed')?.fail(network());
      uploads.get('un')?.fail(new UploadError('callback-failed', 'x'));
      await waitUntil(() => uploader.element.items.some(({ status }) => status === 'unconfirmed'));
      await uploader.settled();
      expect(await axeViolations(uploader.element)).to.deep.equal([]);
    });
  }
});
