import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { SqliteCatalog } from '../agent/src/store/sqlite-catalog.ts';
import { median } from './measurement.ts';
import { processCost } from './process-cost.ts';

const USAGE = `npm run bench:start -- [options]
Builds the catalog of a server that has kept images for years, and measures how long an agent takes to start on it: from the
start of its process until it takes uploads, after a stop in order and after kill -9.
  --records N      images in the catalog (1000000)
  --deliveries N   of these so many are still to be copied (100000)
  --runs N         starts of each kind, the median is told (3)
  --dir DIR        where the temporary folder goes (${tmpdir()})`;
const ROOT = join(import.meta.dirname, '..');
const KEY = 'bench-key-0123456789abcdef';
const WRITE_ROWS = 1000;
const IMAGES_A_DAY = 2000;
const DAY_MS = 86_400_000;
const START_LIMIT_MS = 120_000;
const TARGET_MS = 3000;

interface StartOptions {
  readonly records: number;
  readonly deliveries: number;
  readonly runs: number;
  readonly dir: string;
}

function readOptions(): StartOptions {
  const { values } = parseArgs({
    options: {
      records: { type: 'string', default: '1000000' },
      deliveries: { type: 'string', default: '100000' },
      runs: { type: 'string', default: '3' },
      dir: { type: 'string', default: tmpdir() },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  return {
    records: Number(values.records),
    deliveries: Number(values.deliveries),
    runs: Number(values.runs),
    dir: resolve(values.dir),
  };
}

/** Generated names over as many days as they take, as they come in. */
function write(index: number, isOpen: boolean) {
  const day = new Date(Date.UTC(2024, 0, 1) + Math.floor(index / IMAGES_A_DAY) * DAY_MS);
  const date = `${String(day.getUTCFullYear())}/${String(day.getUTCMonth() + 1)}/${String(day.getUTCDate())}`;
  return {
    path: `${date}/${crypto.randomUUID()}.jpg`,
    sha256: Buffer.from(crypto.getRandomValues(new Uint8Array(32))).toString('hex'),
    sizeBytes: 50_000 + (index % 100_000),
    ...{
      mediaType: 'image/jpeg',
      originalName: `IMG_${String(index)}.jpg`,
      mode: 'create' as const,
      stagingName: null,
    },
    targets: isOpen ? [{ server: 's2', parkedBy: null }] : [],
  };
}

async function buildCatalog(file: string, { records, deliveries }: StartOptions): Promise<void> {
  const catalog = new SqliteCatalog({ file });
  await catalog.start(['s2']);
  for (let start = 0; start < records; start += WRITE_ROWS) {
    const rows = Array.from({ length: Math.min(WRITE_ROWS, records - start) }, (_, index) =>
      write(start + index, start + index >= records - deliveries),
    );
    await catalog.write(rows, Date.now());
    if (start % 100_000 === 0) process.stderr.write(`\r${String(start)} records`);
  }
  await catalog.stop();
  process.stderr.write('\r');
}

/** Starts an agent, and ends it by `signal`; the time until it took uploads, in milliseconds. */
async function timeStart(configFile: string, port: number, signal: 'SIGTERM' | 'SIGKILL'): Promise<number> {
  const beganAt = performance.now();
  const child = spawn(process.execPath, [join(ROOT, 'agent/bin/imagefleet.mjs'), 'agent', '--config', configFile], {
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  try {
    while (!(await isReady(port))) {
      if (child.exitCode !== null || performance.now() - beganAt > START_LIMIT_MS) throw new Error('it did not start');
      await delay(10);
    }
    const tookMs = performance.now() - beganAt;
    // Long enough for what begins after the start to be under way.
    await delay(1000);
    const peak = processCost(child.pid ?? 0)?.peakBytes ?? 0;
    process.stderr.write(`${signal} start ${tookMs.toFixed(0)} ms, ${(peak / 1024 / 1024).toFixed(0)} MB at most\n`);
    return tookMs;
  } finally {
    child.kill(signal);
    await ended;
  }
}

async function isReady(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${String(port)}/health/ready`).then(
    (response) => response.ok,
    () => false,
  );
}

if (import.meta.main) {
  const options = readOptions();
  const folder = await mkdtemp(join(options.dir, 'imagefleet-start-'));
  try {
    const port = 20_000 + Math.floor(Math.random() * 20_000);
    const config = join(folder, 'agent.yaml');
    const peer = `{ name: s2, url: 'http://127.0.0.1:9', securityKey: ${KEY} }`;
    const lines = [
      'name: s1',
      `listen: 127.0.0.1:${String(port)}`,
      'publicUrl: http://x.example.com',
      `peers: [${peer}]`,
    ];
    await writeFile(config, [...lines, `securityKey: ${KEY}`, ''].join('\n'));
    await mkdir(join(folder, 'data'));
    const catalog = join(folder, 'data/catalog.sqlite');
    await buildCatalog(catalog, options);
    console.log(`${String(options.records)} records, ${((await stat(catalog)).size / 1024 / 1024).toFixed(0)} MB`);
    const inOrder: number[] = [];
    const killed: number[] = [];
    for (let run = 0; run < options.runs; run += 1) {
      inOrder.push(await timeStart(config, port, 'SIGKILL'));
      killed.push(await timeStart(config, port, 'SIGTERM'));
    }
    console.log(`after a stop in order: ${median(inOrder).toFixed(0)} ms until uploads are taken`);
    console.log(`after kill -9:         ${median(killed).toFixed(0)} ms until uploads are taken`);
    if (Math.max(median(inOrder), median(killed)) > TARGET_MS) {
      console.log(`slower than the target of ${String(TARGET_MS)} ms`);
      process.exitCode = 1;
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
