import { createHash } from 'node:crypto';
import { averageColourOf } from '../media/average-colour.js';
import { openContent, readPicture, type Content } from '../media/content.js';
import { exifOf } from '../media/exif.js';
import { imageInfoOf, isImage } from '../media/image-info.js';
import { KodoError } from '../kodo-error.js';
import { mediaInfoOf } from '../media/media-info.js';
import type { KodoObject } from '../store/object-store.js';
import type { Processed, ProcessingSettings } from './processed.js';
import { makeThumbnail, readThumbnail } from './thumbnail.js';

const COMMANDS: readonly string[] = ['imageView2', 'imageInfo', 'imageMogr2', 'exif', 'imageAve', 'avinfo', 'qhash'];

const UNSUPPORTED = 'unsupported format';

/**
 * Runs the data processing command in a download's query: `imageView2/…`, `imageInfo`, `exif`, `imageAve`,
 * `avinfo` or `qhash/md5`. `imageMogr2/…` returns the original image.
 *
 * Source: https://developer.qiniu.com/dora/1279/basic-processing-images-imageview2
 *
 * @throws {KodoError} 400 if the object cannot be processed, or the command is unknown
 */
export async function processObject(
  object: KodoObject,
  search: string,
  services: ProcessingSettings,
): Promise<Processed | undefined> {
  const [command = ''] = search.split('&');
  const name = /^\w*/.exec(command)?.[0] ?? '';
  if (COMMANDS.includes(name) && /\||%7c/i.test(command))
    throw new KodoError(400, 'a chain of commands is not part of the local Kodo');
  const open = (): Promise<Content> => openContent(services.store.blobs, object.files);
  const openImage = async (): Promise<Content> => {
    const content = await open();
    if (!isImage(content.head)) throw new KodoError(400, UNSUPPORTED);
    return content;
  };
  const { onWarning } = services;
  switch (name) {
    case 'imageView2': {
      const data = await readPicture(await openImage());
      if (data === undefined) throw new KodoError(400, 'image size is too large');
      return makeThumbnail(data, readThumbnail(command), object.mimeType, services);
    }
    case 'imageMogr2':
      await openImage();
      return undefined;
    case 'imageInfo':
      return fact(await imageInfoOf(await open(), onWarning));
    case 'exif':
      return fact(await exifOf(await open(), onWarning), 'no exif data');
    case 'imageAve':
      return fact(await averageColourOf(await open(), onWarning));
    case 'avinfo':
      return fact(await mediaInfoOf(await open(), onWarning));
    case 'qhash': {
      if (command !== 'qhash/md5') throw new KodoError(400, 'invalid argument');
      const hash = createHash('md5');
      for await (const chunk of services.store.read(object)) hash.update(chunk as Buffer);
      return json({ hash: hash.digest('hex'), fsize: object.fsize });
    }
    case 'watermark':
      throw new KodoError(400, `${name} is not part of the local Kodo`);
    default:
      return undefined;
  }
}

/** @throws {KodoError} 400 if the object has no such data */
function fact(value: object | undefined, refusal = UNSUPPORTED): Processed {
  if (value === undefined) throw new KodoError(400, refusal);
  return json(value);
}

function json(value: object): Processed {
  return { data: Buffer.from(JSON.stringify(value)), mimeType: 'application/json' };
}
