import { fixture, html } from '@open-wc/testing';
import { nothing, type TemplateResult } from 'lit';
import { expect } from 'chai';
import { makeFile } from '../support/files.js';
import '../../src/index.js';
import type { QiniuUploader } from '../../src/index.js';

const LONG = `${'a long name '.repeat(20)}.txt`;

const uploader = (style = ''): TemplateResult =>
  html`<qiniu-uploader lang="en" multiple manual style=${style === '' ? nothing : style}></qiniu-uploader>`;

/** Places where the width of a block follows its content. */
const PLACES: readonly (readonly [string, TemplateResult])[] = [
  ['a flex item in a row', html`<div style="display: flex">${uploader()}</div>`],
  [
    'a flex item in a column that is not stretched',
    html`<div style="display: flex; flex-direction: column; align-items: start">${uploader()}</div>`,
  ],
  ['an item of an inline flex box', html`<div style="display: inline-flex">${uploader()}</div>`],
  ['an inline block', html`<div style="display: inline-block">${uploader()}</div>`],
  ['the host as an inline block', html`<div>${uploader('display: inline-block')}</div>`],
  ['the host as an inline flex box', html`<div>${uploader('display: inline-flex; flex-direction: column')}</div>`],
  ['an open dialog', html`<dialog open>${uploader()}</dialog>`],
  ['a float', html`<div style="float: left">${uploader()}</div>`],
  ['the host as a float', html`<div>${uploader('float: inline-start')}</div>`],
  ['an absolutely positioned box', html`<div style="position: absolute">${uploader()}</div>`],
  [
    'a fixed box in the middle',
    html`<div style="position: fixed; inset: 0; margin: auto; inline-size: fit-content; block-size: fit-content">
      ${uploader()}
    </div>`,
  ],
  [
    'a table cell',
    html`<table>
      <tbody>
        <tr>
          <td>${uploader()}</td>
        </tr>
      </tbody>
    </table>`,
  ],
  [
    'a cell of a CSS table',
    html`<div style="display: table"><div style="display: table-cell">${uploader()}</div></div>`,
  ],
  [
    'an auto column of a grid',
    html`<div style="display: grid; grid-template-columns: auto 1fr">
      ${uploader()}
      <p>beside</p>
    </div>`,
  ],
  [
    'a max-content column of a grid',
    html`<div style="display: grid; grid-template-columns: max-content 1fr">
      ${uploader()}
      <p>beside</p>
    </div>`,
  ],
  ['a grid item that is not stretched', html`<div style="display: grid; justify-items: start">${uploader()}</div>`],
  ['the host as wide as its content', html`<div>${uploader('inline-size: fit-content')}</div>`],
  ['the host with max-content', html`<div>${uploader('inline-size: max-content')}</div>`],
  ['a fieldset in a flex row', html`<div style="display: flex"><fieldset>${uploader()}</fieldset></div>`],
  [
    'vertical writing',
    html`<div style="writing-mode: vertical-rl; block-size: 500px">
      <div style="display: inline-block">${uploader()}</div>
    </div>`,
  ],
];

/** The element in it and its width, after it has rendered. */
async function measure(root: HTMLElement): Promise<{ readonly element: QiniuUploader; readonly width: number }> {
  const element = root.matches('qiniu-uploader') ? root : root.querySelector('qiniu-uploader');
  if (element === null) throw new Error('There is no element.');
  await element.updateComplete;
  return { element, width: inlineSizeOf(element) };
}

function inlineSizeOf(element: Element): number {
  const { width, height } = element.getBoundingClientRect();
  return getComputedStyle(element).writingMode.startsWith('vertical') ? height : width;
}

describe('the width where it follows the content (F3)', () => {
  for (const [name, template] of PLACES) {
    it(`${name}: is enough for the button and for rows, and stays as files come`, async () => {
      const root = await fixture<HTMLElement>(html`<div style="inline-size: 900px">${template}</div>`);
      const { element, width } = await measure(root);
      expect(width, 'at first').to.be.within(320, 700);
      await element.add([makeFile(LONG), makeFile('b.txt')]);
      const after = (await measure(root)).width;
      expect(after, 'with files').to.equal(width);
      const row = element.shadowRoot?.querySelector('.item');
      if (!row) throw new Error('There is no row.');
      expect(inlineSizeOf(row)).to.be.closeTo(width, 1);
    });
  }

  for (const [name, template] of [
    ['a flex item', html`<div style="display: flex">${uploader()}</div>`],
    ['an inline block', html`<div style="display: inline-block; max-inline-size: 100%">${uploader()}</div>`],
    ['a grid item', html`<div style="display: grid">${uploader()}</div>`],
    [
      'a table cell',
      html`<table style="inline-size: 100%; border-spacing: 0">
        <tbody>
          <tr>
            <td style="padding: 0">${uploader()}</td>
          </tr>
        </tbody>
      </table>`,
    ],
    ['a float', html`<div style="float: left">${uploader()}</div>`],
  ] as const) {
    it(`${name}: gets narrower than that where there is less room`, async () => {
      const root = await fixture<HTMLElement>(html`<div style="inline-size: 220px">${template}</div>`);
      const { element } = await measure(root);
      await element.add([makeFile(LONG), makeFile('b.txt')]);
      const { width } = await measure(root);
      expect(width).to.be.within(150, 220);
      expect(root.scrollWidth).to.be.at.most(220);
    });
  }

  it('in a block it is as wide as that', async () => {
    const root = await fixture<HTMLElement>(html`<div style="inline-size: 777px">${uploader()}</div>`);
    expect((await measure(root)).width).to.equal(777);
  });

  it('rows still follow the width of the element: pictures are smaller in a narrow one', async () => {
    const sizes = await Promise.all(
      [300, 600].map(async (width) => {
        const root = await fixture<HTMLElement>(html`<div style="inline-size: ${width}px">${uploader()}</div>`);
        const { element } = await measure(root);
        await element.add([makeFile('a.txt')]);
        await element.updateComplete;
        return element.shadowRoot?.querySelector('.picture')?.getBoundingClientRect().width;
      }),
    );
    expect(sizes).to.deep.equal([36, 44]);
  });
});
