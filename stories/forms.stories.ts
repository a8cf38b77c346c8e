import type { Meta, StoryObj } from '@storybook/web-components-vite';
import { html } from 'lit';
import { action } from 'storybook/actions';
import { UploadQueue } from '../src/core.js';
import { SimulatedTransport, simulatedToken } from './support/simulated-transport.js';

interface Args {
  readonly required: boolean;
  readonly submit: 'hold' | 'wait';
}

/** The element as a form control. The Actions panel shows the submitted data. */
const meta: Meta<Args> = {
  title: 'qiniu-uploader/Forms',
  args: { required: true, submit: 'wait' },
  argTypes: { submit: { control: 'radio', options: ['hold', 'wait'] } },
  render: ({ required, submit }) => {
    const queue = new UploadQueue({
      transport: new SimulatedTransport(() => ({ kind: 'success', duration: 3000 })),
      tokenProvider: simulatedToken,
      resume: false,
    });
    const send = (event: SubmitEvent): void => {
      event.preventDefault();
      action('submit')(Object.fromEntries(new FormData(event.currentTarget as HTMLFormElement)));
    };
    return html`
      <p class="note">模拟上传，文件不会离开页面。 · Simulated uploads: no file leaves the page.</p>
      <form @submit=${send}>
        <p><label for="photo">照片 · Photo</label></p>
        <qiniu-uploader id="photo" name="photo" submit=${submit} ?required=${required} .queue=${queue}></qiniu-uploader>
        <p><button>提交 · Submit</button> <button type="reset">重置 · Reset</button></p>
      </form>
    `;
  },
};

export default meta;

export const Form: StoryObj<Args> = {};
