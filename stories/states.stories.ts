import type { Meta, StoryObj } from '@storybook/web-components-vite';
import { html, type TemplateResult } from 'lit';
import { UploadError, UploadQueue, type Connectivity } from '../src/core.js';
import { sampleFile, samplePhoto, samplePicture } from './support/sample-files.js';
import { SimulatedTransport, simulatedToken, type SimulatedOutcome } from './support/simulated-transport.js';

const meta: Meta = { title: 'qiniu-uploader/States' };
export default meta;

type Story = StoryObj;

const ONLINE: Connectivity = { online: true, subscribe: () => () => undefined };
const OFFLINE: Connectivity = { online: false, subscribe: () => () => undefined };

interface Setup {
  readonly files: readonly File[];
  /** Outcomes by file name. Other files succeed. */
  readonly outcomes?: Readonly<Record<string, SimulatedOutcome>>;
  readonly connectivity?: Connectivity;
  readonly manual?: boolean;
  readonly retries?: number;
}

function queueOf({ files, outcomes = {}, connectivity = ONLINE, manual = false, retries = 0 }: Setup): UploadQueue {
  const queue = new UploadQueue({
    transport: new SimulatedTransport(({ file }) => outcomes[file.name] ?? { kind: 'success', duration: 1 }),
    tokenProvider: simulatedToken,
    concurrency: 20,
    resume: false,
    connectivity,
    manual,
    retries,
    rules: { maxSize: 20 * 1024 * 1024, accept: 'image/*,.pdf,.zip,.mp4,.txt,.bin' },
  });
  queue.add(files);
  return queue;
}

function show(setup: Setup, { narrow = false, listType = 'picture' } = {}): Story {
  return {
    parameters: { narrow },
    render: (): TemplateResult => html`
      <p class="note">模拟上传，文件不会离开页面。 · Simulated uploads: no file leaves the page.</p>
      <qiniu-uploader multiple max-size="20MB" list-type=${listType} .queue=${queueOf(setup)}></qiniu-uploader>
    `,
  };
}

const failure = (...given: ConstructorParameters<typeof UploadError>): SimulatedOutcome => ({
  kind: 'failure',
  error: new UploadError(...given),
});

const ALL: Setup = {
  files: [
    samplePicture('西湖的春天.svg'),
    sampleFile('报告.pdf', 3_400_000),
    sampleFile('video.mp4', 18_000_000),
    sampleFile('archive.zip'),
    sampleFile('contract.pdf'),
    sampleFile('huge.mp4', 30_000_000),
    sampleFile('script.exe', 1000),
  ],
  outcomes: {
    '报告.pdf': { kind: 'hold', share: 0.45 },
    'video.mp4': { kind: 'confirming' },
    'archive.zip': failure('forbidden', 'x', {
      serverMessage: "key doesn't match with scope",
      reqid: 'TUEAAABr3XDaYrIX',
    }),
    'contract.pdf': failure('callback-failed', 'x', {
      status: 579,
      reqid: 'TUEAAABr3XDaYrIX',
      callback: { key: 'k', hash: 'h', reason: 'refused', status: 500, message: 'database is down' },
    }),
  },
};

export const Empty = show({ files: [] });
export const All = show(ALL);
export const Narrow = show(ALL, { narrow: true });
export const Text = show(ALL, { listType: 'text' });
export const PictureCards = show(ALL, { listType: 'picture-card' });
export const PictureCardsNarrow = show(ALL, { narrow: true, listType: 'picture-card' });
/** Photos with different aspect ratios. */
export const Pictures: Story = {
  render: () => {
    const queue = queueOf({ files: [] });
    const photos = [
      samplePhoto('西湖.jpg', 1600, 900),
      samplePhoto('塔.jpg', 900, 1600, 20),
      samplePhoto('全景.jpg', 3000, 500, 280),
    ];
    void Promise.all(photos).then((files) => queue.add(files));
    return html`${['picture', 'picture-card'].map(
      (type) => html`<qiniu-uploader multiple list-type=${type} .queue=${queue}></qiniu-uploader>`,
    )}`;
  },
};
export const Queued = show({ files: [sampleFile('one.txt', 1200), sampleFile('two.txt', 5600)], manual: true });
export const Offline = show({ files: [sampleFile('waits.zip')], connectivity: OFFLINE });
export const Waiting = show({
  files: [sampleFile('waits.zip')],
  retries: 5,
  outcomes: { 'waits.zip': failure('server-error', 'x', { status: 503, retryAfter: 3_600_000 }) },
});
export const Retryable = show({
  files: [sampleFile('a.zip'), sampleFile('b.zip')],
  outcomes: { 'a.zip': failure('network', 'x'), 'b.zip': failure('token-refused', 'x', { serverMessage: '请先登录' }) },
});
export const HostileNames = show({
  files: [
    sampleFile('<img src=x onerror=alert(1)>.txt', 10),
    sampleFile('😀🎉 "quoted" \\ ../../etc/passwd.txt', 10),
    sampleFile(`${'很长的文件名'.repeat(30)}.txt`, 10),
    sampleFile('ملف عربي.txt', 10),
  ],
});

export const Paused: Story = {
  render: () => {
    const queue = queueOf({
      files: [sampleFile('half.mp4', 12_000_000)],
      outcomes: { 'half.mp4': { kind: 'hold', share: 0.5 } },
    });
    queue.addEventListener('upload-progress', () => queue.pause());
    return html`<qiniu-uploader multiple .queue=${queue}></qiniu-uploader>`;
  },
};

export const Disabled: Story = {
  render: () => html`<qiniu-uploader multiple disabled max-size="20MB" max-files="3"></qiniu-uploader>`,
};

export const Single: Story = { render: () => html`<qiniu-uploader accept="image/*" max-size="5MB"></qiniu-uploader>` };

/** Renders only visible rows. The search field finds files by name. */
export const TenThousand: Story = {
  render: () => {
    const files = Array.from({ length: 10_000 }, (_, index) => sampleFile(`照片-${index + 1}.txt`, 1000 + index));
    return html`<qiniu-uploader multiple .queue=${queueOf({ files, manual: true })}></qiniu-uploader>`;
  },
};

export const Languages: Story = {
  render: () =>
    html`${['zh-CN', 'zh-TW', 'en', 'ja', 'ko'].map(
      (lang) =>
        html`<qiniu-uploader multiple lang=${lang} .queue=${queueOf(ALL)}></qiniu-uploader>
          <hr />`,
    )}`,
};

export const RightToLeft: Story = {
  render: () => html`<div dir="rtl"><qiniu-uploader multiple lang="en" .queue=${queueOf(ALL)}></qiniu-uploader></div>`,
};
