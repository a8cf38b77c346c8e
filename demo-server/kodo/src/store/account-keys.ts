import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Keys } from '../policy/upload-token.js';

/** 40 characters, like Qiniu's keys. */
const newKey = (): string => randomBytes(20).toString('hex');

/**
 * The account's keys: those given, otherwise those of the folder, generated once and saved in `keys.json`. With
 * well-known keys, any web page on this machine could sign uploads and callbacks.
 *
 * @param folder where the keys are saved; absent for keys that are not persisted
 */
export async function openKeys(given: Partial<Keys>, folder: string | undefined): Promise<Keys> {
  const { accessKey, secretKey } = given;
  if (accessKey !== undefined && secretKey !== undefined) return { accessKey, secretKey };
  const kept = folder === undefined ? newKeys() : await keptKeys(folder);
  return { accessKey: accessKey ?? kept.accessKey, secretKey: secretKey ?? kept.secretKey };
}

function newKeys(): Keys {
  return { accessKey: newKey(), secretKey: newKey() };
}

async function keptKeys(folder: string): Promise<Keys> {
  const file = join(folder, 'keys.json');
  const draft = join(folder, `keys-${randomBytes(6).toString('hex')}.json`);
  await mkdir(folder, { recursive: true });
  try {
    await writeFile(draft, JSON.stringify(newKeys()), { mode: 0o600 });
    await link(draft, file); // atomic, and by one process only, even with concurrent starts
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  const { accessKey, secretKey } = JSON.parse(await readFile(file, 'utf8')) as Partial<Keys>;
  if (typeof accessKey !== 'string' || typeof secretKey !== 'string' || accessKey === '' || secretKey === '') {
    throw new Error(`${file} contains no valid keys. Delete it to generate new ones.`);
  }
  return { accessKey, secretKey };
}
