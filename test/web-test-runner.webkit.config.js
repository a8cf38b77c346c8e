import { webDriverLauncher } from './support/webdriver-launcher.js';
import { base } from './web-test-runner.base.js';

/** WebKitGTK from Debian's `webkit2gtk-driver`. */
export default {
  ...base,
  browsers: [
    webDriverLauncher({
      name: 'WebKitGTK',
      command: '/usr/bin/WebKitWebDriver',
      capabilities: {
        browserName: 'MiniBrowser',
        'webkitgtk:browserOptions': {
          binary: process.env.WEBKIT_PATH ?? '/usr/lib/x86_64-linux-gnu/webkit2gtk-4.1/MiniBrowser',
          args: ['--automation'],
        },
      },
    }),
  ],
};
