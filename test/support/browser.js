import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { Launcher } from 'chrome-launcher';

/**
 * Finds a Chromium to launch: `CHROME_PATH`, or an installed Chrome, Chromium or Edge.
 *
 * @returns {{ executablePath: string, args: string[] } | undefined}
 */
export function findBrowser() {
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : []; // required when running as root
  const executablePath = process.env.CHROME_PATH || installed();
  return executablePath ? { executablePath, args } : undefined;
}

/** Finds a browser or installs one: with apt on Debian as root, otherwise with Playwright's download. */
export async function findOrInstallBrowser() {
  const found = findBrowser();
  if (found) {
    if (existsSync(found.executablePath)) return found;
    throw new Error(`CHROME_PATH is ${found.executablePath}, which does not exist.`);
  }
  const ways =
    isDebian() && process.getuid?.() === 0 ? [installWithApt, downloadWithPlaywright] : [downloadWithPlaywright];
  for (const install of ways) {
    try {
      install();
      const executablePath = installed() ?? (await playwrightBrowser());
      if (executablePath) return { executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] };
    } catch (error) {
      console.error(`${install.name}: ${error.message}`);
    }
  }
  throw new Error('The tests need a browser: install Chrome, Chromium or Edge, or set CHROME_PATH.');
}

function installed() {
  try {
    return Launcher.getFirstInstallation();
  } catch {
    return undefined; // it throws if none is installed
  }
}

function isDebian() {
  try {
    return /^ID(_LIKE)?=.*\b(debian|ubuntu)\b/m.test(readFileSync('/etc/os-release', 'utf8'));
  } catch {
    return false; // another system
  }
}

function installWithApt() {
  const options = { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } };
  execFileSync('apt-get', ['update', '-q'], options);
  execFileSync('apt-get', ['install', '-q', '-y', '--no-install-recommends', 'chromium', 'fonts-noto-cjk'], options);
}

function downloadWithPlaywright() {
  execFileSync('npx', ['playwright', 'install', 'chromium'], { stdio: 'inherit', shell: process.platform === 'win32' });
}

async function playwrightBrowser() {
  const { chromium } = await import('@playwright/test');
  const path = chromium.executablePath();
  return existsSync(path) ? path : undefined;
}
