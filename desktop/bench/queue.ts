import { existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { pngImage } from '@imagefleet/shared/testing/generated-images.ts';
import { openUploadQueue } from '../src/engine/queue/open-upload-queue.ts';
import { readAhead } from '../src/engine/scan/read-ahead.ts';
import { scanFolders } from '../src/engine/scan/scan-folders.ts';

const USAGE = `npm run bench:queue -- [options]
Adds a folder of small real images to an empty queue: scan, stat and persist. Then opens the queue again. Tells how long each
took and how long the event loop was kept. The folder is made once, in the folder for temporary files; deleting it is yours.
  --files N     images in the folder (100000)
  --folders N   folders they lie in (500)
  --rounds N    how often it is measured (3)`;

/** What the issue of the engine holds it to. */
const MAX_ADD_MS = 3000;
const MAX_REOPEN_MS = 1000;
const MAX_P99_MS = 50;
const IMAGE_BYTES = 1000;
/** So many different images; making each one anew would take minutes. */
const KINDS = 50;

function makeTree(files: number, folders: number): string {
  const tree = join(tmpdir(), `imagefleet-bench-${String(files)}-${String(folders)}`);
  const complete = join(tree, '.complete');
  if (existsSync(complete)) return tree;
  rmSync(tree, { recursive: true, force: true });
  const images = Array.from({ length: KINDS }, (_unused, seed) => pngImage({ seed, sizeBytes: IMAGE_BYTES }));
  for (let index = 0; index < files; index += 1) {
    const folder = join(tree, `album ${String(index % folders)}`);
    if (index < folders) mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `image-${String(index)}.png`), images[index % KINDS] ?? '');
  }
  writeFileSync(complete, '');
  return tree;
}

/** Answers what was not reached. */
async function measure(tree: string, files: number): Promise<readonly string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'imagefleet-queue-'));
  const file = join(folder, 'queue.sqlite');
  try {
    const { queue } = openUploadQueue(file, Date.now());
    queue.recover();
    const delay = monitorEventLoopDelay({ resolution: 5 });
    delay.enable();
    const cpuBefore = process.cpuUsage();
    const startedAt = performance.now();
    let added = 0;
    let addMs = 0;
    for await (const { found } of readAhead(scanFolders([tree], { signal: new AbortController().signal }))) {
      const from = performance.now();
      added += queue.add(found);
      addMs += performance.now() - from;
    }
    const tookMs = performance.now() - startedAt;
    const { user, system } = process.cpuUsage(cpuBefore);
    delay.disable();
    queue.close();
    const reopenedAt = performance.now();
    const again = openUploadQueue(file, Date.now()).queue;
    const { files: queued } = again.recover().queued;
    const first = again.due('queued', { now: Date.now(), limit: 500 }).length;
    const reopenMs = performance.now() - reopenedAt;
    again.close();
    const [p99, max] = [delay.percentile(99) / 1e6, delay.max / 1e6];
    console.log(
      `added ${String(added)} in ${tookMs.toFixed(0)} ms (of which the queue ${addMs.toFixed(0)}; cpu ${((user + system) / 1000).toFixed(0)}), ` +
        `event loop p99 ${p99.toFixed(1)} max ${max.toFixed(1)} ms; reopened in ${reopenMs.toFixed(0)} ms; ` +
        `queue ${(statSync(file).size / 1e6).toFixed(1)} MB, process ${(process.memoryUsage.rss() / 1e6).toFixed(0)} MB; load ${(loadavg()[0] ?? 0).toFixed(1)}`,
    );
    return [
      ...(added === files && queued === files && first > 0 ? [] : ['not every file is in the queue']),
      ...(tookMs > MAX_ADD_MS ? [`adding took more than ${String(MAX_ADD_MS)} ms`] : []),
      ...(reopenMs > MAX_REOPEN_MS ? [`reopening took more than ${String(MAX_REOPEN_MS)} ms`] : []),
      ...(p99 > MAX_P99_MS ? [`p99 of the event loop is above ${String(MAX_P99_MS)} ms`] : []),
    ];
  } finally {
    await rm(folder, { recursive: true });
  }
}

async function main(): Promise<void> {
  const text = { type: 'string' } as const;
  const options = { files: text, folders: text, rounds: text, help: { type: 'boolean' } } as const;
  const { values } = parseArgs({ options });
  if (values.help === true) {
    console.log(USAGE);
    return;
  }
  const files = Number(values.files ?? 100_000);
  const tree = makeTree(files, Number(values.folders ?? 500));
  const problems: string[] = [];
  for (let round = 0; round < Number(values.rounds ?? 3); round += 1) problems.push(...(await measure(tree, files)));
  for (const problem of problems) console.error(`NOT REACHED: ${problem}`);
  if (problems.length > 0) process.exitCode = 1;
}

if (import.meta.main) await main();
