import { QiniuUploader } from './element/qiniu-uploader.js';

export * from './core.js';
export * from './element.js';

// Skips registration on a server, and when another copy of the package has already registered the tag.
if (typeof customElements !== 'undefined' && customElements.get('qiniu-uploader') === undefined) {
  customElements.define('qiniu-uploader', QiniuUploader);
}
