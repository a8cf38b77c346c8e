import { randomBytes, randomUUID } from 'node:crypto';
import { access, constants, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, MIN_SECRET } from './config.js';

/** What the codes of the file system mean for whoever starts the server. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'this user may not write there',
  EPERM: 'this user may not write there',
  EROFS: 'it is on a read-only file system',
  EEXIST: 'it is a file, not a folder',
  ENOTDIR: 'a part of it is a file, not a folder',
  EISDIR: 'there is a folder where a file should be',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENAMETOOLONG: 'its name is too long',
  ELOOP: 'it is a link that leads nowhere',
};

/** A file-system error in words: the reason, or the code. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return (code === undefined ? undefined : REASONS[code]) ?? code ?? message.split('\n', 1).join();
}

/**
 * Makes the folder, and makes sure that files can be written there, before anything else is begun.
 *
 * @throws {ConfigError}
 */
export async function openDataFolder(folder: string): Promise<void> {
  const probe = join(folder, `.write-test-${randomUUID()}`);
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
    try {
      await writeFile(probe, 'x'.repeat(4096), { flush: true });
    } finally {
      await rm(probe, { force: true });
    }
  } catch (error) {
    throw new ConfigError(`DATA_FOLDER: nothing can be stored in ${folder}: ${reasonOf(error)}.`, { cause: error });
  }
}

/**
 * A random secret that is made once and kept beside the data. The file appears complete or not at all, whatever several
 * instances do at the same time.
 *
 * @param name of the file
 * @throws {ConfigError} when the file cannot be written or read, or holds too little
 */
export async function ownSecret(folder: string, name: string): Promise<string> {
  const file = join(folder, name);
  try {
    const kept = await read(file);
    const secret = kept ?? (await write(file));
    if (secret.length >= MIN_SECRET) return secret;
  } catch (error) {
    throw new ConfigError(`DATA_FOLDER: ${file} cannot be used: ${reasonOf(error)}.`, { cause: error });
  }
  throw new ConfigError(
    `DATA_FOLDER: ${file} holds fewer than ${MIN_SECRET} characters: delete it, and a new one is made.`,
  );
}

async function read(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}

async function write(file: string): Promise<string> {
  const complete = `${file}-${randomUUID()}`;
  try {
    await writeFile(complete, randomBytes(30).toString('base64url'), { mode: 0o600, flush: true });
    await link(complete, file);
  } catch (error) {
    // Another instance was faster: its secret counts.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(complete, { force: true });
  }
  return (await readFile(file, 'utf8')).trim();
}
