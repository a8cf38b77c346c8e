import assert from 'node:assert/strict';
import { test } from 'node:test';

test('importing the package on a server does nothing but define its classes', async () => {
  const { QiniuUploader, createUploadQueue } = await import('../../src/index.js');
  assert.equal(typeof QiniuUploader, 'function');
  assert.deepEqual(createUploadQueue().items, []);
});
