import { describe, expect, it } from '../support/suite.js';
import { isAccepted } from '../../src/core.js';
import { MEDIA_SAMPLES } from '../support/media-samples.js';
import { REPORTED_TYPES } from '../support/reported-types.js';

const file = (name: string, type = '') => ({ name, type, size: 10 });

/** `accept`, a file's name, the type that a browser states for it, and who reported the pair. */
type Pair = readonly [accept: string, name: string, type: string, source: string];

const TAKEN: readonly Pair[] = [
  // Reported to other uploaders: each of these files is offered by the picker of the browser in question.
  ['text/csv', 'a.csv', 'application/vnd.ms-excel', 'react-dropzone#276: Windows with Excel'],
  ['text/csv', 'a.csv', '', 'react-dropzone#391: Windows without Excel'],
  ['application/vnd.ms-outlook', 'a.msg', '', 'react-dropzone#276'],
  ['application/zip', 'a.zip', 'application/x-zip-compressed', 'mantine#2191: Windows'],
  ['application/x-zip-compressed', 'a.zip', 'application/zip', 'pocketbase#7303, the other way round'],
  ['application/zip', 'a.zip', 'application/x-compressed-zip', 'adapt-authoring#502'],
  ['image/jpg', 'a.jpg', 'image/jpeg', 'react-dropzone#516'],
  ['image/jpeg', 'a.jpg', 'image/pjpeg', 'Internet Explorer’s registry entries'],
  ['video/*', 'a.mov', '', 'uppy#801'],
  ['video/quicktime', 'a.mov', '', 'uppy#801'],
  ['application/x-rar-compressed', 'a.rar', '', 'NG-ZORRO#6102'],
  ['application/x-rar', 'a.rar', 'application/octet-stream', 'NG-ZORRO#6102'],
  ['application/x-7z-compressed', 'a.7z', '', 'froala/wysiwyg-editor#2493'],
  ['application/vnd.ms-excel', 'a.xls', '', 'react-dropzone/attr-accept#14'],
  ['image/heic', 'a.heic', '', 'baloise/design-system#1847'],
  ['image/heic', 'a.heic', 'image/heif', 'Chromium on Linux'],
  ['image/heic', 'IMG_1', 'image/heif', 'Android: a name without extension'],
  ['audio/*', 'a.wav', '', 'uppy#869'],
  ['application/vnd.visio', 'a.vsdx', '', 'uppy#2489'],
  ['.pptx', 'a.PPTX', '', 'uppy#1340'],
  ['*.heic', 'a.heic', '', 'buefy#3719'],
  ['.csv .xls', 'a.xls', 'application/vnd.ms-excel', 'ng-file-upload#567'],
  ['application/geo+json', 'a.geojson', '', 'kdk#1458'],
  // Further pairs of the same kind.
  ['text/markdown', 'README.md', '', 'Windows'],
  ['text/*', 'README.md', 'application/octet-stream', ''],
  ['video/*', 'a.mkv', 'application/octet-stream', ''],
  ['video/*', 'a.rmvb', 'application/vnd.rn-realmedia-vbr', ''],
  ['video/x-matroska', 'a.mkv', 'video/matroska', ''],
  ['image/*', 'IMG_0001.HEIC', '', ''],
  ['image/*', 'a.CR2', '', ''],
  ['application/ofd', '发票.ofd', '', ''],
  ['application/wps-office.wps', 'a.wps', '', ''],
  ['application/vnd.ms-works', 'a.wps', 'application/kswps', ''],
  ['image/vnd.dwg', 'a.dwg', 'application/acad', ''],
  ['application/vnd.android.package-archive', 'a.apk', '', ''],
  ['application/vnd.android.package-archive', 'a.apk', 'application/zip', ''],
  ['audio/mp3', 'a.mp3', 'audio/mpeg', ''],
  ['audio/mpeg', 'recording', 'audio/mp3', 'a name without extension'],
  ['audio/mp4', 'a.m4a', 'audio/x-m4a', ''],
  ['audio/x-m4a', 'a.m4a', 'audio/mp4', ''],
  ['audio/wav', 'a.wav', 'audio/x-wav', ''],
  ['audio/flac', 'a.flac', 'audio/x-flac', ''],
  ['audio/*', 'a.ogg', 'video/ogg', ''],
  ['application/javascript', 'a.js', 'text/javascript', ''],
  ['text/javascript', 'a.js', 'application/x-javascript', ''],
  ['application/xml', 'a.xml', 'text/xml', ''],
  ['text/xml', 'data', 'application/xml', 'a name without extension'],
  ['application/json', 'a.json', 'text/plain', ''],
  ['application/gzip', 'a.tar.gz', 'application/x-gzip', ''],
  ['.tar.gz', 'A.TAR.GZ', 'application/gzip', ''],
  ['application/gzip', 'a.tgz', 'application/x-compressed-tar', ''],
  ['image/bmp', 'a.bmp', 'image/x-ms-bmp', ''],
  ['image/x-icon', 'a.ico', 'image/vnd.microsoft.icon', ''],
  ['image/svg', 'a.svg', 'image/svg+xml', ''],
  ['application/x-pdf', 'a.pdf', 'application/pdf', ''],
  ['application/msexcel', 'a.xls', 'application/vnd.ms-excel', ''],
  ['font/woff', 'a.woff', 'application/font-woff', ''],
  ['text/plain; charset=utf-8', 'a.txt', 'text/plain;charset=utf-8', 'parameters'],
  ['.pdf', 'document:1234', 'application/pdf', 'Android: a name without extension'],
  ['.docx', 'report', 'application/vnd.openxmlformats-officedocument.wordprocessingml.document', ''],
  ['.jpg', 'a.jpeg', 'image/jpeg', 'macOS: one type, and the picker offers both'],
  ['application/octet-stream', 'a.unknown', '', 'no type is that type'],
  // Lists as they are written by mistake.
  ['pdf', 'a.pdf', 'application/pdf', 'without the dot'],
  ['jpg, png', 'a.png', 'image/png', 'without the dot'],
  ['.jpg;.png', 'a.png', '', 'semicolons'],
  ['.jpg|.png', 'a.png', '', 'bars'],
  ['.jpg，.png、.gif', 'a.gif', '', 'Chinese commas'],
  ['image', 'a.png', 'image/png', 'without the star'],
  ['image/', 'a.png', 'image/png', 'without the star'],
  ['image/.png', 'a.png', '', 'type and extension mixed'],
  ['["image/png","image/jpeg"]', 'a.png', 'image/png', 'JSON'],
  ['*.*', 'a.exe', '', 'everything'],
  ['.*', 'a.exe', '', 'everything'],
  ['.é', 'a.e\u0301', '', 'a name in NFD (F15)'],
];

const REFUSED: readonly Pair[] = [
  ['image/*', 'setup.exe', 'application/x-msdownload', ''],
  ['image/*', 'setup.exe', '', ''],
  ['image/*', 'photo.jpg.exe', 'application/x-msdos-program', ''],
  ['image/*', 'photo.png', 'application/x-msdownload', 'a program by its type'],
  ['image/*,.pdf', 'a.docx', '', ''],
  ['image/png', 'a.jpg', 'image/jpeg', ''],
  ['.png', 'png', '', ''],
  ['.pdf', 'a.txt', 'text/plain', ''],
  ['.txt', 'a.log', 'text/plain', 'one type, but other files'],
  ['text/csv', 'a.xlsx', 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', ''],
  ['video/*', 'a.mp3', 'audio/mpeg', ''],
  ['audio/*', 'a.png', 'image/png', ''],
  ['application/zip', 'a.rar', '', ''],
  ['image', 'a.pdf', 'application/pdf', ''],
  ['pdf', 'apdf', '', ''],
  ['image/*', 'a', '', ''],
  ['image/*', 'constructor', '', ''],
];

describe('accept takes what the picker offers for it (F10)', () => {
  for (const [accept, name, type, source] of TAKEN) {
    it(`"${accept}" takes ${name} (${type || 'no type'})${source && ` - ${source}`}`, () => {
      expect(isAccepted(file(name, type), accept)).to.equal(true);
    });
  }
});

describe('accept refuses what is clearly something else (F10)', () => {
  for (const [accept, name, type, source] of REFUSED) {
    it(`"${accept}" refuses ${name} (${type || 'no type'})${source && ` - ${source}`}`, () => {
      expect(isAccepted(file(name, type), accept)).to.equal(false);
    });
  }
});

describe('accept takes files with the types that browsers were seen to give them (F10)', () => {
  for (const [extension, ...accepts] of MEDIA_SAMPLES) {
    it(`.${extension}, also without a type and with a vague one`, () => {
      const types = [...(REPORTED_TYPES[extension] ?? []), '', 'application/octet-stream'];
      expect(types).to.have.length(4);
      for (const type of types) {
        for (const accept of [...accepts, `.${extension}`]) {
          expect(isAccepted(file(`sample.${extension}`, type), accept), `${accept}, ${type}`).to.equal(true);
          expect(isAccepted(file(`SAMPLE.${extension.toUpperCase()}`, type), accept), `${accept}, ${type}`).to.equal(
            true,
          );
        }
      }
      for (const accept of accepts) {
        for (const type of REPORTED_TYPES['exe'] ?? []) {
          expect(isAccepted(file('setup.exe', type), accept), accept).to.equal(false);
        }
      }
    });
  }
});
