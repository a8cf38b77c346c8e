import { expect } from 'chai';
import '../../src/index.js';
import type { QiniuUploader } from '../../src/index.js';
import { randomFile, sha256 } from '../support/files.js';
import { clearFaults, kodoLogEnd, kodoObject, kodoRequests, orderFaults } from '../support/kodo-control.js';
import { untilStatus } from '../support/until.js';
import { waitUntil } from '../support/wait-until.js';

const MIB = 1024 * 1024;

const elements: QiniuUploader[] = [];
afterEach(async () => {
  for (const element of elements.splice(0)) {
    element.clear();
    element.remove();
  }
  await clearFaults();
});

function create(): QiniuUploader {
  const element = document.createElement('qiniu-uploader');
  element.tokenEndpoint = '/api/uploads/token';
  element.multiple = true;
  elements.push(element);
  return element;
}

/** Parts that Kodo has stored since then. */
async function storedParts(since: number): Promise<readonly (number | undefined)[]> {
  const parts = (await kodoRequests(since)).filter(({ kind, status }) => kind === 'part' && status === 200);
  return parts.map(({ partNumber }) => partNumber);
}

async function openRequests(since: number): Promise<number> {
  return (await kodoRequests(since)).filter(({ endedAt }) => endedAt === undefined).length;
}

describe('an element that leaves the page (F19)', () => {
  it('stops its requests, keeps rows and parts, and continues when it is back', async () => {
    await orderFaults({ kind: 'part', bytesPerSecond: 6 * MIB, times: 0 });
    const since = await kodoLogEnd();
    const element = create();
    document.body.append(element);
    const file = randomFile('kept-alive.bin', 40 * MIB, 51);
    const [item] = await element.add([file]);
    const id = item?.id ?? '';
    await waitUntil(async () => (await storedParts(since)).length >= 4);

    element.remove();
    await waitUntil(async () => (await openRequests(since)) === 0);
    const end = await kodoLogEnd();
    await new Promise((resolve) => setTimeout(resolve, 1500)); // what Vue's KeepAlive takes for another view
    expect(await kodoRequests(end)).to.deep.equal([]); // above all no DELETE of the parts
    expect(element.items.map(({ status }) => status)).to.deep.equal(['waiting']);

    await clearFaults();
    document.body.append(element);
    if (element.queue === undefined) throw new Error('The queue is gone.');
    const { result } = await untilStatus(element.queue, id, 'done');
    expect((await kodoObject(result.key))?.sha256).to.equal(await sha256(file));
    const requests = await kodoRequests(since);
    expect(requests.filter(({ kind }) => kind === 'initiate')).to.have.length(1);
    // Ten parts, and again at most the three that were under way.
    expect(await storedParts(since)).to.have.length.within(10, 13);
  });

  it('as React’s StrictMode does, once and again in one task: nothing is interrupted', async () => {
    await orderFaults({ kind: 'form', delay: 200, times: 0 });
    const since = await kodoLogEnd();
    const element = create();
    document.body.append(element);
    const [item] = await element.add([randomFile('strict.bin', 1000, 52)]);
    await waitUntil(async () => (await kodoRequests(since)).some(({ kind }) => kind === 'form'));
    element.remove();
    document.body.append(element);
    element.remove();
    document.body.append(element);
    if (element.queue === undefined) throw new Error('The queue is gone.');
    await untilStatus(element.queue, item?.id ?? '', 'done');
    expect((await kodoRequests(since)).filter(({ kind }) => kind === 'form')).to.have.length(1);
  });

  it('as Turbo does with a permanent element, into a new body: it continues there', async () => {
    await orderFaults({ kind: 'part', bytesPerSecond: 10 * MIB, times: 0 });
    const since = await kodoLogEnd();
    const element = create();
    document.body.append(element);
    const [item] = await element.add([randomFile('turbo.bin', 24 * MIB, 53)]);
    await waitUntil(async () => (await storedParts(since)).length >= 1);
    // Turbo takes the permanent element out, swaps the bodies, and puts it in again.
    const placeholder = document.createElement('meta');
    element.replaceWith(placeholder);
    await new Promise((resolve) => requestAnimationFrame(resolve));
    placeholder.replaceWith(element);
    await clearFaults();
    if (element.queue === undefined) throw new Error('The queue is gone.');
    await untilStatus(element.queue, item?.id ?? '', 'done');
    expect((await kodoRequests(since)).filter(({ kind }) => kind === 'initiate')).to.have.length(1);
  });

  it('a file that was paused by the visitor stays paused, one added meanwhile starts when it is back', async () => {
    const element = create();
    document.body.append(element);
    element.manual = true;
    const [paused] = await element.add([randomFile('paused.bin', 1000, 54)]);
    element.pause(paused?.id ?? '');
    element.manual = false;
    await element.updateComplete;
    element.remove();
    await Promise.resolve();
    const [added] = await element.add([randomFile('added.bin', 1000, 55)]);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(element.items.map(({ status }) => status)).to.deep.equal(['paused', 'queued']);
    document.body.append(element);
    if (element.queue === undefined) throw new Error('The queue is gone.');
    await untilStatus(element.queue, added?.id ?? '', 'done');
    expect(element.items[0]?.status).to.equal('paused');
  });

  it('only cancel, removeFile and clear delete parts', async () => {
    for (const act of ['cancel', 'removeFile', 'clear'] as const) {
      await orderFaults({ kind: 'part', bytesPerSecond: 6 * MIB, times: 0 });
      const since = await kodoLogEnd();
      const element = create();
      document.body.append(element);
      const [item] = await element.add([randomFile(`${act}.bin`, 24 * MIB, 56)]);
      await waitUntil(async () => (await storedParts(since)).length >= 1);
      element.remove();
      await new Promise((resolve) => setTimeout(resolve, 50));
      expect((await kodoRequests(since)).map(({ kind }) => kind)).not.to.include('abort');
      if (act === 'clear') element.clear();
      else element[act](item?.id ?? '');
      await waitUntil(async () => (await kodoRequests(since)).some(({ kind }) => kind === 'abort'));
      await clearFaults();
    }
  });
});
