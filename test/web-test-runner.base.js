import { fileURLToPath } from 'node:url';
import { defaultReporter } from '@web/test-runner';
import { esbuildPlugin } from '@web/dev-server-esbuild';
import { apiProxy, demoServerPlugin } from './support/demo-server-plugin.js';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** What the runs in all browsers share; the browser itself is named in a file of its own. */
export const base = {
  rootDir: path('..'),
  files: [path('core/*.test.ts'), path('browser/*.test.ts'), path('element/*.test.ts')],
  nodeResolve: { browser: true, exportConditions: ['development'] },
  concurrency: 1, // the tests share one Kodo, and look at its log
  browserStartTimeout: 60_000,
  testsFinishTimeout: 300_000,
  testFramework: { config: { timeout: 20_000 } },
  middleware: [apiProxy],
  plugins: [esbuildPlugin({ ts: true, target: 'es2022', tsconfig: path('../tsconfig.json') }), demoServerPlugin()],
  filterBrowserLogs: ({ args }) => !/Lit is in dev mode/.test(String(args[0])),
  reporters: [defaultReporter(), countReporter()],
};

/** A closing line that `test/run.js` can add up. */
function countReporter() {
  return {
    stop({ sessions }) {
      let [passed, failed] = [0, 0];
      const count = (suite) => {
        for (const { passed: isPassed, skipped } of suite?.tests ?? []) {
          if (isPassed) passed += 1;
          else if (!skipped) failed += 1;
        }
        suite?.suites?.forEach(count);
      };
      for (const session of sessions) {
        count(session.testResults);
        if (session.errors.length > 0) failed += 1;
      }
      console.log(`\n# pass ${passed}\n# fail ${failed}`);
    },
  };
}
