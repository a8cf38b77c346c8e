/**
 * Analyzes one file with MediaInfo, in a separate thread: a damaged file can keep it busy forever. Requests the
 * bytes that it needs with `{ length, offset }`, and finishes with the result, `{ json }`.
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
