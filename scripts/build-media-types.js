/**
 * Generates `src/core/files/media-type-table.ts`, which maps media types to file extensions, from mime-db.
 *
 *   npm run build:media-types
 *
 * To update it, update mime-db in package.json and run the command again. `test/server/media-type-table.test.ts` fails
 * if the file does not match the installed mime-db.
 */
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

const require = createRequire(import.meta.url);

export const TABLE = fileURLToPath(new URL('../src/core/files/media-type-table.ts', import.meta.url));

/** Top-level types that are included completely. Of the others, only the subtypes in `OTHERS` are included. */
const FAMILIES = ['audio', 'font', 'image', 'model', 'text', 'video'];

/** Types that are commonly uploaded: the other 600 in mime-db would double the size of the table. */
const OTHERS = [
  ...['atom+xml', 'dash+xml', 'dicom', 'epub+zip', 'geo+json', 'gpx+xml', 'gzip', 'java-archive', 'json', 'json5'],
  ...['ld+json', 'manifest+json', 'mbox', 'mp4', 'msword', 'mxf', 'octet-stream', 'ogg', 'onenote', 'oxps', 'pdf'],
  ...['pgp-encrypted', 'pgp-keys', 'pgp-signature', 'pkcs7-mime', 'pkcs7-signature', 'pkcs8', 'pkcs10', 'pkix-cert'],
  ...['postscript', 'rdf+xml', 'rss+xml', 'rtf', 'smil+xml', 'sql', 'tei+xml', 'toml', 'ttml+xml', 'wasm', 'xhtml+xml'],
  ...['xml', 'xml-dtd', 'xslt+xml', 'zip', 'vnd.adobe.xfdf', 'vnd.amazon.ebook', 'vnd.android.package-archive'],
  ...['vnd.apple.keynote', 'vnd.apple.mpegurl', 'vnd.apple.numbers', 'vnd.apple.pages', 'vnd.apple.pkpass'],
  ...[
    'vnd.autodesk.fbx',
    'vnd.google-earth.kml+xml',
    'vnd.google-earth.kmz',
    'vnd.iccprofile',
    'vnd.ms-cab-compressed',
  ],
  ...['vnd.ms-excel', 'vnd.ms-excel.sheet.binary.macroenabled.12', 'vnd.ms-excel.sheet.macroenabled.12'],
  ...['vnd.ms-excel.template.macroenabled.12', 'vnd.ms-fontobject', 'vnd.ms-htmlhelp', 'vnd.ms-outlook'],
  ...['vnd.ms-powerpoint', 'vnd.ms-powerpoint.presentation.macroenabled.12', 'vnd.ms-project'],
  ...['vnd.ms-powerpoint.slideshow.macroenabled.12', 'vnd.ms-word.document.macroenabled.12', 'vnd.ms-works'],
  ...['vnd.ms-word.template.macroenabled.12', 'vnd.ms-xpsdocument', 'vnd.oasis.opendocument.graphics'],
  ...['vnd.oasis.opendocument.formula', 'vnd.oasis.opendocument.presentation', 'vnd.oasis.opendocument.spreadsheet'],
  ...['vnd.oasis.opendocument.text', 'vnd.oasis.opendocument.text-template', 'vnd.openstreetmap.data+xml'],
  ...['vnd.openxmlformats-officedocument.presentationml.presentation', 'vnd.recordare.musicxml+xml'],
  ...['vnd.openxmlformats-officedocument.presentationml.slideshow', 'vnd.rar', 'vnd.rn-realmedia'],
  ...['vnd.openxmlformats-officedocument.presentationml.template', 'vnd.rn-realmedia-vbr', 'vnd.visio'],
  ...['vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'vnd.wordperfect', 'vnd.tcpdump.pcap'],
  ...['vnd.openxmlformats-officedocument.spreadsheetml.template', 'x-7z-compressed', 'x-ace-compressed'],
  ...['vnd.openxmlformats-officedocument.wordprocessingml.document', 'x-abiword', 'x-apple-diskimage', 'x-bittorrent'],
  ...['vnd.openxmlformats-officedocument.wordprocessingml.template', 'x-blender', 'x-bzip', 'x-bzip2', 'x-cbr'],
  ...[
    'x-chrome-extension',
    'x-debian-package',
    'x-dvi',
    'x-gnumeric',
    'x-gtar',
    'x-hdf',
    'x-httpd-php',
    'x-ipynb+json',
  ],
  ...['x-iso9660-image', 'x-keepass2', 'x-latex', 'x-lzh-compressed', 'x-mobipocket-ebook', 'x-ms-shortcut'],
  ...[
    'x-msaccess',
    'x-msdos-program',
    'x-msdownload',
    'x-msmetafile',
    'x-mspublisher',
    'x-netcdf',
    'x-perl',
    'x-pkcs12',
  ],
  ...['x-redhat-package-manager', 'x-research-info-systems', 'x-sh', 'x-shockwave-flash', 'x-sql', 'x-stuffit'],
  ...['x-subrip', 'x-tar', 'x-tex', 'x-x509-ca-cert', 'x-xliff+xml', 'x-xz'],
].map((name) => `application/${name}`);

/**
 * Types missing from mime-db, with their source: `chromium` is `net/base/mime_util.cc`, `fdo` is shared-mime-info of
 * freedesktop.org, `maker` is the program that creates the files.
 */
const ADDED = {
  'application/gzip': ['tgz'], // chromium
  'application/ofd': ['ofd'], // GB/T 33190, the Chinese standard for fixed-layout documents
  'application/vnd.apache.parquet': ['parquet'], // IANA
  'application/wps-office.dps': ['dps'], // maker: WPS Office
  'application/wps-office.et': ['et'],
  'application/wps-office.wps': ['wps'],
  'application/x-caj': ['caj'], // maker: CNKI
  'application/x-ndjson': ['jsonl', 'ndjson'], // fdo
  'application/x-xmind': ['xmind'], // maker: XMind
  'application/zstd': ['zst'], // IANA
  'audio/x-ape': ['ape'], // fdo
  'audio/x-m4b': ['m4b'], // fdo
  'audio/x-opus+ogg': ['opus'], // fdo
  'image/jpeg': ['jfif', 'pjp', 'pjpeg'], // chromium
  'image/x-raw': ['arw', 'cr2', 'cr3', 'nef', 'nrw', 'orf', 'pef', 'raf', 'rw2', 'srw'], // cameras' own formats
  'text/x-go': ['go'], // fdo
  'text/x-kotlin': ['kt'], // fdo
  'text/x-python': ['py'], // fdo
  'text/x-rust': ['rs'], // fdo
  'text/x-typescript': ['tsx'], // fdo
  'text/x-vue': ['vue'], // maker: Vue
  'video/vnd.rn-realvideo': ['rm', 'rmvb'], // fdo
};

/** Returns the module source for the installed mime-db. */
export async function mediaTypeTable() {
  const db = require('mime-db');
  const { version } = require('mime-db/package.json');
  const missing = OTHERS.filter((type) => !db[type]?.extensions);
  if (missing.length > 0) throw new Error(`mime-db ${version} has no extensions for ${missing.join(', ')}.`);
  const types = new Map();
  const add = (type, extensions) => types.set(type, [...new Set([...(types.get(type) ?? []), ...extensions])]);
  for (const [type, { extensions }] of Object.entries(db)) {
    if (extensions && (FAMILIES.includes(type.split('/')[0]) || OTHERS.includes(type))) add(type, extensions);
  }
  for (const [type, extensions] of Object.entries(ADDED)) add(type, extensions);
  const families = {};
  for (const [type, extensions] of [...types].sort(([one], [other]) => (one < other ? -1 : 1))) {
    const [family, subtype] = type.split('/');
    families[family] = [...(families[family] ?? []), `${subtype}:${extensions.join()}`];
  }
  const source = `/*!
 * Written by \`npm run build:media-types\`; do not edit. Contains data of mime-db ${version}:
 * Copyright (c) 2014 Jonathan Ong, copyright (c) 2015-2022 Douglas Christopher Wilson, MIT License.
 */

/** File extensions by media type, in a string for each family: \`subtype:extension,extension;subtype:…\`. */
export const MEDIA_TYPE_TABLE: Readonly<Record<string, string>> = {
${Object.entries(families)
  .map(([family, entries]) => `  ${family}: '${entries.join(';')}',`)
  .join('\n')}
};
`;
  return format(source, { ...(await resolveConfig(TABLE)), filepath: TABLE });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) await writeFile(TABLE, await mediaTypeTable());
