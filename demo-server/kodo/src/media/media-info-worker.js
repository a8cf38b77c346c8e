/**
 * Looks into one file with MediaInfo, in a thread of its own: a damaged file can keep it busy for ever. Asks for the
 * bytes that it needs, `{ length, offset }`, and ends with what it found, `{ json }`.
 */
import { once } from 'node:events';
import { parentPort, workerData } from 'node:worker_threads';
import openReader from 'mediainfo.js';

const { size, chunkSize } = workerData;
const reader = await openReader({ format: 'JSON', chunkSize });
const json = await reader.analyzeData(size, async (length, offset) => {
  parentPort.postMessage({ length, offset });
  const [data] = await once(parentPort, 'message');
  return data;
});
parentPort.postMessage({ json });
