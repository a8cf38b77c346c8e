import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What the page loads. */
const BUNDLE = 'qiniu-uploader.bundle.js';

/** What to do where the element is not built. */
export const HOW_TO_GET_ELEMENT =
  'The element is not built, so the page shows no uploader: run "npm run build" in the repository of qiniu-uploader, or ' +
  'install the package that "npm pack" makes there, or name the folder with qiniu-uploader.bundle.js in ELEMENT_FOLDER.';

/**
 * Where the built element is: in the repository that this folder is part of, else in the installed package
 * `qiniu-uploader`.
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
