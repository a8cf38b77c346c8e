import type { Meta, StoryObj } from '@storybook/web-components-vite';
import { html, render } from 'lit';
import { UploadQueue } from '../src/core.js';
import { sampleFile, samplePicture } from './support/sample-files.js';
import { SimulatedTransport, simulatedToken } from './support/simulated-transport.js';
import './theming.css';

/** Themes with custom properties and parts; the last story uses slots and a template. */
const meta: Meta = { title: 'qiniu-uploader/Theming' };
export default meta;

function sampleQueue(): UploadQueue {
  const queue = new UploadQueue({
    transport: new SimulatedTransport(({ file }) =>
      file.name === 'video.mp4' ? { kind: 'hold', share: 0.6 } : { kind: 'success', duration: 1 },
    ),
    tokenProvider: simulatedToken,
    resume: false,
    rules: { maxSize: 20 * 1024 * 1024 },
  });
  queue.add([samplePicture('封面.svg'), sampleFile('video.mp4', 9_000_000), sampleFile('huge.zip', 30_000_000)]);
  return queue;
}

const themed = (theme: string): StoryObj => ({
  render: () => html`<qiniu-uploader class=${theme} multiple max-size="20MB" .queue=${sampleQueue()}></qiniu-uploader>`,
});

export const OwnColours = themed('own-colours');
export const LikeAntDesign = themed('like-ant-design');
export const LikeElementPlus = themed('like-element-plus');

/** Custom drop zone content, custom rows, and content around the list. */
export const OwnRendering: StoryObj = {
  render: () => {
    const uploader = document.createElement('qiniu-uploader');
    uploader.className = 'own-rendering';
    Object.assign(uploader, { multiple: true, queue: sampleQueue() });
    uploader.itemTemplate = (item, { status, actions, messages }) =>
      html`<span>${item.name}</span> <em>${status}</em>
        <button
          type="button"
          part="own-remove"
          data-action="remove"
          aria-label=${messages.actionOn(messages.remove, item.name)}
          @click=${() => actions.remove(item)}
        >
          ${messages.remove}
        </button>`;
    render(
      html`<div slot="dropzone"><button type="button">选择作业 · Choose homework</button></div>
        <p slot="empty">还没有文件 · No files yet</p>
        <small slot="footer">只有老师能看到 · Only the teacher can see them</small>`,
      uploader,
    );
    return uploader;
  },
};
