import { registerHooks } from 'node:module';

const DOUBLE = new URL('./electron.ts', import.meta.url).href;

/** Given to Node by --import before the built main: whoever asks for `electron` gets the double. */
registerHooks({
  resolve: (specifier, context, next) =>
    specifier === 'electron'
      ? { url: DOUBLE, format: 'module-typescript', shortCircuit: true }
      : next(specifier, context),
});
