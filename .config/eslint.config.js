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
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: `${import.meta.dirname}/..` } },
    rules: {
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/no-unsafe-declaration-merging': 'off', // typed addEventListener, one interface beside its class
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
      group(['lit', 'lit/*', '@lit/*', '**/element/*', '**/i18n/*'], 'core knows no Lit, no element and no texts.'),
      group(['qiniu-js', 'spark-md5', 'hash-wasm'], 'qiniu-js lives in core/qiniu/sandbox/ only.'),
    ],
  ),
  { files: ['src/core/qiniu/sandbox/**/*.ts'], rules: { '@typescript-eslint/no-restricted-imports': 'off' } },
  layer(
    ['src/i18n/**/*.ts'],
    [group(['lit', 'lit/*', '**/element/*'], 'i18n knows the types of core and nothing else.')],
  ),
  layer(
    ['src/element/**/*.ts'],
    [group(['qiniu-js', '**/core/qiniu/*'], 'the element talks to the queue, not to a transport.')],
  ),
  layer(['demo-server/**/*.ts'], [group(['**/src/*', '**/src/**', 'lit'], 'the demo server stands alone.')]),
  ...[
    ['demo-server/kodo/*.ts', '../*'],
    ['demo-server/kodo/*/*.ts', '../../*'],
  ].map(([files, outside]) =>
    layer(
      [files],
      [group([outside, '**/src/**', 'qiniu'], 'the local Kodo stands alone, so that it can judge the rest.')],
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
