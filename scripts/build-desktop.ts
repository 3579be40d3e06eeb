import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { build, type InlineConfig } from 'vite';
import { buildConsoleIfOld } from './build-console.ts';
import { fingerprintOf } from './built-folder.ts';

const ROOT = join(import.meta.dirname, '..');
const SOURCES = [
  'desktop/src',
  'desktop/package.json',
  'shared/src',
  'build/tray',
  'package-lock.json',
  'scripts/build-console.ts',
  'scripts/build-desktop.ts',
];
/** What is packed, beside the package.json that names it. */
const OUTPUT = join(ROOT, 'desktop/dist/app');
/** From what it was built. */
const MARK = `${OUTPUT}.built`;
const CONSOLE = join(ROOT, 'dist/console');

interface Bundle {
  readonly entry: string;
  readonly file: string;
  readonly format: 'cjs' | 'es';
}

/**
 * One file a process. Main is CommonJS because Electron waits for it before it is ready, and a module it does not; a preload in a
 * sandbox can be nothing else.
 */
const BUNDLES: readonly Bundle[] = [
  { entry: 'desktop/src/main/electron/start.ts', file: 'main.cjs', format: 'cjs' },
  { entry: 'desktop/src/preload/preload.ts', file: 'preload.cjs', format: 'cjs' },
  { entry: 'desktop/src/engine/process/engine-process.ts', file: 'engine.mjs', format: 'es' },
];

function config({ entry, file, format }: Bundle): InlineConfig {
  return {
    configFile: false,
    root: ROOT,
    logLevel: 'warn',
    define: { 'process.env.NODE_ENV': '"production"' },
    // Nothing of node_modules is packed.
    ssr: { noExternal: true, external: ['electron'], target: 'node' },
    build: {
      ssr: join(ROOT, entry),
      target: 'node24',
      outDir: OUTPUT,
      emptyOutDir: false,
      minify: false,
      rolldownOptions: {
        external: ['electron'],
        checks: { eval: false },
        output: { format, strict: true, codeSplitting: false, entryFileNames: file },
      },
    },
  };
}

/** Builds `desktop/dist/app`: main, preload, engine, the console and the tray's icons. */
export async function buildDesktop(): Promise<void> {
  // Before the build: what changes while it runs makes it old.
  const sources = fingerprintOf(ROOT, SOURCES);
  await buildConsoleIfOld();
  // First of all: a build that is broken off leaves nothing that looks whole.
  rmSync(MARK, { force: true });
  rmSync(OUTPUT, { recursive: true, force: true });
  for (const bundle of BUNDLES) await build(config(bundle));
  // The compressed ones are for servers; here nothing goes over a wire.
  cpSync(CONSOLE, join(OUTPUT, 'console'), { recursive: true, filter: (file) => !/\.(br|gz)$/.test(file) });
  cpSync(join(ROOT, 'build/tray'), join(OUTPUT, 'tray'), { recursive: true });
  writeFileSync(MARK, sources);
}

/** Builds it when its sources are not those it was built from. Answers whether it did. */
export async function buildDesktopIfOld(): Promise<boolean> {
  if (existsSync(MARK) && readFileSync(MARK, 'utf8') === fingerprintOf(ROOT, SOURCES)) return false;
  await buildDesktop();
  return true;
}

if (import.meta.main && (await buildDesktopIfOld())) console.log('desktop: built into desktop/dist/app');
