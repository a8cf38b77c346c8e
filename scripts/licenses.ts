import { readFile } from 'node:fs/promises';
import type { Plugin } from 'vite';

/** The part of a build chunk that the notice needs. */
interface BundledChunk {
  readonly moduleIds: readonly string[];
}

/** Licence text for packages that declare the MIT licence but include no licence file. */
const MIT = `Permission is hereby granted, free of charge, to any person obtaining a copy of this software and associated documentation files (the "Software"), to deal in the Software without restriction, including without limitation the rights to use, copy, modify, merge, publish, distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the Software is furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM, OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE.`;

/** Comment that lists the packages in a chunk and the file with their licences, because minifiers remove notices. */
export function noticeFor(file: string): (chunk: BundledChunk) => string {
  return ({ moduleIds }) => {
    const names = moduleIds.flatMap((id) => {
      if (id.endsWith('/media-type-table.ts')) return 'data of mime-db';
      return /.*\/node_modules\/((?:@[^/]+\/)?[^/]+)\//.exec(id)?.[1] ?? [];
    });
    if (names.length === 0) return '';
    return `/*! Contains ${[...new Set(names)].sort().join(', ')}. Licences: ${file} */`;
  };
}

/** Adds the MIT text to Vite's list of licences for packages without a licence file (qiniu-js). */
export function withTexts(licenses: string): string {
  return licenses.replace(/^## (\S+) - \S+ \(MIT\)\n(?=\s*(?:## |$(?![^])))/gm, (heading: string, name: string) => {
    const holder = name === 'qiniu-js' ? 'Qiniu' : `the authors of ${name}`;
    return `${heading}\nCopyright (c) ${holder}\n\n${MIT}\n`;
  });
}

/** Adds the licence of mime-db, whose data is included in our source, to Vite's list of licences. */
export function addDataLicense(fileName: string): Plugin {
  return {
    name: 'add-data-license',
    generateBundle: {
      order: 'post',
      async handler(_, bundle) {
        const list = bundle[fileName];
        if (list?.type !== 'asset') throw new Error(`${fileName} is not in the build.`);
        const folder = new URL('../node_modules/mime-db/', import.meta.url);
        const { version } = JSON.parse(await readFile(new URL('package.json', folder), 'utf8')) as { version: string };
        const text = await readFile(new URL('LICENSE', folder), 'utf8');
        list.source = `${String(list.source).trimEnd()}\n\n## mime-db - ${version} (MIT)\n\n${text}`;
      },
    },
  };
}
