/**
 * Which part of the tree may import which, enforced by `npm run check`. ARCHITECTURE.md says what each room is for.
 *
 * Type imports count like others.
 */

/** Rooms of `src/core` from top to bottom: a room imports from those below it. */
const CORE = ['queue', 'upload', 'resume', 'token', 'files', 'qiniu', 'transport', 'net', 'items', 'shared'];

const coreRules = CORE.slice(1).map((room, index) => ({
  name: `core-${room}`,
  comment: `core/${room} is below ${CORE.slice(0, index + 1).join(', ')}.`,
  severity: 'error',
  from: { path: `^src/core/${room}/` },
  to: { path: `^src/core/(${CORE.slice(0, index + 1).join('|')})/` },
}));

const forbid = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

export default {
  forbidden: [
    forbid('no-circle', 'Files must not import each other in a circle.', {}, { circular: true }),
    ...coreRules,
    forbid(
      'core-without-interface',
      'core has no user interface: no Lit, no element, no texts.',
      { path: '^src/core' },
      { path: ['^src/(element|i18n)/', '^node_modules/(lit|@lit|lit-html|lit-element)/'] },
    ),
    forbid(
      'sdk-in-its-sandbox',
      'qiniu-js and its helpers run only in core/qiniu/sandbox.',
      { path: '^src/', pathNot: '^src/core/qiniu/sandbox/' },
      { path: '^node_modules/(qiniu-js|spark-md5|hash-wasm)/' },
    ),
    forbid(
      'sandbox-by-messages',
      'The sandbox is a program of its own: only its messages are shared.',
      { path: '^src/', pathNot: '^src/core/qiniu/sandbox/' },
      { path: '^src/core/qiniu/sandbox/', pathNot: '/messages\\.ts$' },
    ),
    forbid(
      'texts-know-types',
      'i18n imports types of core and nothing else.',
      { path: '^src/i18n/' },
      { path: ['^src/element/', '^node_modules/(lit|@lit)/'] },
    ),
    forbid(
      'element-uses-the-queue',
      'The element uses the queue, never a transport.',
      { path: '^src/element/' },
      { path: '^src/core/qiniu/' },
    ),
    forbid(
      'before-the-first-file',
      'element/panel is loaded with the first file: outside it, only by import().',
      { path: '^src/element/[^/]+$' },
      { path: '^src/element/panel/', dependencyTypesNot: ['type-only', 'dynamic-import'] },
    ),
    forbid(
      'server-alone',
      'The demo server can be copied out of the repository.',
      { path: '^demo-server/' },
      { path: '^(src|test|stories|scripts)/' },
    ),
    forbid(
      'kodo-alone',
      'The local Kodo shares no code with what it tests.',
      { path: '^demo-server/kodo/' },
      { path: ['^demo-server/(?!kodo/|node_modules/)', '^node_modules/qiniu/'] },
    ),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: ['/dist/', 'sdk-sandbox\\.js$', '^demo-server/public/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'types', 'node', 'default'] },
  },
};
