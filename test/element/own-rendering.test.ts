import { html } from '@open-wc/testing';
import { expect } from 'chai';
import { pickerAccept } from '../../src/element/picker-accept.js';
import { makeFile } from '../support/files.js';
import { Uploader } from '../support/uploader-harness.js';
import { waitUntil } from '../support/wait-until.js';

describe('slots', () => {
  it('dropzone takes the place of button and hint; its own button opens the picker, its link does not', async () => {
    const uploader = await Uploader.open(
      {},
      html`<qiniu-uploader lang="en">
        <div slot="dropzone"><button type="button">Pick</button> <a href="#help">Help</a></div>
      </qiniu-uploader>`,
    );
    expect(uploader.find('.choose').checkVisibility()).to.equal(false);
    let opened = 0;
    uploader.find('input').addEventListener('click', (event) => {
      event.preventDefault();
      opened += 1;
    });
    uploader.element.querySelector('button')?.click();
    expect(opened).to.equal(1);
    uploader.element.querySelector('a')?.click();
    expect(opened).to.equal(1);
    uploader.element.querySelector('button')?.addEventListener('click', (event) => event.preventDefault());
    uploader.element.querySelector('button')?.click();
    expect(opened).to.equal(1);
  });

  it('empty is there while the list is empty, footer always', async () => {
    const uploader = await Uploader.open(
      { manual: true },
      html`<qiniu-uploader lang="en"
        ><p slot="empty">Nothing yet</p>
        <p slot="footer">Help</p></qiniu-uploader
      >`,
    );
    const [empty, footer] = ['empty', 'footer'].map((name) => uploader.element.querySelector(`[slot=${name}]`));
    expect(empty?.checkVisibility()).to.equal(true);
    await uploader.element.add([makeFile()]);
    await uploader.settled();
    expect(empty?.checkVisibility()).to.equal(false);
    expect(footer?.checkVisibility()).to.equal(true);
    const list = uploader.find('.list').getBoundingClientRect();
    expect(footer?.getBoundingClientRect().top).to.be.at.least(list.bottom);
  });
});

describe('itemTemplate', () => {
  it('that throws is reported, and the usual row is shown', async () => {
    const uploader = await Uploader.open({ manual: true });
    const reported: string[] = [];
    const onError = (event: ErrorEvent): void => {
      event.preventDefault();
      event.stopImmediatePropagation();
      reported.push(event.message);
    };
    const mochaHandler = window.onerror;
    window.onerror = null;
    window.addEventListener('error', onError, true);
    try {
      uploader.element.itemTemplate = ({ name }) => {
        if (name === 'bad.txt') throw new Error('a defect of the page');
        return html`<b>${name}</b>`;
      };
      await uploader.element.add([makeFile('bad.txt'), makeFile('good.txt')]);
      await uploader.settled();
      expect(reported.join()).to.contain('a defect of the page');
      expect(uploader.rowText(0)).to.contain('bad.txt').and.contain('10 B');
      expect(uploader.rowText(1)).to.equal('good.txt');
    } finally {
      window.onerror = mochaHandler;
      window.removeEventListener('error', onError, true);
    }
  });

  it('renders what is in a row, and its buttons act and keep focus', async () => {
    const uploader = await Uploader.open();
    uploader.element.itemTemplate = (item, { status, messages, actions }) =>
      html`<b>${item.name}</b> ${status}
        <button data-action="cancel" aria-label="Stop" @click=${() => actions.cancel(item)}>
          ${messages.cancel}
        </button>`;
    await uploader.element.add([makeFile('a.txt', 10)]);
    const upload = await uploader.transport.nextUpload();
    upload.progress(5);
    await waitUntil(() => uploader.rowText() === 'a.txt 50% uploaded Cancel');
    uploader.button('Stop').focus();
    uploader.button('Stop').click();
    await uploader.settled();
    expect(uploader.rowText()).to.equal('a.txt Cancelled Cancel');
    expect(uploader.focused).to.equal('Stop');
    uploader.element.itemTemplate = undefined;
    await uploader.settled();
    expect(uploader.buttonNames()).to.include('Retry a.txt');
  });

  it('takes nodes and text as well, and text stays text', async () => {
    const uploader = await Uploader.open({ manual: true });
    uploader.element.itemTemplate = ({ name }) => {
      const node = document.createElement('em');
      node.textContent = name;
      return node;
    };
    await uploader.element.add([makeFile('<b>.txt')]);
    await uploader.settled();
    expect(uploader.find('li em').textContent).to.equal('<b>.txt');
    uploader.element.itemTemplate = ({ name }) => name;
    await uploader.settled();
    expect(uploader.find('li').textContent.trim()).to.equal('<b>.txt');
  });
});

describe('several elements', () => {
  it('share the connections of the page', async () => {
    const { signal } = new AbortController();
    const gates = [];
    for (const uploader of [await Uploader.open(), await Uploader.open()]) {
      await uploader.element.add([makeFile()]);
      gates.push((await uploader.transport.nextUpload()).gate);
    }
    const [one, other] = gates;
    const releases = [];
    for (let request = 0; request < 6; request += 1) releases.push(await one?.acquire(signal));
    let isThrough = false;
    const waiting = other?.acquire(signal).then((release) => {
      isThrough = true;
      release();
    });
    await new Promise((resolve) => setTimeout(resolve));
    expect(isThrough).to.equal(false);
    for (const release of releases) release?.();
    await waiting;
    expect(isThrough).to.equal(true);
  });
});

describe('accept in browsers inside apps', () => {
  const wechat = 'Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/122 Mobile MicroMessenger/8.0.49';
  const cases: readonly [string | undefined, string | undefined][] = [
    ['.jpg, .png', 'image/*'],
    ['image/png,image/jpeg', 'image/*'],
    ['video/mp4', 'video/*'],
    ['image/*,.pdf', undefined],
    [undefined, undefined],
  ];
  for (const [accept, widened] of cases) {
    it(`"${accept}" becomes "${widened}", and only there`, () => {
      expect(pickerAccept(accept, wechat)).to.equal(widened);
      expect(pickerAccept(accept, 'Mozilla/5.0 Chrome/140')).to.equal(accept);
    });
  }
});

describe('accept as it is often written by mistake', () => {
  for (const [accept, read] of [
    ['pdf', '.pdf'],
    ['.jpg;.png', '.jpg,.png'],
    ['*.heic', '.heic'],
    ['image', 'image/*'],
    ['image/*, .PDF', 'image/*, .PDF'],
  ] as const) {
    it(`"${accept}" is "${read}" to the picker, which offers what is taken (F10)`, async () => {
      const uploader = await Uploader.open({}, html`<qiniu-uploader lang="en" accept=${accept}></qiniu-uploader>`);
      expect(uploader.find<HTMLInputElement>('input[type=file]').accept).to.equal(read);
    });
  }
});
