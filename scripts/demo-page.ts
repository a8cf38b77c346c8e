import { fileURLToPath } from 'node:url';
import { tsImport } from 'tsx/esm/api';
import type { Plugin, UserConfig } from 'vite';
import type * as Config from '../demo-server/setup/config.js';
import type * as StartDemo from '../demo-server/start-demo.js';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** URL of the bundle, which resolves to the element's sources during development. */
const BUNDLE = '/qiniu-uploader/qiniu-uploader.bundle.js';

/**
 * Serves the demo page with the element built from its sources, reloading on every change. Starts a demo server for
 * `/api`, on free ports and with a separate data folder unless `DATA_FOLDER` is set.
 */
export async function demoPage(): Promise<UserConfig> {
  const demo = await startDemo();
  return {
    root: path('../demo-server/public'),
    plugins: [elementFromSources(), closing(demo)],
    server: { proxy: { '/api': { target: demo.origin } } },
    optimizeDeps: { include: ['lit', 'lit/decorators.js', 'lit/directives/repeat.js'] },
  };
}

async function startDemo(): Promise<StartDemo.Demo> {
  const load = (file: string): Promise<unknown> => tsImport(file, import.meta.url) as Promise<unknown>;
  const { readEnvironment } = (await load('../demo-server/setup/config.ts')) as typeof Config;
  const { startDemo } = (await load('../demo-server/start-demo.ts')) as typeof StartDemo;
  const { dataFolder, ...environment } = readEnvironment(process.env);
  const kept = process.env['DATA_FOLDER'] ? { dataFolder } : {};
  return startDemo({ ...environment, ...kept, port: 0, kodoPort: 0, kodo: { control: true } });
}

function elementFromSources(): Plugin {
  return { name: 'element-from-sources', resolveId: (id) => (id === BUNDLE ? path('../src/index.ts') : undefined) };
}

function closing(demo: StartDemo.Demo): Plugin {
  return { name: 'close-demo-server', buildEnd: () => demo.close() };
}
