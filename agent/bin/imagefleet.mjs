#!/usr/bin/env node
// Plain JavaScript that every Node since 18 can read: the program itself needs Node 24, which runs TypeScript directly.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import nodeModule from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const NEEDED_MAJOR = 24;
const self = fileURLToPath(import.meta.url);

/** The Node of the npm package `node`, nearest folder first. */
function findProjectNode() {
  const name = process.platform === 'win32' ? 'node.exe' : 'node';
  for (let folder = dirname(self), parent = ''; folder !== parent; parent = folder, folder = dirname(folder)) {
    const candidate = join(folder, 'node_modules', 'node', 'bin', name);
    if (existsSync(candidate)) return candidate;
  }
  return undefined;
}

function runOn(node) {
  // The fourth channel ends when this process ends, however it ends; agents stop when it does. The two variables are
  // read when a process starts, see agent/src/cli/process-environment.ts.
  const child = spawn(node, [self, ...process.argv.slice(2)], {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { UV_THREADPOOL_SIZE: '16', MALLOC_ARENA_MAX: '2', LAUNCHED_BY_IMAGEFLEET: '1', ...process.env },
  });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to both processes; passing it on would make it the second one, which stops at once.
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
    });
  }
  child.on('error', (error) => {
    process.stderr.write(`imagefleet: cannot start ${node}: ${error.message}\n`);
    process.exitCode = 2;
  });
  child.on('exit', (code, signal) => {
    process.exit(code ?? 128 + (constants.signals[signal] ?? 0));
  });
}

/**
 * Keeps what the TypeScript became, so that only the first start has to load the compiler, which costs time and some
 * 20 MB in every thread. In the project's folder, not in the system's temporary one: what lies there is run.
 */
function cacheCompiledCode() {
  const folder = join(dirname(self), '../../node_modules/.cache/imagefleet');
  if (process.env.NODE_COMPILE_CACHE !== undefined || process.env.NODE_DISABLE_COMPILE_CACHE !== undefined) return;
  // Threads and children read it from the environment.
  process.env.NODE_COMPILE_CACHE = folder;
  nodeModule.enableCompileCache?.(folder);
}

const major = Number(process.versions.node.split('.')[0]);
if (major >= NEEDED_MAJOR) {
  cacheCompiledCode();
  await import('../src/main.ts');
} else {
  const node = process.env.LAUNCHED_BY_IMAGEFLEET === undefined ? findProjectNode() : undefined;
  if (node === undefined) {
    process.stderr.write(
      `imagefleet needs Node ${NEEDED_MAJOR}; this is ${process.version} and the project's own Node (npm package "node") is not installed: run "npm ci" in the project's folder, or install Node ${NEEDED_MAJOR}.\n`,
    );
    process.exitCode = 2;
  } else {
    runOn(node);
  }
}
