import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import react from '@vitejs/plugin-react';
import { build } from 'vite';

const ROOT = join(import.meta.dirname, '..');
const SOURCES = [
  'desktop/src/console',
  'desktop/package.json',
  'shared/src/common',
  'package-lock.json',
  'scripts/build-console.ts',
];
const OUTPUT = join(ROOT, 'dist/console');
const STAMP = '.built';
const COMPRESSED = /\.(html|js|css|svg)$/;
/** Smaller ones fit into a packet as they are. */
const MIN_COMPRESSED_BYTES = 1024;

/**
 * Builds the console into `dist/console`, with compressed files beside the others. It is put in place as a whole, so that an
 * agent that serves it meanwhile, or a second build, never finds half of it.
 */
export async function buildConsole(): Promise<void> {
  const folder = `${OUTPUT}.${String(process.pid)}`;
  await build({
    configFile: false,
    root: join(ROOT, 'desktop/src/console'),
    base: '/console/',
    logLevel: 'warn',
    plugins: [react()],
    build: {
      ...{ outDir: folder, emptyOutDir: true, target: 'es2023', assetsInlineLimit: 0 },
      modulePreload: { polyfill: false },
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
  writeFileSync(join(folder, STAMP), `${new Date().toISOString()}\n`);
  rmSync(OUTPUT, { recursive: true, force: true });
  renameSync(folder, OUTPUT);
}

/** Builds it when a source is newer than what was built. Answers whether it did. */
export async function buildConsoleIfOld(): Promise<boolean> {
  if (!isConsoleOld()) return false;
  await buildConsole();
  return true;
}

function isConsoleOld(): boolean {
  const stamp = join(OUTPUT, STAMP);
  if (!existsSync(stamp)) return true;
  const builtMs = statSync(stamp).mtimeMs;
  return SOURCES.flatMap((source) => filesBelow(join(ROOT, source))).some((file) => statSync(file).mtimeMs > builtMs);
}

function filesBelow(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

if (import.meta.main) {
  const isBuilt = await buildConsoleIfOld();
  if (isBuilt) console.log('console: built into dist/console');
}
