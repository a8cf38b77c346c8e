import { on } from 'node:events';
import { buffer } from 'node:stream/consumers';
import { Worker } from 'node:worker_threads';
import type { Content } from './content.js';
import { findLibrary } from './optional-library.js';
import { formatOf, isStream, streamOf, type MediaFields, type Track } from './media-track.js';

/** The response of `?avinfo`. */
export type MediaInfo = Readonly<{
  streams: readonly MediaFields[];
  format: MediaFields;
}>;

/** A message from the worker: the bytes that it needs, or the result. */
type WorkerMessage = { readonly length: number; readonly offset: number } | { readonly json: string };

/** Bytes per read. */
const CHUNK = 256 * 1024;

/** Files are analyzed one at a time: each takes tens of megabytes of memory. */
let turn: Promise<unknown> = Promise.resolve();

/**
 * The streams and the container of an audio or video file, in ffprobe's fields; `undefined` for other files.
 *
 * Source: https://developer.qiniu.com/dora/1247/audio-and-video-metadata-information-avinfo
 *
 * @param limit timeout in milliseconds, after which the file is treated as damaged
 */
export async function mediaInfoOf(
  content: Content,
  onWarning: (text: string) => void,
  limit = 10_000,
): Promise<MediaInfo | undefined> {
  if (content.size === 0) return undefined;
  const library = await findLibrary('mediainfo.js', 'avinfo is unavailable', onWarning);
  if (library === undefined) return undefined;
  const read = turn.then(() => readTracks(content, limit)).catch((): readonly Track[] => []); // a damaged file
  turn = read;
  const [general, ...tracks] = await read;
  const streams = tracks
    .filter(isStream)
    .map(streamOf)
    .sort((a, b) => Number(a['index']) - Number(b['index']));
  const isMedia = streams.some(({ codec_type }) => codec_type === 'audio' || codec_type === 'video');
  if (general === undefined || !isMedia) return undefined;
  return { streams, format: formatOf(general, streams.length, content.size) };
}

/** The value of `$(avinfo)`: the first stream of each kind. */
export async function mediaVariableOf(
  content: Content,
  onWarning: (text: string) => void,
): Promise<Readonly<Record<string, MediaFields>> | undefined> {
  const info = await mediaInfoOf(content, onWarning);
  if (info === undefined) return undefined;
  const [audio, video] = ['audio', 'video'].map((type) => info.streams.find(({ codec_type }) => codec_type === type));
  return { ...(audio && { audio }), format: info.format, ...(video && { video }) };
}

/** MediaInfo's tracks of a file: the container, then its streams. @throws if the file is damaged */
async function readTracks({ size, read }: Content, limit: number): Promise<readonly Track[]> {
  // MediaInfo misses fields if it gets the file in one piece.
  const chunkSize = Math.min(CHUNK, Math.max(1024, Math.ceil(size / 8)));
  const worker = new Worker(new URL('media-info-worker.js', import.meta.url), {
    workerData: { size, chunkSize },
    execArgv: [], // the worker is plain JavaScript, and starts faster without the TypeScript loader
  });
  try {
    const options = { signal: AbortSignal.timeout(limit), close: ['exit'] };
    for await (const [message] of on(worker, 'message', options) as AsyncIterable<readonly [WorkerMessage]>) {
      if ('json' in message) return tracksIn(message.json);
      const { length, offset } = message;
      worker.postMessage(await buffer(read(offset, offset + length - 1)));
    }
    return [];
  } finally {
    await worker.terminate();
  }
}

function tracksIn(json: string): readonly Track[] {
  const { media } = JSON.parse(json) as { readonly media?: { readonly track?: readonly Track[] } | null };
  return media?.track ?? [];
}
