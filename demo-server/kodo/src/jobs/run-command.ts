import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import { processObject } from '../download/image-processing.js';
import type { Processed } from '../download/processed.js';
import { KodoError } from '../kodo-error.js';
import type { KodoObject, ObjectStore } from '../store/object-store.js';
import { toBase64Url } from '../text/base64url.js';
import { parseEntry } from '../text/object-path.js';
import type { JobItem, PersistentJob } from './persistent-jobs.js';

export interface RunSettings {
  readonly store: ObjectStore;
  readonly now: () => number;
  readonly onWarning: (text: string) => void;
}

/**
 * Runs one command of a job and saves the result under the entry of `saveas`, by default next to the source.
 *
 * Commands that downloads support (`imageView2`, `imageInfo`, `exif`, `imageAve`, `avinfo`, `qhash`) are really
 * executed. There is no transcoder: any other command saves a copy of the source.
 */
export async function runCommand(job: PersistentJob, cmd: string, settings: RunSettings): Promise<JobItem> {
  const { store, now, onWarning } = settings;
  try {
    const source = store.require(job.bucket, job.key);
    const [command = '', ...more] = cmd.split('|');
    const saveas = more.find((part) => part.startsWith('saveas/'))?.slice('saveas/'.length);
    const target = saveas === undefined ? undefined : parseEntry(saveas.split('/')[0] ?? '');
    const place = { bucket: target?.bucket ?? job.bucket, key: target?.key };
    const old = place.key === undefined || job.force ? undefined : store.get(place.bucket, place.key);
    if (old !== undefined) return { cmd, state: 'done', hash: old.hash, key: old.key, returnOld: 1 };
    const result = await processObject(source, command, { store, onWarning });
    const made = { ...plain(source), ...(result === undefined ? {} : await writeResult(result, store)) };
    const key = place.key ?? `${toBase64Url(createHash('sha1').update(cmd).digest())}/${made.hash}`;
    await store.put({ ...made, bucket: place.bucket, key, putTime: now() }, false);
    return { cmd, state: 'done', hash: made.hash, key, returnOld: 0 };
  } catch (error) {
    if (!(error instanceof KodoError)) onWarning(`job ${job.id} failed: ${String(error)}`);
    return { cmd, state: 'failed', error: error instanceof Error ? error.message : String(error) };
  }
}

/** An object's properties that depend on its content only. */
function plain(object: KodoObject): KodoObject {
  const { bucket, key, hash, fsize, mimeType, putTime, md5, parts, files } = object;
  return { bucket, key, hash, fsize, mimeType, putTime, md5, parts, files, metadata: {} };
}

async function writeResult({ data, mimeType }: Processed, store: ObjectStore): Promise<Partial<KodoObject>> {
  const { etag, file, size, md5 } = await store.blobs.write(Readable.from([data]), { md5: true });
  return { hash: etag, fsize: size, md5, mimeType, parts: undefined, files: [{ file, size }] };
}
