/**
 * Builds the bundle for the demo page if the build tools are installed. `npm ci --omit=dev` omits them: the demo server
 * then serves the existing build, or prints build instructions at startup.
 */
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

function hasBuildTools() {
  try {
    createRequire(import.meta.url).resolve('vite/package.json');
    return true;
  } catch {
    return false;
  }
}

if (hasBuildTools()) {
  for (const script of ['build:sandbox', 'build:bundle']) {
    const { status } = spawnSync('npm', ['run', '--silent', script], {
      stdio: 'inherit',
      shell: process.platform === 'win32',
    });
    if (status !== 0) process.exit(status ?? 1);
  }
}
