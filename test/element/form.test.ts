import { fixture, html } from '@open-wc/testing';
import { expect } from 'chai';
import type { QiniuUploader } from '../../src/index.js';
import { makeFile } from '../support/files.js';
import { Uploader } from '../support/uploader-harness.js';
import { waitUntil } from '../support/wait-until.js';

const form = (attributes: ReturnType<typeof html>): ReturnType<typeof html> => html`<form>${attributes}</form>`;

async function open(template: ReturnType<typeof html>): Promise<{ uploader: Uploader; form: HTMLFormElement }> {
  const uploader = await Uploader.open({}, form(template));
  return { uploader, form: uploader.element.closest('form') as HTMLFormElement };
}

async function store(uploader: Uploader, name: string, response: unknown): Promise<void> {
  await uploader.choose(makeFile(name, name.length + 10));
  (await uploader.transport.nextUpload()).succeed(response);
  await waitUntil(() => uploader.element.items.at(-1)?.status === 'done');
  await uploader.settled();
}

const entries = (of: HTMLFormElement): readonly FormDataEntryValue[] => new FormData(of).getAll('photo');

describe('in a form', () => {
  it('sends the key of each stored file, and no others', async () => {
    const { uploader, form } = await open(html`<qiniu-uploader lang="en" name="photo" multiple></qiniu-uploader>`);
    expect(entries(form)).to.deep.equal([]);
    await store(uploader, 'a.txt', { key: 'k/a' });
    await store(uploader, 'b.txt', { key: 'k/b' });
    await uploader.choose(makeFile('c.txt'));
    expect(entries(form)).to.deep.equal(['k/a', 'k/b']);
    expect(uploader.element.value).to.deep.equal(['k/a', 'k/b']);
    uploader.button('Remove a.txt').click();
    await uploader.settled();
    expect(entries(form)).to.deep.equal(['k/b']);
  });

  it('has every key of a long list when that is done, although the form is told less often meanwhile', async () => {
    const { uploader, form } = await open(html`<qiniu-uploader lang="en" name="photo" multiple></qiniu-uploader>`);
    const { element } = uploader;
    element.items = Array.from({ length: 150 }, (_, index) => ({ name: `${index}.txt`, key: `k/${index}` }));
    await uploader.settled();
    expect(entries(form)).to.have.length(150);
    await uploader.choose(makeFile('a.txt', 1), makeFile('b.txt', 2));
    const [first, second] = [await uploader.transport.nextUpload(), await uploader.transport.nextUpload()];
    first.succeed({ key: 'k/a' });
    await waitUntil(() => element.items.at(-2)?.status === 'done');
    expect(element.value).to.include('k/a');
    second.succeed({ key: 'k/b' });
    await waitUntil(() => element.items.at(-1)?.status === 'done');
    await uploader.settled();
    expect(entries(form)).to.have.length(152);
    expect(entries(form).slice(-2)).to.deep.equal(['k/a', 'k/b']);
  });

  it('sends the replies where they are wanted', async () => {
    const { uploader, form } = await open(
      html`<qiniu-uploader lang="en" name="photo" value-format="json"></qiniu-uploader>`,
    );
    await store(uploader, 'a.txt', { key: 'k/a', id: 7 });
    expect(entries(form)).to.deep.equal(['{"key":"k/a","id":7}']);
  });

  it('is invalid while it is required and nothing is stored, and says so at its button', async () => {
    const { uploader, form } = await open(html`<qiniu-uploader lang="zh-CN" name="photo" required></qiniu-uploader>`);
    const { element } = uploader;
    expect(element.validity?.valueMissing).to.equal(true);
    expect(element.validationMessage).to.equal('请选择文件。');
    expect(element.matches(':state(invalid)')).to.equal(true);
    expect(form.reportValidity()).to.equal(false);
    expect(uploader.focused).to.equal('选择文件');
    await store(uploader, 'a.txt', { key: 'k' });
    expect(form.checkValidity()).to.equal(true);
    expect(element.matches(':state(invalid)')).to.equal(false);
  });

  it('wants as many files as min-files says', async () => {
    const { uploader } = await open(
      html`<qiniu-uploader lang="en" name="photo" multiple min-files="2"></qiniu-uploader>`,
    );
    await store(uploader, 'a.txt', { key: 'k' });
    expect(uploader.element.validationMessage).to.equal('Please choose at least 2 files.');
    await store(uploader, 'b.txt', { key: 'l' });
    expect(uploader.element.checkValidity()).to.equal(true);
  });

  it('holds a submit while something is uploading', async () => {
    const { uploader, form } = await open(html`<qiniu-uploader lang="en" name="photo"></qiniu-uploader>`);
    let submits = 0;
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      submits += 1;
    });
    await uploader.choose(makeFile('a.txt'));
    const upload = await uploader.transport.nextUpload();
    await uploader.settled();
    form.requestSubmit();
    expect(submits).to.equal(0);
    expect(uploader.element.validationMessage).to.equal('Please wait until all files are uploaded.');
    upload.succeed({ key: 'k' });
    await waitUntil(() => uploader.element.items[0]?.status === 'done');
    await uploader.settled();
    form.requestSubmit();
    expect(submits).to.equal(1);
  });

  it('or lets the submit wait, with its button', async () => {
    const { uploader, form } = await open(
      html`<qiniu-uploader lang="en" name="photo" required submit="wait"></qiniu-uploader>
        <button name="act" value="save">Save</button>`,
    );
    const sent: (FormDataEntryValue | null)[][] = [];
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      const data = new FormData(form, event.submitter);
      sent.push([data.get('photo'), data.get('act')]);
    });
    await uploader.choose(makeFile('a.txt'));
    const upload = await uploader.transport.nextUpload();
    await uploader.settled();
    const button = form.querySelector('button') as HTMLButtonElement;
    button.click();
    button.click();
    expect(sent).to.deep.equal([]);
    upload.succeed({ key: 'k' });
    await waitUntil(() => sent.length > 0);
    await uploader.settled();
    expect(sent).to.deep.equal([['k', 'save']]);
  });

  it('fires input and change when its value changes, but not when the page changes it', async () => {
    const { uploader, form } = await open(html`<qiniu-uploader lang="en" name="photo" multiple></qiniu-uploader>`);
    const heard: string[] = [];
    for (const type of ['input', 'change']) form.addEventListener(type, (event) => heard.push(event.type));
    uploader.element.items = [{ name: 'old.png', key: 'old' }];
    await uploader.settled();
    expect(uploader.element.value).to.deep.equal(['old']);
    expect(heard).to.deep.equal([]);
    await store(uploader, 'a.txt', { key: 'k' });
    expect(heard).to.deep.equal(['input', 'change']);
    uploader.button('Remove old.png').click();
    await uploader.settled();
    expect(heard).to.deep.equal(['input', 'change', 'input', 'change']);
    form.reset();
    await uploader.settled();
    expect(uploader.element.value).to.deep.equal(['old']);
    expect(heard).to.have.length(4);
  });

  it('is disabled with its fieldset', async () => {
    const uploader = await Uploader.open(
      {},
      html`<fieldset disabled><qiniu-uploader lang="en"></qiniu-uploader></fieldset>`,
    );
    expect(uploader.button('Choose file').disabled).to.equal(true);
    expect(uploader.element.matches(':state(disabled)')).to.equal(true);
    (uploader.element.parentElement as HTMLFieldSetElement).disabled = false;
    await uploader.settled();
    expect(uploader.button('Choose file').disabled).to.equal(false);
  });

  it('a click on its label opens the picker', async () => {
    const uploader = await Uploader.open(
      {},
      html`<div><label for="up">Photo</label><qiniu-uploader id="up" lang="en"></qiniu-uploader></div>`,
    );
    let opened = 0;
    uploader.find('input').addEventListener('click', (event) => {
      event.preventDefault();
      opened += 1;
    });
    uploader.element.parentElement?.querySelector('label')?.click();
    expect(opened).to.equal(1);
    expect(uploader.element.labels?.length).to.equal(1);
  });

  it('comes back with its files when the page is gone back to', async () => {
    const element = await fixture<QiniuUploader>(html`<qiniu-uploader lang="en" name="photo"></qiniu-uploader>`);
    element.formStateRestoreCallback('[{"name":"a.png","key":"k","url":"https://cdn.example/k"},{"no":1}]');
    await waitUntil(() => element.items.length === 1);
    await element.updateComplete;
    expect(element.value).to.deep.equal(['k']);
    expect(element.shadowRoot?.querySelector('a')?.href).to.equal('https://cdn.example/k');
    element.formStateRestoreCallback('no JSON');
    await waitUntil(() => element.items.length === 0);
  });
});
