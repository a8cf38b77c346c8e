/** The element's class, without registering a tag. */
export { QiniuUploader, type QiniuUploaderEventMap } from './element/qiniu-uploader.js';
