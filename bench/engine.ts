import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { parseArgs } from 'node:util';
import { pngImage } from '@imagefleet/shared/testing/generated-images.ts';
import { untilCopied } from './copies.ts';
import { readImages, type SetImage } from './image-set.ts';
import { load } from './load.ts';
import { makeQuickFolder } from './quick-folder.ts';
import { startFleet, startYardstick, type RunningTarget } from './targets.ts';

const USAGE = `npm run bench:engine -- [FOLDER] [options]
Uploads FOLDER to one agent of a fleet of three by the desktop's engine and by "imagefleet upload", and to the yardstick of
bench:ingest (a bare Koa + @koa/multer server), all in one run. Without FOLDER it makes one of small images, and uploads it by
the engine alone, to see how fast it is added, how much memory it takes and how long the event loop is kept.
  --files N   images in the folder that is made (100000)
  --runs N    how often FOLDER is uploaded each way (1)
  --dir DIR   where the temporary folder goes; its disk is what is measured (${tmpdir()})`;

const CLI = join(import.meta.dirname, '../agent/bin/imagefleet.mjs');
const ENGINE = join(import.meta.dirname, '../desktop/bench/engine-run.ts');
/** Those of `npm run engine`. */
const ENGINE_NODE_FLAGS = ['--max-semi-space-size=4'];
const CONCURRENCY = 16;
const COPY_LIMIT_MS = 20 * 60_000;
/** What the issue of the engine holds it to. */
const MAX_ADD_SECONDS = 3;
const MAX_BYTES = 300e6;
const MAX_LOOP_P99_MS = 50;

/** What the engine's process says of itself. */
interface Taken {
  readonly addSeconds: number;
  readonly seconds: number;
  readonly loopP99Ms: number;
  readonly loopMaxMs: number;
  readonly highestBytes: number;
}

interface Upload {
  /** Of the whole process, from its start to its end. */
  readonly seconds: number;
  /** Until the last image was in the last server's folder. */
  readonly copiedSeconds: number;
  readonly taken: Taken | undefined;
}

async function onFleet(dir: string, images: number, args: (target: RunningTarget) => string[]): Promise<Upload> {
  const target = await startFleet(dir, false);
  try {
    const startedAt = performance.now();
    const child = spawn(process.execPath, args(target), { stdio: ['ignore', 'pipe', 'inherit'] });
    let last = '';
    createInterface(child.stdout).on('line', (line) => (last = line));
    const [code] = (await once(child, 'close')) as [number | null];
    if (code !== 0) throw new Error(`the upload ended with ${String(code)}: ${last}`);
    const seconds = (performance.now() - startedAt) / 1000;
    if (!(await untilCopied(target.folders, images, COPY_LIMIT_MS))) throw new Error('not every copy arrived');
    const copiedSeconds = (performance.now() - startedAt) / 1000;
    const taken = last.startsWith('{"event":"taken"') ? (JSON.parse(last) as Taken) : undefined;
    return { seconds, copiedSeconds, taken };
  } finally {
    await target.stop();
  }
}

function engineArgs(folder: string, data: string): (target: RunningTarget) => string[] {
  return (target) => [...ENGINE_NODE_FLAGS, ENGINE, 'add', folder, ...access(target), '--data', data, '--json'];
}

function access({ url, headers }: RunningTarget): string[] {
  const key = (headers['Authorization'] ?? '').replace('Bearer ', '');
  return ['--server', new URL(url).origin, '--key', key];
}

/** Each way in turn, on a disk that is as good for one as for the other. */
async function compare(work: string, folder: string, images: readonly SetImage[]): Promise<void> {
  // Both clients send what is there twice only once.
  const distinct = new Set(images.map(({ sha256 }) => sha256)).size;
  const dir = makeQuickFolder(work);
  const target = await startYardstick(dir);
  const { seconds: bare } = await load(images, target, CONCURRENCY).finally(() => target.stop());
  const yardstick = images.length / bare;
  console.log(`yardstick: ${String(images.length)} uploads in ${bare.toFixed(1)} s = ${yardstick.toFixed(0)}/s`);
  const places = [join(dir, 'by-command'), join(dir, 'by-engine')] as const;
  const command = await onFleet(places[0], distinct, (fleet) => [CLI, 'upload', folder, ...access(fleet)]);
  const engine = await onFleet(places[1], distinct, engineArgs(folder, join(dir, 'data')));
  for (const [name, { seconds, copiedSeconds }] of Object.entries({ 'imagefleet upload': command, engine })) {
    console.log(
      `${name}: ${seconds.toFixed(1)} s = ${(images.length / seconds).toFixed(0)} files/s, ` +
        `${(images.length / seconds / yardstick).toFixed(3)} of the yardstick; on all servers after ${copiedSeconds.toFixed(1)} s, ` +
        `${(images.length / copiedSeconds / yardstick).toFixed(3)} of it`,
    );
  }
  const ratio = command.seconds / engine.seconds;
  console.log(`the engine's rate is ${ratio.toFixed(2)} times that of imagefleet upload (load ${load1()})`);
  if (ratio < 1) {
    console.error('NOT REACHED: the engine is slower than imagefleet upload');
    process.exitCode = 1;
  }
  await rm(dir, { recursive: true, force: true });
}

/** Real images, each another one: what follows the end of a PNG changes its hash and not its picture. */
function makeTree(folder: string, files: number): void {
  const image = pngImage({ seed: 1, sizeBytes: 500 });
  const album = (index: number): string => join(folder, `album ${String(index % 500)}`);
  for (let index = 0; index < files; index += 1) {
    if (index < 500) mkdirSync(album(index), { recursive: true });
    writeFileSync(join(album(index), `${String(index)}.png`), Buffer.concat([image, Buffer.from(String(index))]));
  }
}

async function alone(work: string, files: number): Promise<void> {
  const dir = makeQuickFolder(work);
  const folder = join(dir, 'images');
  makeTree(folder, files);
  const { seconds, taken } = await onFleet(dir, files, engineArgs(folder, join(dir, 'data')));
  if (taken === undefined) throw new Error('the engine told nothing of itself');
  const { addSeconds, highestBytes, loopP99Ms, loopMaxMs } = taken;
  console.log(
    `${String(files)} files: added after ${addSeconds.toFixed(2)} s, up after ${seconds.toFixed(0)} s (${(files / seconds).toFixed(0)}/s); ` +
      `memory ${(highestBytes / 1e6).toFixed(0)} MB at most; event loop p99 ${loopP99Ms.toFixed(1)} ms, max ${loopMaxMs.toFixed(0)} ms; load ${load1()}`,
  );
  const problems = [
    ...(addSeconds <= MAX_ADD_SECONDS ? [] : [`adding took more than ${String(MAX_ADD_SECONDS)} s`]),
    ...(highestBytes <= MAX_BYTES ? [] : [`memory above ${String(MAX_BYTES / 1e6)} MB`]),
    ...(loopP99Ms <= MAX_LOOP_P99_MS ? [] : [`p99 of the event loop above ${String(MAX_LOOP_P99_MS)} ms`]),
  ];
  for (const problem of problems) console.error(`NOT REACHED: ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
}

function load1(): string {
  return (loadavg()[0] ?? 0).toFixed(1);
}

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const options = { files: text, runs: text, dir: text, help: { type: 'boolean' } } as const;
  const { values, positionals } = parseArgs({ allowPositionals: true, options });
  if (values.help === true) {
    console.log(USAGE);
    return;
  }
  const work = await mkdtemp(join(resolve(values.dir ?? tmpdir()), 'imagefleet-bench-'));
  try {
    const [folder] = positionals;
    if (folder === undefined) {
      await alone(work, Number(values.files ?? 100_000));
      return;
    }
    const images = await readImages(resolve(folder));
    if (images.length === 0) throw new Error(`${folder} has no images`);
    for (let run = 0; run < Number(values.runs ?? 1); run += 1) await compare(work, resolve(folder), images);
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

await main();
