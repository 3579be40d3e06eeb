import { cpSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { build, type InlineConfig, type Rolldown } from 'vite';

const ROOT = join(import.meta.dirname, '..');
const OUTPUT = join(ROOT, 'dist/agent');
/** Built by itself; the agent looks for it beside its own file, and does all else without it. */
const CONSOLE = join(ROOT, 'dist/console');
const STORE = join(ROOT, 'agent/src/store');
/** What goes beside the bundle: how an operator makes a service of it. */
const COMPANIONS = ['systemd', 'windows', 'hooks', 'README.md', 'README.zh-CN.md'];

function config(entry: string, fileName: string, extra: InlineConfig['define'] = {}): InlineConfig {
  return {
    configFile: false,
    root: ROOT,
    logLevel: 'warn',
    define: { 'process.env.NODE_ENV': '"production"', ...extra },
    // Everything but Node's own modules goes in: the server has no node_modules.
    ssr: { noExternal: true, target: 'node' },
    build: {
      ssr: entry,
      target: 'node24',
      outDir: OUTPUT,
      emptyOutDir: false,
      minify: false,
      // depd, deep below Koa, uses eval to name functions; code of ours cannot: the linter refuses it.
      rolldownOptions: {
        checks: { eval: false },
        // So that the command runs where somebody installs the folder as a package.
        output: { format: 'es', codeSplitting: false, entryFileNames: fileName, banner: bannerOf(fileName) },
      },
    },
  };
}

function bannerOf(fileName: string): string {
  return fileName === 'imagefleet.mjs' ? '#!/usr/bin/env node' : '';
}

/** A thread's program as one text: the agent starts it from that text, because beside one file there is no second. */
async function buildWorker(entry: string): Promise<string> {
  const { build: options, ...rest } = config(entry, 'worker.mjs');
  const result = (await build({ ...rest, build: { ...options, write: false } })) as Rolldown.RolldownOutput;
  const chunks = result.output.filter((output) => output.type === 'chunk');
  const [chunk] = chunks;
  if (chunk === undefined || chunks.length > 1) throw new Error(`${entry} did not become one file`);
  return chunk.code;
}

/**
 * What web applications import as `imagefleet/resolver`: one file of code and one of types, with the package.json that
 * lets `npm install <this folder>` find both.
 */
async function buildResolver(): Promise<void> {
  const entry = join(ROOT, 'agent/src/resolver.ts');
  await build(config(entry, 'resolver.mjs'));
  writeFileSync(join(OUTPUT, 'resolver.d.mts'), declarationsOf(entry));
  const source = JSON.parse(readFileSync(join(ROOT, 'agent/package.json'), 'utf8')) as Record<string, string>;
  const { name, version, license } = source;
  const manifest = {
    ...{ name, version, license },
    type: 'module',
    engines: { node: '>=24' },
    bin: { imagefleet: './imagefleet.mjs' },
    exports: { './resolver': { types: './resolver.d.mts', default: './resolver.mjs' } },
  };
  writeFileSync(join(OUTPUT, 'package.json'), `${JSON.stringify(manifest, undefined, 2)}\n`);
}

/** The declarations of one file by itself: it must name the types of everything that it exports, and import none. */
function declarationsOf(file: string): string {
  const { outputText, diagnostics = [] } = ts.transpileDeclaration(readFileSync(file, 'utf8'), {
    fileName: file,
    reportDiagnostics: true,
    compilerOptions: { declaration: true, isolatedDeclarations: true, target: ts.ScriptTarget.ES2024 },
  });
  const [problem] = diagnostics;
  if (problem !== undefined) throw new Error(ts.flattenDiagnosticMessageText(problem.messageText, '\n'));
  if (/^import /m.test(outputText)) throw new Error(`the types of ${file} need another file`);
  return outputText;
}

/** Builds dist/agent: the agent and the resolver, each one file that needs nothing but Node 24; recipes for services, and the console. */
export async function buildAgent(): Promise<string> {
  rmSync(OUTPUT, { recursive: true, force: true });
  // The name is agreed with agent/src/store, which starts its threads from this text where it is defined.
  const define = {
    __CATALOG_WORKER_SOURCE__: JSON.stringify(await buildWorker(join(STORE, 'catalog-worker.ts'))),
  };
  await build(config(join(ROOT, 'agent/src/main.ts'), 'imagefleet.mjs', define));
  await buildResolver();
  for (const name of COMPANIONS) cpSync(join(ROOT, 'build', name), join(OUTPUT, name), { recursive: true });
  if (existsSync(CONSOLE)) cpSync(CONSOLE, join(OUTPUT, 'console'), { recursive: true });
  cpSync(join(ROOT, 'LICENSE'), join(OUTPUT, 'LICENSE'));
  return join(OUTPUT, 'imagefleet.mjs');
}

if (import.meta.main) {
  const file = await buildAgent();
  console.log(`${file}: ${(statSync(file).size / 1024 / 1024).toFixed(1)} MB`);
}
