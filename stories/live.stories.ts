import type { Meta, StoryObj } from '@storybook/web-components-vite';
import { html } from 'lit';
import { until } from 'lit/directives/until.js';
import { action } from 'storybook/actions';

/**
 * Really uploads: to the local Kodo of the demo server. Run `npm start` beside `npm run storybook`, whose server passes
 * `/api` on to it.
 */
const meta: Meta = { title: 'qiniu-uploader/Live' };
export default meta;

/** Whether the demo server is there: in the static build, and without `npm start`, it is not. */
async function isReachable(): Promise<boolean> {
  try {
    const response = await fetch('/api/uploads?limit=1');
    return response.ok && (response.headers.get('content-type') ?? '').includes('json');
  } catch {
    return false;
  }
}

const absent = html`<p class="note" role="status">
  没有找到演示服务器：请运行 <code>npm start</code>，再用 <code>npm run storybook</code> 打开本页。 · The demo server is
  not there: run <code>npm start</code>, and open this page by <code>npm run storybook</code>.
</p>`;

export const AgainstTheDemoServer: StoryObj = {
  render: () => html`
    ${until(
      isReachable().then((reachable) => (reachable ? '' : absent)),
      '',
    )}
    <qiniu-uploader
      token-endpoint="/api/uploads/token"
      multiple
      @upload-success=${action('upload-success')}
      @upload-error=${action('upload-error')}
    ></qiniu-uploader>
  `,
};
