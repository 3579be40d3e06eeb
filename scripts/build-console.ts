import { randomUUID } from 'node:crypto';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { build } from 'vite';
import { filesBelow, fingerprintOf, isBuiltFrom, putInPlace } from './built-folder.ts';

const ROOT = join(import.meta.dirname, '..');
const SOURCES = [
  'desktop/src/console',
  'desktop/src/bridge',
  'desktop/package.json',
  'shared/src/common',
  'package-lock.json',
  'scripts/build-console.ts',
  'scripts/built-folder.ts',
];
const PAGES = ['index.html', 'desktop.html'];
const OUTPUT = join(ROOT, 'dist/console');
const COMPRESSED = /\.(html|js|css|svg)$/;
/** Smaller ones fit into a packet as they are. */
const MIN_COMPRESSED_BYTES = 1024;

/**
 * Builds the console into `dist/console`, with compressed files beside the others. It is put in place as a whole, so that an
 * agent that serves it meanwhile, or a second build, never finds half of it.
 */
export async function buildConsole(): Promise<void> {
  // Before the build: what changes while it runs makes it old.
  const sources = fingerprintOf(ROOT, SOURCES);
  const folder = `${OUTPUT}.new-${randomUUID()}`;
  try {
    await buildInto(folder);
    putInPlace(folder, OUTPUT, sources);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function buildInto(folder: string): Promise<void> {
  await build({
    configFile: false,
    root: join(ROOT, 'desktop/src/console'),
    base: '/console/',
    logLevel: 'warn',
    plugins: [react()],
    build: {
      ...{ outDir: folder, emptyOutDir: true, target: 'es2023', assetsInlineLimit: 0 },
      modulePreload: { polyfill: false },
      // One for browsers, one for the desktop app; both share what they have alike.
      rolldownOptions: { input: PAGES.map((page) => join(ROOT, 'desktop/src/console', page)) },
      // The first script is one file; a test watches how much of it goes over the wire.
      chunkSizeWarningLimit: 1024,
    },
  });
  for (const file of filesBelow(folder).filter((path) => COMPRESSED.test(path))) {
    const bytes = readFileSync(file);
    if (bytes.length < MIN_COMPRESSED_BYTES) continue;
    writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
    writeFileSync(`${file}.br`, brotliCompressSync(bytes));
  }
}

/** Builds it when its sources are not those it was built from. Answers whether it did. */
export async function buildConsoleIfOld(): Promise<boolean> {
  if (isBuiltFrom(OUTPUT, fingerprintOf(ROOT, SOURCES))) return false;
  await buildConsole();
  return true;
}

if (import.meta.main) {
  const isBuilt = await buildConsoleIfOld();
  if (isBuilt) console.log('console: built into dist/console');
}
