import type { Meta, StoryObj } from '@storybook/web-components-vite';
import { html } from 'lit';
import { until } from 'lit/directives/until.js';
import { action } from 'storybook/actions';

/**
 * Uploads to the local Kodo of the demo server. Run `npm start` alongside `npm run storybook`, which proxies `/api` to the
 * demo server.
 */
const meta: Meta = { title: 'qiniu-uploader/Live' };
export default meta;

/** Whether the demo server is running. It is not available in the static build. */
async function isReachable(): Promise<boolean> {
  try {
    const response = await fetch('/api/uploads?limit=1');
    return response.ok && (response.headers.get('content-type') ?? '').includes('json');
  } catch {
    return false;
  }
}

const absent = html`<p class="note" role="status">
  未检测到演示服务器：请先运行 <code>npm start</code>，再运行 <code>npm run storybook</code> 打开本页。 · The demo
  server is not running. Run <code>npm start</code>, then open this page with <code>npm run storybook</code>.
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
