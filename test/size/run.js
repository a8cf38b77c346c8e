/**
 * Measures the code that a page loads from the package, minified and gzipped, and fails if it exceeds a budget.
 *
 *   npm run size
 *
 * It builds a page that imports the package, as an application would. The sizes include Lit.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'vite';

/** Gzipped bytes that are loaded before the first file is chosen. */
const INITIAL_BUDGET = 15_000;
/** Gzipped bytes of each additional locale. Sentences for 36 errors are more than half of it. */
const LOCALE_BUDGET = 3000;

const source = fileURLToPath(new URL('../../src/', import.meta.url));
const root = await mkdtemp(join(tmpdir(), 'qiniu-uploader-size-'));
try {
  await writeFile(join(root, 'page.js'), `import ${JSON.stringify(join(source, 'index.ts'))};\n`);
  const [{ output }] = await build({
    configFile: false,
    logLevel: 'warn',
    root,
    plugins: [
      {
        // The sandbox is counted separately; Vite would inline it into the module.
        name: 'separate-sandbox',
        enforce: 'pre',
        transform: (code) => code.replace("new URL('./sdk-sandbox.js', import.meta.url)", 'new URL(import.meta.url)'),
      },
    ],
    build: {
      write: false,
      target: 'es2022',
      lib: { entry: join(root, 'page.js'), formats: ['es'] },
      rolldownOptions: {
        output: { minify: true },
        // As in package.json: only registering the tag is a side effect.
        treeshake: { moduleSideEffects: (id) => id.endsWith('/src/index.ts') || id.endsWith('/page.js') },
      },
    },
  });
  const chunks = new Map(output.filter(({ type }) => type === 'chunk').map((chunk) => [chunk.fileName, chunk]));
  const initial = new Set();
  const follow = (name) => {
    const chunk = chunks.get(name);
    if (chunk === undefined || initial.has(name)) return;
    initial.add(name);
    chunk.imports.forEach(follow);
  };
  for (const { fileName, isEntry } of chunks.values()) if (isEntry) follow(fileName);
  const gzipped = (name) => gzipSync(chunks.get(name).code, { level: 9 }).length;
  const rows = [];
  const first = [...initial].reduce((sum, name) => sum + gzipped(name), 0);
  rows.push({ what: 'before the first file', bytes: first, budget: INITIAL_BUDGET });
  for (const name of chunks.keys()) {
    if (initial.has(name)) continue;
    // Chinese and English are loaded like the others, but do not count as additional locales.
    const isLocale = chunks.get(name).moduleIds.some((id) => /\/i18n\/locales\/(?!en|zh-cn)/.test(id));
    rows.push({ what: name, bytes: gzipped(name), budget: isLocale ? LOCALE_BUDGET : undefined });
  }
  const sandbox = await readFile(join(source, 'core/qiniu/sdk-sandbox.js'));
  rows.push({
    what: 'sdk-sandbox.js (in the worker)',
    bytes: gzipSync(sandbox, { level: 9 }).length,
    budget: undefined,
  });
  let isOver = false;
  for (const { what, bytes, budget } of rows) {
    const excess = budget !== undefined && bytes > budget;
    isOver ||= excess;
    console.log(
      `${String(bytes).padStart(7)} bytes  ${what}${budget === undefined ? '' : ` (budget ${budget})`}${excess ? '  TOO LARGE' : ''}`,
    );
  }
  if (process.argv.includes('--modules')) {
    for (const name of initial) {
      for (const [id, { renderedLength }] of Object.entries(chunks.get(name).modules))
        console.log(renderedLength, id.replace(source, ''));
    }
  }
  process.exitCode = isOver ? 1 : 0;
} finally {
  await rm(root, { recursive: true });
}
