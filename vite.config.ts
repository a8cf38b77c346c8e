import { posix } from 'node:path';
import { fileURLToPath } from 'node:url';
import { defineConfig, type Plugin, type UserConfig } from 'vite';
import { demoPage } from './scripts/demo-page.js';
import { addDataLicense, noticeFor, withTexts } from './scripts/licenses.js';

const path = (relative: string): string => fileURLToPath(new URL(relative, import.meta.url));

/** File that contains qiniu-js; see `src/core/qiniu/open-sandbox.ts`. */
const SANDBOX = 'sdk-sandbox.js';

/** Licence texts of bundled packages, next to the files that contain them. */
const LICENSES = {
  sandbox: 'sdk-sandbox.licenses.md',
  modules: 'chunks/licenses.md',
  bundle: 'qiniu-uploader.bundle.licenses.md',
} as const;

/**
 * Bundles qiniu-js and its dependencies into one file next to the module that loads it, so that the development server,
 * the test runner, Storybook and the library all load the published file.
 */
const sandboxBuild: UserConfig = {
  publicDir: false,
  resolve: { alias: [{ find: /^spark-md5$/, replacement: path('src/core/qiniu/sandbox/spark-md5.ts') }] },
  build: {
    target: 'es2022',
    outDir: path('src/core/qiniu'),
    emptyOutDir: false,
    license: { fileName: LICENSES.sandbox },
    lib: { entry: path('src/core/qiniu/sandbox/main.ts'), formats: ['es'], fileName: () => SANDBOX },
    rolldownOptions: {
      output: { codeSplitting: false, minify: true, postBanner: noticeFor(LICENSES.sandbox) },
    },
  },
};

/**
 * Preserves `new URL('./sdk-sandbox.js', import.meta.url)` in the published modules, so that the page's bundler finds the
 * file, and emits the file.
 */
function publishSandbox(): Plugin {
  const literal = `new URL('./${SANDBOX}', import.meta.url)`;
  const placeholder = '__QINIU_UPLOADER_SANDBOX_URL__';
  return {
    name: 'publish-sandbox',
    enforce: 'pre',
    // The source map stays valid because no lines move.
    transform: (code) => (code.includes(literal) ? { code: code.replace(literal, placeholder), map: null } : null),
    renderChunk(code, chunk) {
      if (!code.includes(placeholder)) return null;
      const relative = posix.relative(posix.dirname(chunk.fileName), SANDBOX);
      const address = relative.startsWith('.') ? relative : `./${relative}`;
      return { code: code.replace(placeholder, `new URL('${address}', import.meta.url)`), map: null };
    },
    async generateBundle() {
      const { readFile } = await import('node:fs/promises');
      const read = (name: string): Promise<string> => readFile(path(`src/core/qiniu/${name}`), 'utf8');
      this.emitFile({ type: 'asset', fileName: SANDBOX, source: await read(SANDBOX) });
      const licenses = withTexts(await read(LICENSES.sandbox));
      this.emitFile({ type: 'asset', fileName: LICENSES.sandbox, source: licenses });
    },
  };
}

/** Library build: modules with Lit as an external dependency, or a self-contained bundle for `<script>`. */
function libraryBuild(bundle: boolean): UserConfig {
  const licenses = bundle ? LICENSES.bundle : LICENSES.modules;
  return {
    publicDir: false,
    plugins: [publishSandbox(), addDataLicense(licenses)],
    build: {
      target: 'es2022',
      sourcemap: true,
      emptyOutDir: !bundle,
      license: { fileName: licenses },
      lib: {
        entry: bundle
          ? { 'qiniu-uploader.bundle': path('src/bundle.ts'), 'qiniu-uploader.core.bundle': path('src/core.ts') }
          : { index: path('src/index.ts'), core: path('src/core.ts'), element: path('src/element.ts') },
        formats: ['es'],
      },
      rolldownOptions: {
        external: bundle ? [] : [/^lit(\/|$)/],
        treeshake: { moduleSideEffects: (id) => id === path('src/index.ts') || id === path('src/bundle.ts') },
        output: bundle
          ? {
              minify: true,
              entryFileNames: '[name].js',
              chunkFileNames: 'bundle/[name].js',
              postBanner: noticeFor(licenses),
            }
          : {
              entryFileNames: '[name].js',
              chunkFileNames: 'chunks/[name]-[hash].js',
              postBanner: noticeFor(licenses),
            },
      },
    },
  };
}

export default defineConfig(({ mode }) => {
  if (mode === 'sandbox') return sandboxBuild;
  if (mode === 'demo') return demoPage();
  return libraryBuild(mode === 'bundle');
});
