import { QiniuUploader } from './element/qiniu-uploader.js';

export * from './core.js';
export * from './element.js';

// Two copies of the package on a page are no reason to break it; on a server there are no elements to define.
if (typeof customElements !== 'undefined' && customElements.get('qiniu-uploader') === undefined) {
  customElements.define('qiniu-uploader', QiniuUploader);
}
