import { fileURLToPath } from 'node:url';
import { chromeLauncher } from '@web/test-runner-chrome';
import puppeteer from 'puppeteer-core';
import { base } from './web-test-runner.base.js';

/** Firefox as in `web-test-runner.firefox.config.js`, with additional preferences. */
const executablePath = process.env.FIREFOX_PATH ?? '/usr/bin/firefox-esr';
const firefox = (extraPrefsFirefox) =>
  chromeLauncher({ puppeteer, launchOptions: { browser: 'firefox', executablePath, extraPrefsFirefox } });

/** Runs with both of Firefox's modes: full fingerprinting resistance, and the protection of private windows. */
export default {
  ...base,
  files: [fileURLToPath(new URL('resist-fingerprinting/*.test.ts', import.meta.url))],
  browsers: [
    firefox({ 'privacy.resistFingerprinting': true }),
    firefox({
      'privacy.fingerprintingProtection': true,
      'privacy.fingerprintingProtection.overrides': '-AllTargets,+CanvasRandomization',
    }),
  ],
};
