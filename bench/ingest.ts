import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { generateImages, readImages, type SetImage } from './image-set.ts';
import { measure, median, type Measurement } from './measurement.ts';
import { makeQuickFolder } from './quick-folder.ts';
import { startFleet, startYardstick, type RunningTarget } from './targets.ts';

const USAGE = `npm run bench:ingest -- [FOLDER] [options]
Uploads FOLDER (or a generated set) to a fleet of three agents and to a bare Koa + @koa/multer server, on loopback.
  --count N         size of the generated set (2000)
  --concurrency N   uploads at the same time (16)
  --runs N          yardstick and fleet in turn, medians of N runs (1)
  --bundle          run the agents from dist/agent/imagefleet.mjs (npm run build:agent)
  --dir DIR         where the temporary folder goes; its disk is what is measured (${tmpdir()})
  --json            one JSON document`;

interface BenchOptions {
  readonly folder: string | undefined;
  readonly count: number;
  readonly concurrency: number;
  readonly runs: number;
  readonly isBundle: boolean;
  readonly isJson: boolean;
  readonly dir: string;
}

interface Run {
  readonly yardstick: Measurement;
  readonly fleet: Measurement;
}

function readOptions(): BenchOptions {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      count: { type: 'string', default: '2000' },
      concurrency: { type: 'string', default: '16' },
      runs: { type: 'string', default: '1' },
      dir: { type: 'string', default: tmpdir() },
      bundle: { type: 'boolean', default: false },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  const number = (name: 'count' | 'concurrency' | 'runs', max: number): number => {
    const value = Number(values[name]);
    if (!Number.isInteger(value) || value < 1 || value > max) throw new Error(`--${name}: 1 to ${String(max)}`);
    return value;
  };
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  return {
    folder: positionals[0],
    count: number('count', 1_000_000),
    concurrency: number('concurrency', 256),
    runs: number('runs', 100),
    isBundle: values.bundle,
    isJson: values.json,
    dir: resolve(values.dir),
  };
}

async function once(
  start: () => Promise<RunningTarget>,
  images: readonly SetImage[],
  concurrency: number,
): Promise<Measurement> {
  const target = await start();
  try {
    return await measure(target, images, concurrency);
  } finally {
    await target.stop();
  }
}

async function runAll(options: BenchOptions, work: string, images: readonly SetImage[]): Promise<readonly Run[]> {
  const runs: Run[] = [];
  for (let index = 0; index < options.runs; index += 1) {
    const dir = makeQuickFolder(work);
    const yardstick = await once(() => startYardstick(dir), images, options.concurrency);
    const fleet = await once(() => startFleet(dir, options.isBundle), images, options.concurrency);
    runs.push({ yardstick, fleet });
    if (!options.isJson) for (const line of runLines({ yardstick, fleet })) console.log(line);
    await rm(dir, { recursive: true, force: true });
  }
  return runs;
}

function runLines({ yardstick, fleet }: Run): readonly string[] {
  const describe = (name: string, run: Measurement): readonly string[] => [
    `${name}: ${String(run.uploads)} uploads in ${run.uploadSeconds.toFixed(2)} s = ${run.uploadsPerSecond.toFixed(1)}/s; last copy on disk after ${run.lastCopySeconds.toFixed(2)} s = ${run.replicatedPerSecond.toFixed(1)}/s`,
    `  latency ms: p50 ${run.latencyMs.p50.toFixed(1)}, p95 ${run.latencyMs.p95.toFixed(1)}, p99 ${run.latencyMs.p99.toFixed(1)}`,
    ...run.processes.map(
      ({ name: process, cpuSeconds, peakBytes }) =>
        `  ${process}: ${cpuSeconds.toFixed(2)} CPU s, peak memory ${(peakBytes / 1024 / 1024).toFixed(0)} MB`,
    ),
    ...run.problems.map((problem) => `  PROBLEM ${problem}`),
  ];
  return [...describe('yardstick', yardstick), ...describe('fleet of 3', fleet)];
}

function summarize(runs: readonly Run[]): object {
  return {
    uploadRatio: median(runs.map(({ fleet, yardstick }) => fleet.uploadsPerSecond / yardstick.uploadsPerSecond)),
    replicatedRatio: median(runs.map(({ fleet, yardstick }) => fleet.replicatedPerSecond / yardstick.uploadsPerSecond)),
    lastCopyToUploadTime: median(runs.map(({ fleet }) => fleet.lastCopySeconds / fleet.uploadSeconds)),
    fleetUploadsPerSecond: median(runs.map(({ fleet }) => fleet.uploadsPerSecond)),
    fleetReplicatedPerSecond: median(runs.map(({ fleet }) => fleet.replicatedPerSecond)),
    yardstickUploadsPerSecond: median(runs.map(({ yardstick }) => yardstick.uploadsPerSecond)),
    agentPeakBytes: Math.max(...runs.flatMap(({ fleet }) => fleet.processes.map((one) => one.peakBytes))),
    problems: runs.reduce((sum, { fleet, yardstick }) => sum + fleet.problems.length + yardstick.problems.length, 0),
  };
}

async function main(): Promise<void> {
  const options = readOptions();
  const work = await mkdtemp(join(options.dir, 'imagefleet-bench-'));
  try {
    const folder = options.folder === undefined ? join(work, 'set') : resolve(options.folder);
    if (options.folder === undefined) await generateImages(folder, options.count);
    const images = await readImages(folder);
    if (images.length === 0) throw new Error(`${folder} has no images`);
    const totalBytes = images.reduce((sum, image) => sum + image.sizeBytes, 0);
    const set = { images: images.length, totalBytes, concurrency: options.concurrency, cores: availableParallelism() };
    if (!options.isJson) {
      console.log(
        `${String(set.images)} images, ${(totalBytes / 1024 / 1024).toFixed(1)} MB, concurrency ${String(set.concurrency)}, ${String(set.cores)} cores, ${options.isBundle ? 'bundle' : 'source'}, in ${options.dir}`,
      );
    }
    const runs = await runAll(options, work, images);
    const summary = summarize(runs);
    if (options.isJson) console.log(JSON.stringify({ set, summary, runs }));
    else
      for (const [name, value] of Object.entries(summary))
        console.log(`${name}: ${String(Math.round(Number(value) * 1000) / 1000)}`);
    if (runs.some(({ fleet, yardstick }) => fleet.problems.length + yardstick.problems.length > 0))
      process.exitCode = 1;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

await main();
