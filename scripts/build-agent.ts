import { cpSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { build, type InlineConfig, type Rolldown } from 'vite';

const ROOT = join(import.meta.dirname, '..');
const OUTPUT = join(ROOT, 'dist/agent');
const STORE = join(ROOT, 'agent/src/store');
/** What goes beside the bundle: how an operator makes a service of it. */
const COMPANIONS = ['systemd', 'windows', 'hooks', 'README.md', 'README.zh-CN.md'];

function config(entry: string, extra: InlineConfig['define'] = {}): InlineConfig {
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
        output: { format: 'es', codeSplitting: false, entryFileNames: 'imagefleet.mjs' },
      },
    },
  };
}

/** A thread's program as one text: the agent starts it from that text, because beside one file there is no second. */
async function buildWorker(entry: string): Promise<string> {
  const { build: options, ...rest } = config(entry);
  const result = (await build({ ...rest, build: { ...options, write: false } })) as Rolldown.RolldownOutput;
  const chunks = result.output.filter((output) => output.type === 'chunk');
  const [chunk] = chunks;
  if (chunk === undefined || chunks.length > 1) throw new Error(`${entry} did not become one file`);
  return chunk.code;
}

/** Builds dist/agent: imagefleet.mjs, which needs nothing but Node 24, and the recipes for services. */
export async function buildAgent(): Promise<string> {
  rmSync(OUTPUT, { recursive: true, force: true });
  // The name is agreed with agent/src/store, which starts its threads from this text where it is defined.
  const define = {
    __CATALOG_WORKER_SOURCE__: JSON.stringify(await buildWorker(join(STORE, 'catalog-worker.ts'))),
  };
  await build(config(join(ROOT, 'agent/src/main.ts'), define));
  for (const name of COMPANIONS) cpSync(join(ROOT, 'build', name), join(OUTPUT, name), { recursive: true });
  cpSync(join(ROOT, 'LICENSE'), join(OUTPUT, 'LICENSE'));
  return join(OUTPUT, 'imagefleet.mjs');
}

if (import.meta.main) {
  const file = await buildAgent();
  console.log(`${file}: ${(statSync(file).size / 1024 / 1024).toFixed(1)} MB`);
}
