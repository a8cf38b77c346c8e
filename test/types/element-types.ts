import { createUploadQueue, type KeptFiles, type ResumeRecords } from '../../src/core.js';

/** Compiled, never run: the element and its events are typed wherever they are used. */
const element = document.createElement('qiniu-uploader');

element.addEventListener('upload-success', ({ detail }) => {
  const source: 'callback' | 'return-body' | 'default' | 'confirm' | 'exists' | 'instant' | 'stored' = detail.source;
  const { status }: { status: 'done' } = detail.item;
  return [source, status];
});
element.addEventListener('file-reject', ({ detail }) => detail.reason.code satisfies string);
element.addEventListener('click', (event) => event.clientX satisfies number);

element.listType = 'picture-card';
// @ts-expect-error there is no such layout
element.listType = 'picture-cards';
// @ts-expect-error there is no such detail
element.addEventListener('upload-error', ({ detail }) => detail.response);
// @ts-expect-error a provider answers a token
element.tokenProvider = () => 5;

document.querySelector('qiniu-uploader')?.remove('upload-1');

/** The types of all options are exported (1.6). */
export function openQueue(keptFiles: KeptFiles, resumeRecords: ResumeRecords): unknown {
  return createUploadQueue({ keptFiles, resumeRecords });
}
