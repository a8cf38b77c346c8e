import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Keys } from '../policy/upload-token.js';

/** 40 characters, as long as the real ones. */
const newKey = (): string => randomBytes(20).toString('hex');

/**
 * The account's keys: those given, else those of the folder, which are made once and kept in `keys.json`. Keys that
 * everybody knew would let any web page on this machine sign uploads and callbacks.
 *
 * @param folder where the keys are kept; absent for keys that end with the process
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
    await link(draft, file); // whole, and by one process only, however many start at once
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(draft, { force: true });
  }
  const { accessKey, secretKey } = JSON.parse(await readFile(file, 'utf8')) as Partial<Keys>;
  if (typeof accessKey !== 'string' || typeof secretKey !== 'string' || accessKey === '' || secretKey === '') {
    throw new Error(`${file} holds no keys: delete it, and new ones are made.`);
  }
  return { accessKey, secretKey };
}
