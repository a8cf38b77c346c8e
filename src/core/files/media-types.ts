import { MEDIA_TYPE_TABLE } from './media-type-table.js';

/**
 * Aliases of media types in Windows registries, older browsers and file managers, without the prefix `x-` and the
 * suffix `-compressed`, which {@link mediaType} strips.
 *
 * Sources: https://mimesniff.spec.whatwg.org/ for JavaScript, XML and fonts, the issues linked in `accept.test.ts`, and
 * the types that programs register on Windows and Linux.
 */
const ALIASES: Readonly<Record<string, string>> = {
  'application/acad': 'image/vnd.dwg',
  'application/acrobat': 'application/pdf',
  'application/autocad_dwg': 'image/vnd.dwg',
  'application/bz2': 'application/bzip2',
  'application/compressed-tar': 'application/gzip',
  'application/compressed-zip': 'application/zip',
  'application/csv': 'text/csv',
  'application/dwg': 'image/vnd.dwg',
  'application/dxf': 'image/vnd.dxf',
  'application/ecmascript': 'text/javascript',
  'application/epub': 'application/epub+zip',
  'application/excel': 'application/vnd.ms-excel',
  'application/font-otf': 'font/otf',
  'application/font-sfnt': 'font/ttf',
  'application/font-ttf': 'font/ttf',
  'application/font-woff': 'font/woff',
  'application/font-woff2': 'font/woff2',
  'application/javascript': 'text/javascript',
  'application/kset': 'application/wps-office.et',
  'application/ksdps': 'application/wps-office.dps',
  'application/kswps': 'application/wps-office.wps',
  'application/markdown': 'text/markdown',
  'application/mp4': 'video/mp4',
  'application/ms-excel': 'application/vnd.ms-excel',
  'application/msexcel': 'application/vnd.ms-excel',
  'application/mspowerpoint': 'application/vnd.ms-powerpoint',
  'application/ogg': 'audio/ogg',
  'application/photoshop': 'image/vnd.adobe.photoshop',
  'application/powerpoint': 'application/vnd.ms-powerpoint',
  'application/rar': 'application/vnd.rar',
  'application/text': 'text/plain',
  'application/vnd.ms-word': 'application/msword',
  'application/vnd.rn-realmedia': 'video/vnd.rn-realvideo',
  'application/vnd.rn-realmedia-vbr': 'video/vnd.rn-realvideo',
  'application/word': 'application/msword',
  'application/xls': 'application/vnd.ms-excel',
  'application/yaml': 'text/yaml',
  'audio/m4a': 'audio/mp4',
  'audio/mid': 'audio/midi',
  'audio/mp3': 'audio/mpeg',
  'audio/mpeg-3': 'audio/mpeg',
  'audio/mpeg3': 'audio/mpeg',
  'audio/mpg': 'audio/mpeg',
  'audio/opus+ogg': 'audio/ogg',
  'audio/vnd.wave': 'audio/wav',
  'audio/wave': 'audio/wav',
  'image/dwg': 'image/vnd.dwg',
  'image/dxf': 'image/vnd.dxf',
  'image/heic-sequence': 'image/heic',
  'image/heif': 'image/heic',
  'image/heif-sequence': 'image/heic',
  'image/ico': 'image/vnd.microsoft.icon',
  'image/icon': 'image/vnd.microsoft.icon',
  'image/jpg': 'image/jpeg',
  'image/ms-bmp': 'image/bmp',
  'image/photoshop': 'image/vnd.adobe.photoshop',
  'image/pjpeg': 'image/jpeg',
  'image/psd': 'image/vnd.adobe.photoshop',
  'image/svg': 'image/svg+xml',
  'image/tif': 'image/tiff',
  'image/windows-bmp': 'image/bmp',
  'multipart/zip': 'application/zip',
  'text/comma-separated-values': 'text/csv',
  'text/ecmascript': 'text/javascript',
  'text/json': 'application/json',
  'text/pdf': 'application/pdf',
  'text/rtf': 'application/rtf',
  'text/xml': 'application/xml',
  'video/3gp': 'video/3gpp',
  'video/avi': 'video/msvideo',
  'video/mov': 'video/quicktime',
  'video/mpg': 'video/mpeg',
  'video/wmv': 'video/ms-wmv',
};

/** The result of {@link mediaType} for an unknown type. */
export const UNKNOWN_TYPE = 'application/octet-stream';

/** Types that browsers report for unknown types. */
const UNKNOWN = /^$|^(application|binary)\/(octet-stream|download|force-download|unknown)$/;

/** Types of executables, which a file's extension cannot override. */
const PROGRAM =
  /^application\/(ms-?do(wnload|s-program|s-executable)|dosexec|executable|vnd\.microsoft\.portable-executable)$/;

/** Normalizes a media type: lower case, without parameters, aliases resolved. */
export function mediaType(type: string): string {
  const [essence = ''] = type.toLowerCase().split(';');
  const name = essence
    .trim()
    .replace('/x-', '/')
    .replace(/-compressed$/, '');
  return UNKNOWN.test(name) ? UNKNOWN_TYPE : (ALIASES[name] ?? name);
}

/** Whether a media type, normalized by {@link mediaType}, is an executable. */
export function isProgram(type: string): boolean {
  return PROGRAM.test(type);
}

/** Returns the media types of an extension, given in lower case without its dot; empty if it is unknown. */
export function typesOfExtension(extension: string): readonly string[] {
  table ??= readTable();
  return table.types.get(extension) ?? [];
}

/** Returns the extensions of a media type, without dots. */
export function extensionsOfType(type: string): readonly string[] {
  table ??= readTable();
  return table.extensions.get(mediaType(type)) ?? [];
}

interface MediaTypes {
  readonly types: ReadonlyMap<string, readonly string[]>;
  readonly extensions: ReadonlyMap<string, readonly string[]>;
}

/** Parsed on first use. */
let table: MediaTypes | undefined;

function readTable(): MediaTypes {
  const types = new Map<string, string[]>();
  const extensions = new Map<string, string[]>();
  const add = (map: Map<string, string[]>, key: string, value: string): void => {
    const values = map.get(key);
    if (values === undefined) map.set(key, [value]);
    else values.push(value);
  };
  for (const [family, entries] of Object.entries(MEDIA_TYPE_TABLE)) {
    for (const entry of entries.split(';')) {
      const [subtype = '', list = ''] = entry.split(':');
      const type = mediaType(`${family}/${subtype}`);
      for (const extension of list.split(',')) {
        add(types, extension, type);
        add(extensions, type, extension);
      }
    }
  }
  return { types, extensions };
}
