import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import lit from 'eslint-plugin-lit';
import wc from 'eslint-plugin-wc';
import tseslint from 'typescript-eslint';

/** Which folder may import which: see "Where things are" in CONTRIBUTING.md. */
const layer = (files, patterns) => ({
  files,
  rules: { '@typescript-eslint/no-restricted-imports': ['error', { patterns }] },
});
const group = (globs, message) => ({ group: globs, message });

export default defineConfig(
  globalIgnores(['**/dist', 'coverage', 'storybook-static', 'src/core/qiniu/sdk-sandbox.js', 'test/bench/page']),
  js.configs.recommended,
  tseslint.configs.recommendedTypeChecked,
  wc.configs['flat/best-practice'],
  lit.configs['flat/recommended'],
  {
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-unsafe-declaration-merging': 'off', // typed addEventListener: an interface merged with its class
      '@typescript-eslint/unbound-method': 'off', // Lit binds @event=${this.handler}
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/no-floating-promises': [
        'error',
        {
          allowForKnownSafeCalls: [
            { from: 'package', package: 'node:test', name: ['describe', 'it', 'test', 'before', 'after'] },
          ],
        },
      ],
    },
  },
  layer(
    ['src/core/**/*.ts', 'src/core.ts'],
    [
      group(['lit', 'lit/*', '@lit/*', '**/element/*', '**/i18n/*'], 'core must not import Lit, the element or i18n.'),
      group(['qiniu-js', 'spark-md5', 'hash-wasm'], 'Import qiniu-js only in core/qiniu/sandbox/.'),
    ],
  ),
  { files: ['src/core/qiniu/sandbox/**/*.ts'], rules: { '@typescript-eslint/no-restricted-imports': 'off' } },
  layer(['src/i18n/**/*.ts'], [group(['lit', 'lit/*', '**/element/*'], 'i18n may only import types from core.')]),
  layer(
    ['src/element/**/*.ts'],
    [group(['qiniu-js', '**/core/qiniu/*'], 'The element must use the queue, not a transport.')],
  ),
  layer(
    ['demo-server/**/*.ts'],
    [group(['**/src/*', '**/src/**', 'lit'], 'The demo server must not depend on src or Lit.')],
  ),
  ...[
    ['demo-server/kodo/src/*.ts', '../*'],
    ['demo-server/kodo/src/*/*.ts', '../../*'],
  ].map(([files, outside]) =>
    layer(
      [files],
      [group([outside, '**/src/**', 'qiniu'], 'The local Kodo must be independent, so that it can verify the rest.')],
    ),
  ),
  {
    files: ['test/**/*.ts', 'stories/**/*.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': 'off',
      '@typescript-eslint/no-unused-expressions': 'off', // chai
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['**/*.{js,mjs}'],
    extends: [tseslint.configs.disableTypeChecked],
    rules: { 'no-undef': 'off' },
  },
);
