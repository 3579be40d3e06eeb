import eslint from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import reactHooks from 'eslint-plugin-react-hooks';
import tseslint from 'typescript-eslint';

const TESTS = ['**/*.test.ts', 'agent/test/**', 'desktop/test/**', '**/testing/**'];

export default defineConfig([
  globalIgnores(['**/dist/', '**/node_modules/', '**/data/', 'coverage/']),
  eslint.configs.recommended,
  {
    files: ['**/*.ts', '**/*.tsx'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowNever: true }],
      // `() => resolve()` and `() => void x` in one line are how callbacks read; a lost promise is found all the same.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // Ports are async whether or not an adapter has to wait.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  {
    rules: {
      eqeqeq: 'error',
      'no-eval': 'error',
      'no-console': 'error',
      'max-lines': ['error', { max: 300 }],
      'max-params': ['error', { max: 4 }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only: one name for one thing everywhere.' },
        { selector: 'ExportAllDeclaration', message: 'No barrels: import from the file that has it.' },
      ],
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'The environment is read in agent/src/config only.' },
      ],
    },
  },
  {
    files: ['agent/src/**/*.ts', 'shared/src/**/*.ts'],
    ignores: TESTS,
    rules: { 'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }] },
  },
  {
    files: ['desktop/src/**/*.{ts,tsx}'],
    extends: [reactHooks.configs.flat.recommended],
    rules: {
      'react-hooks/exhaustive-deps': 'error',
      // Warns that React's compiler leaves a component alone that has a virtualizer: we build without the compiler.
      'react-hooks/incompatible-library': 'off',
    },
  },
  {
    // Where a process begins: the environment becomes values here and is handed down.
    files: [
      'agent/src/config/**',
      'agent/src/cli/process-*.ts',
      '{agent,desktop}/bin/**',
      'scripts/**',
      '{bench,desktop/bench}/**',
      '*.config.*',
      ...TESTS,
    ],
    rules: { 'no-restricted-properties': 'off' },
  },
  {
    files: [
      'scripts/**',
      '{bench,desktop/bench}/**',
      'agent/bin/**',
      'agent/test/**',
      'desktop/test/**',
      '**/testing/**',
      'docs/examples/**',
    ],
    rules: { 'no-console': 'off' },
  },
  {
    // Tools ask for a default export, and packages without types of their own may have one.
    files: ['*.config.*', '.dependency-cruiser.mjs', '**/*.d.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: TESTS,
    // A test reads a value that it has just made; what is wrong there fails the test.
    rules: { '@typescript-eslint/no-non-null-assertion': 'error', 'max-lines-per-function': 'off' },
  },
  {
    files: ['**/*.{js,mjs,cjs}'],
    languageOptions: {
      globals: { process: 'readonly', console: 'readonly', URL: 'readonly', setTimeout: 'readonly' },
    },
  },
]);
