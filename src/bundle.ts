/** Entry for `<script type="module">`: registers the tag. The upload modules load on demand from adjacent files. */
import './index.js';

export { QiniuUploader } from './element.js';
