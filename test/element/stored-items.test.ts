import { fixture, html } from '@open-wc/testing';
import { expect } from 'chai';
import { html as lit, render } from 'lit';
import type { StoredFile } from '../../src/core.js';
import type { QiniuUploader } from '../../src/index.js';
import { makeFile } from '../support/files.js';
import { Uploader } from '../support/uploader-harness.js';
import { waitUntil } from '../support/wait-until.js';

const stored = (key: string, more: Partial<StoredFile> = {}): StoredFile => ({
  name: `${key}.txt`,
  key,
  url: `https://cdn.example/${key}`,
  size: 5,
  response: { id: key },
  ...more,
});

const keys = (uploader: Uploader): readonly (string | undefined)[] =>
  uploader.element.items.map((item) => (item.status === 'done' ? item.result.key : item.name));

/** Notes every event that says that something has changed. */
function heard(uploader: Uploader): string[] {
  const events: string[] = [];
  const names = ['file-add', 'file-remove', 'file-reject', 'upload-cancel', 'upload-success', 'input', 'change'];
  for (const name of names) uploader.element.addEventListener(name, () => events.push(name));
  return events;
}

const rows = (uploader: Uploader): readonly HTMLElement[] => uploader.all('[data-id]');

describe('items (F9)', () => {
  it('set again with equal content changes nothing and fires nothing', async () => {
    const uploader = await Uploader.open();
    const list = (): readonly StoredFile[] => [stored('a'), stored('b'), { name: 'c.txt' }];
    uploader.element.items = list();
    await uploader.settled();
    const events = heard(uploader);
    const { items } = uploader.element;
    const before = rows(uploader);
    uploader.button('Remove b.txt').focus();
    for (let time = 0; time < 3; time += 1) {
      uploader.element.items = list();
      await uploader.settled();
    }
    expect(events).to.deep.equal([]);
    expect(uploader.element.items === items).to.equal(true);
    expect(rows(uploader).every((row, index) => row === before[index])).to.equal(true);
    expect(uploader.focused).to.equal('Remove b.txt');
  });

  it('with one more, one less, one changed or another order changes only that', async () => {
    const uploader = await Uploader.open();
    const { element } = uploader;
    element.items = [stored('a'), stored('b')];
    await uploader.settled();
    const [a, b] = element.items;
    const [rowOfA, rowOfB] = rows(uploader);
    const events = heard(uploader);

    element.items = [stored('a'), stored('new'), stored('b')];
    await uploader.settled();
    expect(keys(uploader)).to.deep.equal(['a', 'new', 'b']);
    expect([element.items[0] === a, element.items[2] === b]).to.deep.equal([true, true]);
    expect(events).to.deep.equal([]);

    element.items = [stored('a'), stored('b', { name: 'renamed.txt' })];
    await uploader.settled();
    expect(events).to.deep.equal(['file-remove']);
    expect(element.items.map(({ id }) => id)).to.deep.equal([a?.id, b?.id]);
    expect(element.items[0] === a).to.equal(true);
    expect(element.items[1]?.name).to.equal('renamed.txt');
    expect(rows(uploader)[1] === rowOfB).to.equal(true);
    expect(uploader.rowText(1)).to.contain('renamed.txt');

    uploader.button('Remove renamed.txt').focus();
    element.items = [stored('b', { name: 'renamed.txt' }), stored('a')];
    await uploader.settled();
    expect(keys(uploader)).to.deep.equal(['b', 'a']);
    expect([rows(uploader)[0] === rowOfB, rows(uploader)[1] === rowOfA]).to.deep.equal([true, true]);
    expect(uploader.focused).to.equal('Remove renamed.txt');
    expect(events).to.deep.equal(['file-remove']);
  });

  it('without a key are told apart by their url, else by their name, and equal ones by their order', async () => {
    const uploader = await Uploader.open();
    const { element } = uploader;
    const list = (): readonly StoredFile[] => [
      { name: 'same.txt' },
      { name: 'same.txt' },
      { name: 'same.txt', url: 'https://cdn.example/1' },
      { name: 'same.txt', url: 'https://cdn.example/2' },
    ];
    element.items = list();
    const ids = element.items.map(({ id }) => id);
    const events = heard(uploader);
    element.items = list();
    expect(element.items.map(({ id }) => id)).to.deep.equal(ids);
    element.items = list().slice(1);
    expect(element.items.map(({ id }) => id)).to.deep.equal([ids[0], ids[2], ids[3]]);
    expect(events).to.deep.equal(['file-remove']);
  });

  it('set to what they are, as two-way binding does, disturb no upload and double no file', async () => {
    const uploader = await Uploader.open();
    const { element } = uploader;
    element.items = [stored('a')];
    await uploader.choose(makeFile('done'), makeFile('runs'), makeFile('paused'));
    const uploads = [];
    for (let index = 0; index < 3; index += 1) uploads.push(await uploader.transport.nextUpload());
    uploads[0]?.succeed({ key: 'done' });
    await waitUntil(() => element.items[1]?.status === 'done');
    element.pause(element.items[3]?.id ?? '');
    await uploader.settled();
    const events = heard(uploader);
    const { items } = element;
    for (const list of [element.items, [...element.items], structuredCloneOf(element)]) {
      element.items = list;
      await uploader.settled();
      expect(element.items === items).to.equal(true);
    }
    expect(uploads[1]?.signal.aborted).to.equal(false);
    expect(events).to.deep.equal([]);
    element.items = element.items.filter(({ name }) => name !== 'done');
    await uploader.settled();
    expect(keys(uploader)).to.deep.equal(['a', 'runs', 'paused']);
    expect(uploads[1]?.signal.aborted).to.equal(false);
  });

  it('of another element are shown as stored files, without what is not stored', async () => {
    const uploader = await Uploader.open();
    await uploader.choose(makeFile('a'), makeFile('b'));
    (await uploader.transport.nextUpload()).succeed({ key: 'k', url: 'https://cdn.example/k' });
    await waitUntil(() => uploader.element.items[0]?.status === 'done');
    const other = await Uploader.open();
    other.element.items = JSON.parse(JSON.stringify(uploader.element.items)) as readonly StoredFile[];
    await other.settled();
    expect(keys(other)).to.deep.equal(['k']);
    expect(other.find<HTMLAnchorElement>('a').href).to.equal('https://cdn.example/k');
  });

  it('leave uploads alone, which come after them', async () => {
    const uploader = await Uploader.open();
    await uploader.choose(makeFile('runs'));
    const upload = await uploader.transport.nextUpload();
    const events = heard(uploader);
    for (const list of [[stored('a')], [stored('b'), stored('a')], [stored('b')], []]) {
      uploader.element.items = list;
      await uploader.settled();
      expect(keys(uploader)).to.deep.equal([...list.map(({ key }) => key), 'runs']);
    }
    expect(upload.signal.aborted).to.equal(false);
    expect(events).to.deep.equal(['file-remove', 'file-remove']);
  });

  it('that name a file which was uploaded here do not show it twice', async () => {
    const uploader = await Uploader.open();
    const { element } = uploader;
    element.items = [stored('a')];
    await uploader.choose(makeFile('new'));
    // What applications do: add to their own list what was uploaded, and show that list.
    element.addEventListener('upload-success', ({ detail: { key } }) => {
      element.items = [stored('a'), stored(String(key), { name: 'new' })];
    });
    const events = heard(uploader);
    (await uploader.transport.nextUpload()).succeed({ key: 'new' });
    await waitUntil(() => element.items[1]?.status === 'done');
    await uploader.settled();
    expect(keys(uploader)).to.deep.equal(['a', 'new']);
    expect(element.value).to.deep.equal(['a', 'new']);
    expect(events).to.deep.equal(['upload-success', 'input', 'change']);
    element.items = [stored('a')];
    await uploader.settled();
    expect(keys(uploader)).to.deep.equal(['a']);
  });

  it('undefined and null are an empty list', async () => {
    const uploader = await Uploader.open();
    for (const none of [undefined, null]) {
      uploader.element.items = [stored('a')];
      uploader.element.items = none;
      await uploader.settled();
      expect(uploader.element.items).to.have.length(0);
    }
    const element = document.createElement('qiniu-uploader');
    element.items = undefined;
    document.body.append(element);
    await element.updateComplete;
    element.remove();
    expect(element.items).to.have.length(0);
  });

  it('bring back what the visitor removed when the page sets them again', async () => {
    const uploader = await Uploader.open();
    uploader.element.items = [stored('a'), stored('b')];
    await uploader.settled();
    uploader.button('Remove a.txt').click();
    await uploader.settled();
    expect(keys(uploader)).to.deep.equal(['b']);
    uploader.element.items = [stored('a'), stored('b')];
    expect(keys(uploader)).to.deep.equal(['a', 'b']);
  });

  it('set again do not swallow the next change of the visitor’s', async () => {
    const uploader = await Uploader.open();
    uploader.element.items = [stored('a'), stored('b')];
    await uploader.settled();
    const events = heard(uploader);
    uploader.element.items = [stored('a'), stored('b')];
    await uploader.settled();
    uploader.button('Remove a.txt').click();
    await uploader.settled();
    expect(events).to.deep.equal(['file-remove', 'input', 'change']);
  });

  it('are shown when they are set late, before anything was chosen', async () => {
    const element = await fixture<QiniuUploader>(html`<qiniu-uploader lang="en"></qiniu-uploader>`);
    element.domain = 'https://cdn.example';
    element.items = [{ name: 'a.txt', key: 'k/a' }];
    await waitUntil(() => element.items.length === 1);
    await element.updateComplete;
    const address = (): string | undefined => element.shadowRoot?.querySelector<HTMLAnchorElement>('.name a')?.href;
    expect(address()).to.equal('https://cdn.example/k/a');
    element.domain = 'https://other.example';
    element.items = [{ name: 'a.txt', key: 'k/a' }];
    await element.updateComplete;
    expect(address()).to.equal('https://other.example/k/a');
  });

  it('rendered over and over by a template are left alone', async () => {
    const root = await fixture<HTMLElement>(html`<div></div>`);
    const events: string[] = [];
    const show = (count: number): unknown =>
      render(
        lit`<p>${count}</p><qiniu-uploader lang="en" multiple .items=${[stored('a'), stored('b')]}
          @file-remove=${() => events.push('file-remove')} @change=${() => events.push('change')}></qiniu-uploader>`,
        root,
      );
    show(0);
    const element = root.querySelector('qiniu-uploader') as QiniuUploader;
    await waitUntil(() => element.items.length === 2);
    await element.updateComplete;
    const row = element.shadowRoot?.querySelector('[data-id]');
    for (let count = 1; count < 20; count += 1) {
      show(count);
      await element.updateComplete;
    }
    expect(element.shadowRoot?.querySelector('[data-id]') === row).to.equal(true);
    expect(events).to.deep.equal([]);
  });
});

/** The items as a framework's store gives them back: equal, but other objects. */
function structuredCloneOf({ items }: QiniuUploader): QiniuUploader['items'] {
  return items.map((item) => ({ ...item }));
}
