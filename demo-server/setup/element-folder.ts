import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The file that the page loads. */
const BUNDLE = 'qiniu-uploader.bundle.js';

/** Startup message if the element is not built. */
export const ELEMENT_MISSING =
  'The element is not built, so the page shows no uploader: run "npm run build" in the qiniu-uploader repository, ' +
  'install the package that "npm pack" creates there, or set the folder of qiniu-uploader.bundle.js in ELEMENT_FOLDER.';

/**
 * Finds the folder of the built element: in the repository that contains this folder, otherwise in the installed
 * package `qiniu-uploader`.
 */
export function findElementFolder(): string | undefined {
  const candidates = [fileURLToPath(new URL('../../dist', import.meta.url)), installedFolder()];
  return candidates.find((folder) => folder !== undefined && hasElement(folder));
}

/** Whether the built element is in this folder. */
export function hasElement(folder: string): boolean {
  return existsSync(join(folder, BUNDLE));
}

function installedFolder(): string | undefined {
  try {
    return join(dirname(createRequire(import.meta.url).resolve('qiniu-uploader/package.json')), 'dist');
  } catch {
    return undefined; // not installed
  }
}
