/** For `<script type="module">`: registers the tag; what uploading needs is loaded from the files beside it. */
import './index.js';

export { QiniuUploader } from './element.js';
