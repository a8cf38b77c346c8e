import assert from 'node:assert/strict';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { test } from 'node:test';
import { BlobStore } from '../../demo-server/kodo/src/store/blob-store.js';
import { finishUpload } from '../../demo-server/kodo/src/upload/finish-upload.js';
import { BucketStore } from '../../demo-server/kodo/src/store/bucket-store.js';
import { ObjectStore } from '../../demo-server/kodo/src/store/object-store.js';
import { PersistentJobs } from '../../demo-server/kodo/src/jobs/persistent-jobs.js';
import { Outbound } from '../../demo-server/kodo/src/outbound/outbound.js';
import { readPutPolicy } from '../../demo-server/kodo/src/policy/put-policy.js';
import { bytes } from '../support/test-data.js';

test('what goes wrong once an object is stored is answered 599, and the object keeps its bytes', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'kodo-finish-upload-'));
  try {
    const blobs = await BlobStore.open(join(folder, 'blobs'));
    const store = await ObjectStore.open(folder, blobs, Date.now);
    const buckets = await BucketStore.open(folder, [{ name: 'demo' }], Date.now);
    const jobs = new PersistentJobs({
      delay: 0,
      now: Date.now,
      run: async (_job, cmd) => ({ cmd, state: 'done' }),
      notify: async () => true,
      watch: () => undefined,
    });
    jobs.add = () => {
      throw new Error('no room');
    };
    const keys = { accessKey: 'a', secretKey: 's' };
    const closing = new AbortController().signal;
    const warnings: string[] = [];
    const blob = await blobs.write(Readable.from([bytes(10)]));
    const answer = await finishUpload(
      {
        policy: readPutPolicy({ scope: 'demo:a', deadline: 1, persistentOps: 'imageInfo' }),
        key: 'a',
        fname: undefined,
        clientType: undefined,
        customVars: {},
        metadata: {},
        headers: {},
        hash: blob.etag,
        files: [blob],
        reqid: 'r',
        callbackFault: undefined,
        job: undefined,
      },
      {
        store,
        buckets,
        jobs,
        callback: { keys, outbound: new Outbound([]), scheme: 'QBox', timeout: 1000, tries: 1, closing },
        now: Date.now,
        onWarning: (text) => warnings.push(text),
      },
    );
    assert.deepEqual(answer, { status: 599, body: '{"error":"server operation failed"}', isStored: true });
    assert.equal(store.get('demo', 'a')?.fsize, 10);
    assert.deepEqual(warnings, ['an upload failed after it was stored: Error: no room']);
  } finally {
    await rm(folder, { recursive: true });
  }
});
