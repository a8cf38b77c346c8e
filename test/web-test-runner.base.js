import { fileURLToPath } from 'node:url';
import { defaultReporter } from '@web/test-runner';
import { esbuildPlugin } from '@web/dev-server-esbuild';
import { apiProxy, demoServerPlugin } from './support/demo-server-plugin.js';

const path = (relative) => fileURLToPath(new URL(relative, import.meta.url));

/** Settings for all browsers. Each browser is configured in its own file. */
export const base = {
  rootDir: path('..'),
  files: [path('core/*.test.ts'), path('browser/*.test.ts'), path('element/*.test.ts')],
  nodeResolve: { browser: true, exportConditions: ['development'] },
  concurrency: 1, // the tests share one Kodo and read its log
  browserStartTimeout: 60_000,
  testsFinishTimeout: 300_000,
  testFramework: { config: { timeout: 20_000 } },
  middleware: [apiProxy],
  plugins: [esbuildPlugin({ ts: true, target: 'es2022', tsconfig: path('../tsconfig.json') }), demoServerPlugin()],
  filterBrowserLogs: ({ args }) => !/Lit is in dev mode/.test(String(args[0])),
  reporters: [defaultReporter(), countReporter()],
};

/** Prints the counts that `test/run.js` adds up, and repeats the failures at the end. */
function countReporter() {
  return {
    stop({ sessions }) {
      let passed = 0;
      const failures = [];
      const count = (suite, titles) => {
        for (const { name, passed: isPassed, skipped, error } of suite?.tests ?? []) {
          if (isPassed) passed += 1;
          else if (!skipped)
            failures.push(`${[...titles, name].join(' > ')}\n${error?.message}\n${error?.stack ?? ''}`);
        }
        for (const inner of suite?.suites ?? []) count(inner, [...titles, inner.name]);
      };
      for (const { testFile, testResults, errors } of sessions) {
        count(testResults, [testFile]);
        if (errors.length > 0) {
          failures.push([testFile, ...errors.map(({ message, stack }) => `${message}\n${stack ?? ''}`)].join('\n'));
        }
      }
      console.log(`\n# pass ${passed}\n# fail ${failures.length}`);
      if (failures.length > 0) console.log(`\nfailing tests:\n\n${failures.join('\n\n')}`);
    },
  };
}
