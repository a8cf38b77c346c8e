/** Exports the element class without registering its tag. */
export type { Messages } from './i18n/messages.js';
export { QiniuUploader, type QiniuUploaderEventMap } from './element/qiniu-uploader.js';
export type { ItemTemplate, ItemTools } from './element/panel/item-view.js';
