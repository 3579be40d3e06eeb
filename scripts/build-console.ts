import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
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
const STAMP = join(OUTPUT, '.built');
const COMPRESSED = /\.(html|js|css|svg)$/;
/** Smaller ones fit into a packet as they are. */
const MIN_COMPRESSED_BYTES = 1024;

/** Builds the console into `dist/console`, with compressed files beside the others. */
export async function buildConsole(): Promise<void> {
  await build({
    configFile: false,
    root: join(ROOT, 'desktop/src/console'),
    base: '/console/',
    logLevel: 'warn',
    plugins: [react()],
    build: {
      outDir: OUTPUT,
      emptyOutDir: true,
      target: 'es2023',
      modulePreload: { polyfill: false },
      assetsInlineLimit: 0,
    },
  });
  for (const file of filesBelow(OUTPUT).filter((path) => COMPRESSED.test(path))) {
    const bytes = readFileSync(file);
    if (bytes.length < MIN_COMPRESSED_BYTES) continue;
    writeFileSync(`${file}.gz`, gzipSync(bytes, { level: 9 }));
    writeFileSync(`${file}.br`, brotliCompressSync(bytes));
  }
  writeFileSync(STAMP, `${new Date().toISOString()}\n`);
}

/** Whether a source is newer than what was built from it. */
export function isConsoleOld(): boolean {
  if (!existsSync(STAMP)) return true;
  const builtMs = statSync(STAMP).mtimeMs;
  return SOURCES.flatMap((source) => filesBelow(join(ROOT, source))).some((file) => statSync(file).mtimeMs > builtMs);
}

function filesBelow(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

if (import.meta.main) {
  const isForced = process.argv.includes('--force');
  if (isForced || isConsoleOld()) {
    await buildConsole();
    console.log('console: built into dist/console');
  }
}
