import type { Meta, StoryObj } from '@storybook/web-components-vite';
import { html } from 'lit';
import { ifDefined } from 'lit/directives/if-defined.js';
import { action } from 'storybook/actions';
import { UPLOAD_EVENT_NAMES, UploadQueue } from '../src/core.js';
import type { QiniuUploader } from '../src/index.js';
import { SimulatedTransport, simulatedToken } from './support/simulated-transport.js';

interface Args {
  readonly accept?: string;
  readonly multiple: boolean;
  readonly disabled: boolean;
  readonly maxFiles?: number;
  readonly maxSize?: string;
  readonly listType: 'text' | 'picture' | 'picture-card' | 'none';
}

/** Chosen files are "uploaded" in three seconds; the queue, the element and the events are the real ones. */
const meta: Meta<Args> = {
  title: 'qiniu-uploader/Playground',
  args: { multiple: true, disabled: false, accept: '', maxSize: '20MB', maxFiles: 9, listType: 'picture' },
  argTypes: {
    accept: { control: 'text' },
    maxFiles: { control: 'number' },
    maxSize: { control: 'text' },
    listType: { control: 'radio', options: ['text', 'picture', 'picture-card', 'none'] },
  },
  render: ({ accept, multiple, disabled, maxFiles, maxSize, listType }) => html`
    <p class="note">
      模拟上传：文件不会离开页面，事件见下方 Actions 面板。 · Simulated: no file leaves the page; events are in the
      Actions panel.
    </p>
    <qiniu-uploader
      accept=${ifDefined(accept || undefined)}
      max-files=${ifDefined(maxFiles)}
      max-size=${ifDefined(maxSize || undefined)}
      list-type=${listType}
      ?multiple=${multiple}
      ?disabled=${disabled}
    ></qiniu-uploader>
  `,
  play: ({ canvasElement, args: { accept, maxSize } }) => {
    const uploader = canvasElement.querySelector<QiniuUploader>('qiniu-uploader');
    if (uploader === null) return;
    const queue = new UploadQueue({
      transport: new SimulatedTransport(() => ({ kind: 'success', duration: 3000 })),
      tokenProvider: simulatedToken,
      resume: false,
      rules: { ...(accept ? { accept } : {}), maxSize: maxSize ? 20 * 1024 * 1024 : undefined },
    });
    for (const name of UPLOAD_EVENT_NAMES) queue.addEventListener(name, (event) => void action(name)(event.detail));
    uploader.queue = queue;
  },
};

export default meta;

export const Playground: StoryObj<Args> = {};
