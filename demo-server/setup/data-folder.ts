import { randomBytes, randomUUID } from 'node:crypto';
import { access, constants, link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError, MIN_SECRET } from './config.js';

/** Explanations of file-system error codes. */
const REASONS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'permission denied',
  EROFS: 'it is on a read-only file system',
  EEXIST: 'it is a file, not a folder',
  ENOTDIR: 'part of the path is a file, not a folder',
  EISDIR: 'there is a folder where a file should be',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is exceeded',
  ENAMETOOLONG: 'its name is too long',
  ELOOP: 'it is a circular link',
};

/** Explains a file-system error: the reason if it is known, otherwise the code. */
export function reasonOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return (code === undefined ? undefined : REASONS[code]) ?? code ?? message.split('\n', 1).join();
}

/**
 * Creates the folder and checks that files can be written to it.
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
    throw new ConfigError(`DATA_FOLDER: files cannot be written to ${folder}: ${reasonOf(error)}.`, { cause: error });
  }
}

/**
 * Returns a random secret that is generated once and stored in the data folder. The file is created atomically, so
 * several instances that start at the same time use the same secret.
 *
 * @param name name of the file
 * @throws {ConfigError} if the file cannot be written or read, or if its content is too short
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
    `DATA_FOLDER: ${file} contains fewer than ${MIN_SECRET} characters: delete it, and a new one is generated.`,
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
    // Another instance created the file first: its secret is used.
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(complete, { force: true });
  }
  return (await readFile(file, 'utf8')).trim();
}
