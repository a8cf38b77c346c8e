/** All that is loaded with the first upload. */
export { askForConfirmation } from './ask-for-confirmation.js';
export { askForToken } from './ask-for-token.js';
export { QiniuTransport } from './qiniu/qiniu-transport.js';
export { UploadEngine } from './upload-engine.js';
