import type { Meta, StoryObj } from '@storybook/web-components-vite';
import { html, LitElement, type TemplateResult } from 'lit';
import { UploadQueue } from '../src/core.js';
import { sampleFile } from './support/sample-files.js';
import { SimulatedTransport, simulatedToken } from './support/simulated-transport.js';

/** A custom user interface based on the queue: `qiniu-uploader/core`. */
const meta: Meta = { title: 'qiniu-uploader/Headless' };
export default meta;

class OwnUploadList extends LitElement {
  readonly #queue = new UploadQueue({
    transport: new SimulatedTransport(() => ({ kind: 'success', duration: 4000 })),
    tokenProvider: simulatedToken,
    resume: false,
  });
  #unsubscribe: (() => void) | undefined;

  override connectedCallback(): void {
    super.connectedCallback();
    this.#unsubscribe = this.#queue.subscribe(() => this.requestUpdate());
    if (this.#queue.size === 0) this.#queue.add([sampleFile('a.bin'), sampleFile('b.bin')]);
  }

  override disconnectedCallback(): void {
    super.disconnectedCallback();
    this.#unsubscribe?.();
  }

  override render(): TemplateResult {
    return html`<ul>
      ${this.#queue.items.map(
        (item) => html`<li>${item.name}: ${item.status} ${'progress' in item ? `${item.progress.percent}%` : ''}</li>`,
      )}
    </ul>`;
  }
}

if (customElements.get('own-upload-list') === undefined) customElements.define('own-upload-list', OwnUploadList);

export const OwnList: StoryObj = { render: () => html`<own-upload-list></own-upload-list>` };
