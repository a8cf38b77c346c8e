import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';

interface Generator {
  readonly TABLE: string;
  readonly mediaTypeTable: () => Promise<string>;
}

test('the table of media types is that of the installed mime-db; else run `npm run build:media-types` (F10)', async () => {
  const generator = new URL('../../scripts/build-media-types.js', import.meta.url).href;
  const { TABLE, mediaTypeTable } = (await import(generator)) as Generator;
  assert.equal(await readFile(TABLE, 'utf8'), await mediaTypeTable());
});
