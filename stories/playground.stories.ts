import type { Meta, StoryObj } from '@storybook/web-components-vite';
import { html } from 'lit';
import { action } from 'storybook/actions';
import { UPLOAD_EVENT_NAMES, UploadQueue } from '../src/core.js';
import { readCount, readSize } from '../src/element/attributes.js';
import { readCompress, readPixels } from '../src/element/panel/panel-attributes.js';
import type { QiniuUploader } from '../src/index.js';
import { SimulatedTransport, simulatedToken } from './support/simulated-transport.js';

type Args = Partial<
  Pick<
    QiniuUploader,
    | 'accept'
    | 'compress'
    | 'concurrency'
    | 'disabled'
    | 'directory'
    | 'dropTarget'
    | 'listType'
    | 'manual'
    | 'maxFiles'
    | 'maxImageSize'
    | 'maxSize'
    | 'maxTotalSize'
    | 'minImageSize'
    | 'minSize'
    | 'multiple'
    | 'paste'
  >
>;

/** Controls in display order. Descriptions come from the manifest. */
const CONTROLS = {
  listType: { control: 'radio', options: ['picture', 'text', 'picture-card', 'none'] },
  multiple: { control: 'boolean' },
  disabled: { control: 'boolean' },
  manual: { control: 'boolean' },
  directory: { control: 'boolean' },
  accept: { control: 'text' },
  maxFiles: { control: 'number' },
  maxSize: { control: 'text' },
  minSize: { control: 'text' },
  maxTotalSize: { control: 'text' },
  minImageSize: { control: 'text' },
  maxImageSize: { control: 'text' },
  compress: { control: 'text' },
  dropTarget: { control: 'text' },
  paste: { control: 'radio', options: ['self', 'document', 'off'] },
  concurrency: { control: 'number' },
} as const;

/** Simulates uploads of three seconds with the real queue, element and events. */
const meta: Meta<Args> = {
  title: 'qiniu-uploader/Playground',
  component: 'qiniu-uploader',
  args: { multiple: true, listType: 'picture', maxSize: '20MB', maxFiles: 9 },
  argTypes: CONTROLS,
  parameters: { controls: { include: Object.keys(CONTROLS), sort: 'none' } },
  render: (args) => {
    const uploader = document.createElement('qiniu-uploader');
    Object.assign(uploader, args, { queue: queueFor(args) });
    return html`<p class="note">
        模拟上传：文件不会离开页面，事件见下方 Actions 面板。 · Simulated uploads: no file leaves the page. Events
        appear in the Actions panel.
      </p>
      ${uploader}`;
  },
};

export default meta;

export const Playground: StoryObj<Args> = {};

/** Maps the controls to queue settings, because a queue created by the page ignores the element's attributes. */
function queueFor({ multiple, compress, manual, concurrency, ...args }: Args): UploadQueue {
  const queue = new UploadQueue({
    transport: new SimulatedTransport(() => ({ kind: 'success', duration: 3000 })),
    tokenProvider: simulatedToken,
    resume: false,
    manual,
    concurrency: readCount('concurrency', concurrency) ?? 6,
    compress: readCompress(compress),
    rules: {
      accept: args.accept,
      maxSize: readSize('max-size', args.maxSize),
      minSize: readSize('min-size', args.minSize),
      maxTotalSize: readSize('max-total-size', args.maxTotalSize),
      maxFiles: multiple ? readCount('max-files', args.maxFiles) : undefined,
      minImageSize: readPixels('min-image-size', args.minImageSize),
      maxImageSize: readPixels('max-image-size', args.maxImageSize),
    },
  });
  for (const name of UPLOAD_EVENT_NAMES) queue.addEventListener(name, (event) => void action(name)(event.detail));
  return queue;
}
