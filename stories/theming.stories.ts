import type { Meta, StoryObj } from '@storybook/web-components-vite';
import { html } from 'lit';
import { UploadQueue } from '../src/core.js';
import { sampleFile, samplePicture } from './support/sample-files.js';
import { SimulatedTransport, simulatedToken } from './support/simulated-transport.js';
import './theming.css';

/** By CSS alone: custom properties and parts. */
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
