import { chromeLauncher } from '@web/test-runner-chrome';
import { findOrInstallBrowser } from './support/browser.js';
import { base } from './web-test-runner.base.js';

export default { ...base, browsers: [chromeLauncher({ launchOptions: await findOrInstallBrowser() })] };
