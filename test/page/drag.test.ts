import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import type { Page } from '@playwright/test';
import { RealDrag } from '../support/real-drag.js';
import { startBrowserSite, type BrowserSite } from '../support/browser-site.js';
import { PNG } from '../support/test-data.js';

let site: BrowserSite;
let folder: string;
/** Paths of files to drag. */
let one: string;
let other: string;
let picture: string;

before(async () => {
  site = await startBrowserSite();
  folder = await mkdtemp(join(tmpdir(), 'qiniu-uploader-drag-'));
  [one, other, picture] = [join(folder, 'one.txt'), join(folder, 'other.txt'), join(folder, 'picture.png')];
  await writeFile(one, 'one');
  await writeFile(other, 'other');
  await writeFile(picture, PNG);
  await mkdir(join(folder, 'empty'));
});
after(async () => {
  await site.close();
  await rm(folder, { recursive: true });
});

const TAG = '<qiniu-uploader multiple manual></qiniu-uploader>';
const BARE = '<div id="bare" style="height: 60px; background: #eee"></div>';

/** Runs a test on a page of its own. */
async function onPage(body: string, act: (page: Page) => Promise<void>): Promise<void> {
  const page = await site.openPage(body);
  try {
    await act(page);
    assert.equal(page.context().pages().length, 1, 'the browser opened the dropped file');
    assert.match(page.url(), /^http:/, 'the browser left the page');
  } finally {
    await page.context().close();
  }
}

async function drop(page: Page, selector: string, files: readonly string[] = [one]): Promise<void> {
  const drag = await RealDrag.of(page, files);
  await drag.over(page.locator(selector));
  await drag.drop();
}

const namesIn = (page: Page, selector = 'qiniu-uploader'): Promise<readonly string[]> =>
  page
    .locator(selector)
    .evaluate((element) => (element as HTMLElementTagNameMap['qiniu-uploader']).items.map(({ name }) => name));

/** Waits until that many files are in the list, so that a missing one fails here, and one too many is seen. */
async function taken(page: Page, names: readonly string[], selector = 'qiniu-uploader'): Promise<void> {
  await page.waitForFunction(
    ([found, count]) => (document.querySelector(found as 'qiniu-uploader')?.items.length ?? 0) >= count,
    [selector, names.length] as const,
    { timeout: 5000 },
  );
  assert.deepEqual(await namesIn(page, selector), names);
}

/** What was dropped elsewhere is not in the list: a file that is dropped on the element after it is the only one. */
async function onlyTaken(page: Page, selector = 'qiniu-uploader'): Promise<void> {
  await drop(page, selector, [other]);
  await taken(page, ['other.txt'], selector);
}

const isHighlighted = (page: Page, selector = 'qiniu-uploader'): Promise<boolean> =>
  page.locator(selector).evaluate((element) => element.matches(':state(dragging)'));

async function highlighted(page: Page, expected: boolean): Promise<void> {
  await page.waitForFunction(
    (isOn) => document.querySelector('qiniu-uploader')?.matches(':state(dragging)') === isOn,
    expected,
    { timeout: 5000 },
  );
}

describe('a file that is dropped on the element (F4)', () => {
  for (const [what, script] of [
    ['no page handler', ''],
    ['an ancestor stops propagation', `box.addEventListener(type, (event) => event.stopPropagation())`],
    [
      'an ancestor stops it on its way down',
      `document.addEventListener(type, (event) => event.stopPropagation(), true)`,
    ],
    ['the page prevents everything', `window.addEventListener(type, (event) => event.preventDefault(), true)`],
    [
      'the page allows no drop anywhere',
      `document.addEventListener(type, (event) => { event.preventDefault(); event.dataTransfer.dropEffect = 'none'; })`,
    ],
  ]) {
    test(`is taken, whoever handles the event: ${what}`, () =>
      onPage(
        `<div id="box">${TAG}</div>
        <script>for (const type of ['dragenter', 'dragover', 'dragleave', 'drop']) { ${script} }</script>`,
        async (page) => {
          await drop(page, 'qiniu-uploader', [one, other]);
          await taken(page, ['one.txt', 'other.txt']);
        },
      ));
  }

  for (const mode of ['open', 'closed']) {
    test(`is taken inside an ${mode} shadow root`, () =>
      onPage(
        `<main></main><script type="module">
          const root = document.querySelector('main').attachShadow({ mode: '${mode}' });
          root.innerHTML = '${TAG}';
          globalThis.inner = root.firstElementChild;
        </script>`,
        async (page) => {
          await page.waitForFunction(() => (globalThis as unknown as { inner?: HTMLElement }).inner?.shadowRoot);
          await drop(page, 'main');
          await page.waitForFunction(
            () =>
              (globalThis as unknown as { inner: HTMLElementTagNameMap['qiniu-uploader'] }).inner.items.length === 1,
            undefined,
            { timeout: 5000 },
          );
        },
      ));
  }

  test('is not taken while the element is disabled, and the browser does not open it', () =>
    onPage(`<qiniu-uploader multiple manual disabled></qiniu-uploader>`, async (page) => {
      const drag = await RealDrag.of(page, [one]);
      await drag.over(page.locator('qiniu-uploader'));
      assert.equal(await isHighlighted(page), false);
      await drag.drop();
      await page.locator('qiniu-uploader').evaluate((element) => element.removeAttribute('disabled'));
      await onlyTaken(page);
    }));

  for (const allowed of ['copy', 'link', 'move'] as const) {
    test(`is taken if the drag allows only "${allowed}", with an effect that fits`, () =>
      onPage(
        `${TAG}<script>window.addEventListener('dragover', ({ dataTransfer }) => (globalThis.effect = dataTransfer.dropEffect))</script>`,
        async (page) => {
          const drag = await RealDrag.of(page, [one], [allowed]);
          await drag.over(page.locator('qiniu-uploader'));
          assert.equal(await page.evaluate(() => (globalThis as unknown as { effect: string }).effect), allowed);
          await drag.drop();
          await taken(page, ['one.txt']);
        },
      ));
  }

  test('is taken in a frame', () =>
    onPage(`<iframe style="width: 500px; height: 200px"></iframe>`, async (page) => {
      const address = site.pageUrl(TAG);
      await page.locator('iframe').evaluate((frame, src) => ((frame as HTMLIFrameElement).src = src), address);
      const frame = page.frameLocator('iframe');
      await frame.locator('qiniu-uploader').getByText('Choose files').waitFor();
      const drag = await RealDrag.of(page, [one]);
      await drag.over(frame.locator('qiniu-uploader'));
      await drag.drop();
      await frame.getByText('one.txt').waitFor({ timeout: 5000 });
    }));
});

/** Notes what another target is given, as a page would: it shows that it would take files, and reads them. */
const TARGET = `
  <div id="target" style="height: 60px; background: #cfc"></div>
  <script>
    globalThis.got = [];
    const note = (event) => {
      event.preventDefault();
      if (event.type === 'drop') got.push(...[...event.dataTransfer.files].map(({ name }) => name));
      else globalThis.effect = event.dataTransfer.dropEffect;
    };
  </script>`;
const got = (page: Page): Promise<readonly string[]> =>
  page.evaluate(() => (globalThis as unknown as { got: string[] }).got);

for (const [where, tag] of [
  ['', TAG],
  [', with drop-target="document"', TAG.replace('manual', 'manual drop-target="document"')],
] as const) {
  describe(`other targets are not disturbed (F4)${where}`, () => {
    for (const [what, markup] of [
      ['a file input', '<input type="file" id="file">'],
      [
        'a file input that covers its label',
        `<label style="position: relative; display: block; height: 60px">Choose
          <input type="file" id="file" style="position: absolute; inset: 0; opacity: 0"></label>`,
      ],
      [
        'a file input whose ancestor stops propagation',
        `<div id="stop"><input type="file" id="file"></div>
        <script>for (const type of ['dragover', 'drop']) stop.addEventListener(type, (event) => event.stopPropagation())</script>`,
      ],
    ]) {
      test(`${what} takes what is dropped on it`, () =>
        onPage(`${tag}${markup}`, async (page) => {
          await drop(page, '#file');
          await page.waitForFunction(
            () => document.querySelector<HTMLInputElement>('#file')?.files?.length === 1,
            undefined,
            {
              timeout: 5000,
            },
          );
          await onlyTaken(page);
        }));
    }

    test('a file input in an open shadow root takes what is dropped on it', () =>
      onPage(`${tag}<main></main>`, async (page) => {
        await page.locator('main').evaluate((main) => {
          main.attachShadow({ mode: 'open' }).innerHTML = '<input type="file" id="file">';
        });
        await drop(page, '#file');
        await page.waitForFunction(
          () => document.querySelector('main')?.shadowRoot?.querySelector('input')?.files?.length === 1,
          undefined,
          { timeout: 5000 },
        );
        await onlyTaken(page);
      }));

    test('a component with a file input in a closed shadow root takes what is dropped on it', () =>
      onPage(`${tag}<foreign-input></foreign-input>`, async (page) => {
        await page.evaluate(() => {
          customElements.define(
            'foreign-input',
            class extends HTMLElement {
              constructor() {
                super();
                // eslint-disable-next-line wc/no-closed-shadow-root -- what this test is about
                const root = this.attachShadow({ mode: 'closed' });
                root.innerHTML = '<style>:host, input { display: block; width: 200px }</style><input type="file">';
                root.addEventListener('change', ({ target }) =>
                  Object.assign(globalThis, { count: (target as HTMLInputElement).files?.length }),
                );
              }
            },
          );
        });
        await drop(page, 'foreign-input');
        await page.waitForFunction(() => (globalThis as unknown as { count: number }).count === 1, undefined, {
          timeout: 5000,
        });
        await onlyTaken(page);
      }));

    test('an area that handles the event itself takes what is dropped on it', () =>
      onPage(
        `${tag}${TARGET}<script>for (const type of ['dragover', 'drop']) target.addEventListener(type, note)</script>`,
        async (page) => {
          await drop(page, '#target');
          assert.deepEqual(await got(page), ['one.txt']);
          await onlyTaken(page);
        },
      ));

    test('an editor that handles only the drop takes it', () =>
      onPage(
        `${tag}${TARGET.replace('id="target"', 'id="target" contenteditable')}
        <script>target.addEventListener('drop', note)</script>`,
        async (page) => {
          await drop(page, '#target');
          assert.deepEqual(await got(page), ['one.txt']);
          await onlyTaken(page);
        },
      ));

    test('another element takes what is dropped on it, alone', () =>
      onPage(`${tag}<p></p><qiniu-uploader id="second" multiple manual></qiniu-uploader>`, async (page) => {
        const drag = await RealDrag.of(page, [one]);
        await drag.over(page.locator('#second'));
        await page.waitForFunction(() => document.querySelector('#second')?.matches(':state(dragging)'));
        assert.equal(await isHighlighted(page, 'qiniu-uploader:not(#second)'), false);
        await drag.drop();
        await taken(page, ['one.txt'], '#second');
        await onlyTaken(page, 'qiniu-uploader:not(#second)');
      }));
  });
}

describe('a page that handles drops everywhere (F4)', () => {
  for (const where of ['window', 'document', 'document.body', 'document.documentElement']) {
    test(`keeps them: listeners on ${where}`, () =>
      onPage(
        `${BARE}${TAG}${TARGET}<script type="module">
          document.querySelector('qiniu-uploader').addEventListener('focus', () => undefined);
          for (const type of ['dragover', 'drop']) ${where}.addEventListener(type, note);
        </script>`,
        async (page) => {
          await drop(page, '#bare');
          assert.deepEqual(await got(page), ['one.txt']);
          assert.notEqual(await page.evaluate(() => (globalThis as unknown as { effect: string }).effect), 'none');
          await onlyTaken(page);
        },
      ));
  }
});

describe('a file that is dropped beside the element (F4)', () => {
  for (const [what, body, selector] of [
    ['on the bare page', BARE, '#bare'],
    [
      'where an ancestor stops propagation',
      `<div id="stop">${BARE}</div>
      <script>for (const type of ['dragenter', 'dragover', 'drop']) stop.addEventListener(type, (event) => event.stopPropagation())</script>`,
      '#bare',
    ],
    [
      'where an ancestor stops it on its way down',
      `${BARE}<script>for (const type of ['dragenter', 'dragover', 'drop']) document.addEventListener(type, (event) => event.stopPropagation(), true)</script>`,
      '#bare',
    ],
    ['on a field for text', '<textarea id="text"></textarea>', '#text'],
    ['on text that can be edited', '<div id="text" contenteditable>text</div>', '#text'],
    ['on a file input that is disabled', '<input type="file" id="file" disabled>', '#file'],
    ['on a component of the page', '<my-app style="display: block; padding: 20px"><p>text</p></my-app>', 'my-app'],
  ] as const) {
    test(`is not taken, and the browser does not open it: ${what}`, () =>
      onPage(`${TAG}${body}`, async (page) => {
        await drop(page, selector);
        await onlyTaken(page);
      }));
  }

  test('is taken where drop-target says so, and only there', () =>
    onPage(
      `${BARE}<div class="area" style="padding: 20px"><p id="inside">text</p><textarea id="text"></textarea></div>
      ${TAG.replace('manual', 'manual drop-target=".area"')}`,
      async (page) => {
        await drop(page, '#bare');
        await drop(page, '#inside');
        await taken(page, ['one.txt']);
        await drop(page, '#text', [other]);
        await taken(page, ['one.txt', 'other.txt']);
      },
    ));

  test('is taken at a drop target although something in it stops the event', () =>
    onPage(
      `<div class="area" style="padding: 20px"><div id="stop">${BARE}</div></div>
      ${TAG.replace('manual', 'manual drop-target=".area"')}
      <script>for (const type of ['dragenter', 'dragover', 'drop']) stop.addEventListener(type, (event) => event.stopPropagation())</script>`,
      async (page) => {
        await drop(page, '#bare');
        await taken(page, ['one.txt']);
      },
    ));

  test('is taken by the first of two elements that share a target', () =>
    onPage(
      `${BARE}${TAG.replace('manual', 'manual drop-target="document"')}<p></p>
      ${TAG.replace('manual', 'id="second" manual drop-target="document"')}`,
      async (page) => {
        const drag = await RealDrag.of(page, [one]);
        await drag.over(page.locator('#bare'));
        await highlighted(page, true);
        assert.equal(await isHighlighted(page, '#second'), false);
        await drag.drop();
        await taken(page, ['one.txt'], 'qiniu-uploader:not(#second)');
        await onlyTaken(page, '#second');
      },
    ));

  test('an invalid drop-target selector warns once and has no other effect', () =>
    onPage(`${BARE}${TAG.replace('manual', 'manual drop-target="##"')}`, async (page) => {
      const said: string[] = [];
      page.on('console', (message) => said.push(message.text()));
      page.on('pageerror', (error) => said.push(String(error)));
      await drop(page, '#bare');
      await drop(page, '#bare');
      await onlyTaken(page);
      assert.equal(said.filter((text) => text.includes('drop-target="##"')).length, 1);
      assert.equal(said.filter((text) => text.includes('SyntaxError')).length, 0);
    }));
});

describe('the highlight (F4)', () => {
  const begin = async (page: Page, selector = 'qiniu-uploader'): Promise<RealDrag> => {
    const drag = await RealDrag.of(page, [one]);
    await drag.over(page.locator(selector));
    await highlighted(page, true);
    return drag;
  };

  test('ends when the drag leaves the window', () =>
    onPage(TAG, async (page) => {
      const drag = await begin(page);
      await drag.leave();
      await highlighted(page, false);
    }));

  test('ends when the drag moves to another place, and comes back with it', () =>
    onPage(`${BARE}${TAG}`, async (page) => {
      const drag = await begin(page);
      await drag.over(page.locator('#bare'));
      await highlighted(page, false);
      await drag.over(page.locator('qiniu-uploader'));
      await highlighted(page, true);
      await drag.drop();
      await highlighted(page, false);
    }));

  test('ends although what hung under the pointer is removed', () =>
    onPage(
      `${BARE}<qiniu-uploader multiple manual><div slot="dropzone"><p id="under" style="height: 80px">text</p></div></qiniu-uploader>`,
      async (page) => {
        const drag = await begin(page, '#under');
        await page.locator('#under').evaluate((element) => element.remove());
        await drag.over(page.locator('#bare'));
        await highlighted(page, false);
      },
    ));

  test('ends although something else takes the drop and stops the event', () =>
    onPage(
      `${TAG}${TARGET}<script>for (const type of ['dragenter', 'dragover', 'drop']) target.addEventListener(type, (event) => { note(event); event.stopImmediatePropagation(); })</script>`,
      async (page) => {
        const drag = await begin(page);
        await drag.over(page.locator('#target'));
        await drag.drop();
        await highlighted(page, false);
      },
    ));

  for (const [what, act] of [
    ['nothing is heard of the drag any more', () => undefined],
    ['the pointer moves without a drag', () => window.dispatchEvent(new PointerEvent('pointermove'))],
    ['a key is pressed', () => window.dispatchEvent(new KeyboardEvent('keydown', { key: 'Escape' }))],
    ['the page is hidden', () => document.dispatchEvent(new Event('visibilitychange', { bubbles: true }))],
    ['the drag ends elsewhere', () => window.dispatchEvent(new DragEvent('dragend'))],
  ] as const) {
    test(`ends when ${what}`, () =>
      onPage(TAG, async (page) => {
        await begin(page);
        await page.evaluate(act);
        await highlighted(page, false);
      }));
  }

  test('is gone when the element comes back to the page', () =>
    onPage(TAG, async (page) => {
      await begin(page);
      await page.locator('qiniu-uploader').evaluate(async (element) => {
        const { parentElement } = element;
        element.remove();
        await Promise.resolve();
        parentElement?.append(element);
      });
      await highlighted(page, false);
    }));

  test('ends when the drag moves into a frame', () =>
    onPage(`${TAG}<iframe srcdoc="<p>text</p>" style="height: 100px"></iframe>`, async (page) => {
      const drag = await begin(page);
      await drag.over(page.locator('iframe'));
      await highlighted(page, false);
    }));
});

describe('a drag that began in the page (F4)', () => {
  const IMAGE = `<img id="own" style="width: 60px; height: 60px; display: block"
    src="data:image/png;base64,${PNG.toString('base64')}">`;

  for (const [what, markup] of [
    ['a picture', IMAGE],
    ['a link with a picture', `<a href="/page">${IMAGE}</a>`],
  ] as const) {
    test(`is not of files: ${what}`, () =>
      onPage(`${markup}${TAG}`, async (page) => {
        const drag = await RealDrag.within(page, page.locator('#own'), [picture]);
        await drag.over(page.locator('qiniu-uploader'));
        assert.equal(await isHighlighted(page), false);
        await drag.drop();
        await page.mouse.move(1, 1);
        await onlyTaken(page);
      }));
  }

  test('is not of files where the page prevents everything, so that a drop comes', () =>
    onPage(
      `${IMAGE}${TAG}<script>for (const type of ['dragover', 'drop']) document.addEventListener(type, (event) => event.preventDefault())</script>`,
      async (page) => {
        const drag = await RealDrag.within(page, page.locator('#own'), [picture]);
        await drag.over(page.locator('qiniu-uploader'));
        await drag.drop();
        await page.mouse.move(1, 1);
        await onlyTaken(page);
      },
    ));

  test('reaches the page’s own targets', () =>
    onPage(
      `${IMAGE}${TAG.replace('manual', 'manual drop-target="document"')}${TARGET}
      <script>for (const type of ['dragover', 'drop']) target.addEventListener(type, note)</script>`,
      async (page) => {
        const drag = await RealDrag.within(page, page.locator('#own'), [picture]);
        await drag.over(page.locator('#target'));
        await drag.drop();
        assert.deepEqual(await got(page), ['picture.png']);
      },
    ));

  test('is forgotten after it, although what was dragged has gone', () =>
    onPage(`${IMAGE}${TAG}`, async (page) => {
      const drag = await RealDrag.within(page, page.locator('#own'), [picture]);
      await drag.over(page.locator('qiniu-uploader'));
      await page.locator('#own').evaluate((element) => element.remove());
      await drag.leave();
      await page.mouse.move(1, 1);
      await onlyTaken(page);
    }));

  test('that the page did not allow is none', () =>
    onPage(
      `${IMAGE}${TAG}<script>own.addEventListener('dragstart', (event) => event.preventDefault())</script>`,
      async (page) => {
        await page.locator('#own').dispatchEvent('dragstart', { bubbles: true, cancelable: true });
        await onlyTaken(page);
      },
    ));
});
