import { describe, expect, it } from '../support/suite.js';
import { UploadError, type UploadErrorCode } from '../../src/core.js';
import { makeFile } from '../support/files.js';
import { addOne, makeQueue } from '../support/queue-harness.js';
import { untilStatus } from '../support/until.js';

const MIB = 1024 * 1024;
const stored = { uploadId: 'u1', partSize: 4 * MIB, parts: Array(5).fill({ etag: 'e', md5: 'm', size: 4 * MIB }) };

describe('the business server says that the file is not stored (1.1)', () => {
  const notStored = (): Promise<never> => Promise.reject(new UploadError('upload-unknown', 'not stored'));
  const cases: readonly [string, UploadErrorCode, number | undefined, 'kept' | 'forgotten'][] = [
    ['a 503 at complete', 'server-error', 503, 'kept'],
    ['a 502 of a gateway', 'server-error', 502, 'kept'],
    ['silence', 'network', undefined, 'kept'],
    ['a stall', 'stalled', undefined, 'kept'],
    ['a 612: the upload is used up', 'upload-expired', 612, 'forgotten'],
  ];
  for (const [name, code, status, parts] of cases) {
    it(`after ${name}: the parts are ${parts}`, async () => {
      const { queue, transport } = makeQueue({ confirmProvider: notStored });
      const id = addOne(queue, makeFile('a', 20 * MIB));
      const first = await transport.nextUpload();
      first.stored(stored);
      first.sent();
      first.fail(new UploadError(code, name, { status }));
      const second = await transport.nextUpload();
      expect(second.job.stored).to.deep.equal(parts === 'kept' ? stored : undefined);
      second.succeed({});
      await untilStatus(queue, id, 'done');
    });
  }

  it('with no retries left the upload fails, and is not sent again', async () => {
    const { queue, transport } = makeQueue({ confirmProvider: notStored, retries: 0 });
    const id = addOne(queue);
    const upload = await transport.nextUpload();
    upload.sent();
    upload.fail(new UploadError('network', 'gone'));
    expect((await untilStatus(queue, id, 'failed')).error.code).to.equal('network');
    expect(transport.uploads).to.have.length(1);
  });
});

describe('an unconfirmed upload', () => {
  it('is asked about again by retry(), and nothing is sent', async () => {
    let isUp = false;
    const { queue, transport } = makeQueue({
      retries: 0,
      confirmProvider: () => (isUp ? Promise.resolve({ ok: true }) : Promise.reject(new Error('down'))),
    });
    const id = addOne(queue);
    const upload = await transport.nextUpload();
    upload.sent();
    upload.fail(new UploadError('network', 'gone'));
    await untilStatus(queue, id, 'unconfirmed');
    isUp = true;
    queue.retry(id);
    expect((await untilStatus(queue, id, 'done')).result.source).to.equal('confirm');
    expect(transport.uploads).to.have.length(1);
  });
});
