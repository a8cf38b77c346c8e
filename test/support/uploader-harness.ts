import { fixture, html } from '@open-wc/testing';
import type { TemplateResult } from 'lit';
import { UPLOAD_EVENT_NAMES, UploadQueue, type UploadQueueSettings } from '../../src/core.js';
import '../../src/index.js';
import type { QiniuUploader } from '../../src/index.js';
import { FakeTransport, makeToken } from './fake-transport.js';

/** An element on a page, operated as a user would, with a transport that the test controls. */
export class Uploader {
  readonly element: QiniuUploader;
  readonly transport: FakeTransport;
  /** Names of the events that the element has dispatched, in order. */
  readonly events: string[] = [];

  private constructor(element: QiniuUploader, transport: FakeTransport) {
    this.element = element;
    this.transport = transport;
    for (const name of UPLOAD_EVENT_NAMES) element.addEventListener(name, () => this.events.push(name));
  }

  /** Creates an element whose queue uses a fake transport. */
  static async open(
    settings: UploadQueueSettings = {},
    template: TemplateResult = html`<qiniu-uploader lang="en" multiple></qiniu-uploader>`,
  ): Promise<Uploader> {
    const transport = new FakeTransport();
    const queue = new UploadQueue({
      transport,
      resume: false,
      upHosts: ['https://up.example'],
      tokenProvider: () => ({ token: makeToken({ scope: 'demo:k' }), key: 'k' }),
      ...settings,
    });
    const root = await fixture<HTMLElement>(template);
    const element = root.matches('qiniu-uploader') ? root : root.querySelector('qiniu-uploader');
    const uploader = new Uploader(element as QiniuUploader, transport);
    uploader.element.queue = queue;
    await uploader.settled();
    return uploader;
  }

  async settled(): Promise<void> {
    await this.element.updateComplete;
  }

  find<E extends Element = HTMLElement>(selector: string): E {
    const found = this.element.shadowRoot?.querySelector<E>(selector);
    if (!found) throw new Error(`There is no ${selector}.`);
    return found;
  }

  all(selector: string): readonly HTMLElement[] {
    return [...(this.element.shadowRoot?.querySelectorAll<HTMLElement>(selector) ?? [])];
  }

  /** Finds a button by its accessible name. */
  button(name: string): HTMLButtonElement {
    const found = this.all('button').find((button) => (button.ariaLabel ?? button.textContent.trim()) === name);
    if (!found) throw new Error(`There is no button "${name}", but ${this.buttonNames().join(', ')}.`);
    return found as HTMLButtonElement;
  }

  buttonNames(): readonly string[] {
    return this.all('button').map((button) => button.ariaLabel ?? button.textContent.trim());
  }

  /** Returns the text of a row, with whitespace collapsed. */
  rowText(index = 0): string {
    const row = this.all('[data-id]')[index];
    if (!row) throw new Error(`There is no row ${index}.`);
    return row.textContent.replace(/\s+/g, ' ').trim();
  }

  /** Label of the focused control in the shadow root. */
  get focused(): string | null | undefined {
    const active = this.element.shadowRoot?.activeElement;
    return active?.ariaLabel ?? active?.textContent.trim();
  }

  /** Text of the live region. */
  get spoken(): string {
    return this.find('[role=status]').textContent.trim();
  }

  /** Chooses files in the file input. */
  async choose(...files: File[]): Promise<void> {
    const input = this.find<HTMLInputElement>('input[type=file]');
    const transfer = new DataTransfer();
    for (const file of files) transfer.items.add(file);
    input.files = transfer.files;
    input.dispatchEvent(new Event('change'));
    await this.settled();
  }

  /** Drags files over the drop zone and drops them. @returns whether the browser would have opened them itself */
  async drop(transfer: DataTransfer): Promise<boolean> {
    const zone = this.find('.dropzone');
    const send = (type: string): boolean =>
      zone.dispatchEvent(
        new DragEvent(type, { dataTransfer: transfer, bubbles: true, composed: true, cancelable: true }),
      );
    send('dragenter');
    send('dragover');
    const isOpened = send('drop');
    await new Promise((resolve) => setTimeout(resolve));
    await this.settled();
    return isOpened;
  }
}

/** Creates the data of a drag with these files. */
export function filesDragged(...files: readonly File[]): DataTransfer {
  const transfer = new DataTransfer();
  for (const file of files) transfer.items.add(file);
  return transfer;
}
