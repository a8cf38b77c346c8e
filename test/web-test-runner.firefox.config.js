import { chromeLauncher } from '@web/test-runner-chrome';
import puppeteer from 'puppeteer-core';
import { base } from './web-test-runner.base.js';

/** Firefox over WebDriver BiDi: `FIREFOX_PATH`, or Debian's Firefox ESR. */
const executablePath = process.env.FIREFOX_PATH ?? '/usr/bin/firefox-esr';

export default {
  ...base,
  browsers: [chromeLauncher({ puppeteer, launchOptions: { browser: 'firefox', executablePath } })],
};
