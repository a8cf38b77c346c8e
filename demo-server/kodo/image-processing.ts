import { createHash } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import type { Services } from './exchange.js';
import { imageInfoOf, IMAGE_HEAD } from './image-info.js';
import { KodoError } from './kodo-error.js';
import type { KodoObject } from './object-store.js';
import { makeThumbnail, readThumbnail } from './thumbnail.js';

/** Largest picture that is worked on, in bytes, as documented for imageView2. */
const MAX_SOURCE = 20 * 1024 * 1024;

const COMMANDS: readonly string[] = ['imageView2', 'imageInfo', 'imageMogr2', 'qhash'];

/** What a download's query turns an object into; nothing where it asks for the object itself. */
export interface Processed {
  readonly data: Buffer;
  readonly mimeType: string;
}

/**
 * Carries out the data processing that a download's query names: `imageView2/…`, `imageInfo` and `qhash/md5`.
 * `imageMogr2/…` gives the picture as it is.
 *
 * Source: https://developer.qiniu.com/dora/1279/basic-processing-images-imageview2
 *
 * @throws {KodoError} 400 where the object cannot be worked on, or the command is not known
 */
export async function processObject(
  object: KodoObject,
  search: string,
  services: Services,
): Promise<Processed | undefined> {
  const [command = ''] = search.split('&');
  const name = /^\w*/.exec(command)?.[0] ?? '';
  if (COMMANDS.includes(name) && /\||%7c/i.test(command))
    throw new KodoError(400, 'a chain of commands is not part of the local Kodo');
  switch (name) {
    case 'imageView2':
      return makeThumbnail(await readSource(object, services), readThumbnail(command), object.mimeType, services);
    case 'imageInfo': {
      const info = imageInfoOf(await services.store.blobs.head(object.files, IMAGE_HEAD), object.fsize);
      if (info === undefined) throw new KodoError(400, 'unsupported format');
      return json(info);
    }
    case 'qhash': {
      if (command !== 'qhash/md5') throw new KodoError(400, 'invalid argument');
      const hash = createHash('md5');
      for await (const chunk of services.store.read(object)) hash.update(chunk as Buffer);
      return json({ hash: hash.digest('hex'), fsize: object.fsize });
    }
    case 'exif':
    case 'imageAve':
    case 'avinfo':
    case 'watermark':
      throw new KodoError(400, `${name} is not part of the local Kodo`);
    default:
      return undefined;
  }
}

async function readSource(object: KodoObject, { store }: Services): Promise<Buffer> {
  if (object.fsize > MAX_SOURCE) throw new KodoError(400, 'image size is too large');
  return buffer(store.read(object));
}

function json(value: object): Processed {
  return { data: Buffer.from(JSON.stringify(value)), mimeType: 'application/json' };
}
