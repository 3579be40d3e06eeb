import type { CDPSession, Page } from 'playwright-core';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { squaresImage } from '@imagefleet/shared/testing/generated-images.ts';
import { launchBrowser, obstacle } from '../test/browser.ts';
import { ConsoleFleet } from '../test/console-fleet.ts';

const USAGE = `npm run bench:console -- [options]
Opens the built console in Chromium at a real fleet of three agents on this machine, drops a folder of small images onto
it, and then replays as many copies as the third server lacks. Tells how soon the list can be used, how long the page was
busy at a stretch (long tasks, as the browser itself reports them) and how much memory it held. The fleet and the browser
share this machine: on a busy one the tasks grow.
  --files N     images in the folder (10000)
  --copies N    copies to replay (5000)`;

/** What the issue of the console holds it to. */
const MAX_USABLE_MS = 2000;
const MAX_P99_MS = 100;
/** Between half of the files and all of them the page may hold this much more. */
const MAX_GROWTH_BYTES = 20 * 2 ** 20;
const IMAGES_A_REQUEST = 100;
const LIMIT_MS = 20 * 60_000;

interface Tasks {
  readonly count: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** From here on the page keeps how long each of its long tasks took (W3C Long Tasks: 50 ms and more). */
async function watchTasks(page: Page): Promise<void> {
  await page.evaluate(() => {
    const kept: number[] = [];
    Object.assign(globalThis, { longTasks: kept });
    // Node's own types name other kinds of entries.
    const type = 'longtask' as 'measure';
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) kept.push(duration);
    }).observe({ type });
  });
}

/** The long tasks since the last call. */
async function tasksOf(page: Page): Promise<Tasks> {
  const durations = await page.evaluate(() => {
    const { longTasks } = globalThis as unknown as { longTasks: number[] };
    return longTasks.splice(0);
  });
  durations.sort((a, b) => a - b);
  return {
    count: durations.length,
    p99Ms: durations[Math.max(0, Math.ceil(durations.length * 0.99) - 1)] ?? 0,
    maxMs: durations.at(-1) ?? 0,
  };
}

function tasksLine({ count, p99Ms, maxMs }: Tasks): string {
  return `${String(count)} long tasks, p99 ${p99Ms.toFixed(0)}, at most ${maxMs.toFixed(0)} ms`;
}

/** What the page's script holds after a collection. */
async function heapBytes(session: CDPSession): Promise<number> {
  await session.send('HeapProfiler.collectGarbage');
  return (await session.send('Runtime.getHeapUsage')).usedSize;
}

async function until(what: string, probe: () => Promise<boolean>, everyMs = 250): Promise<void> {
  const deadline = performance.now() + LIMIT_MS;
  while (!(await probe())) {
    if (performance.now() > deadline) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, everyMs));
  }
}

async function makeFolder(files: number): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'imagefleet-dropped-'));
  for (let index = 0; index < files; index += 1) {
    const inner = join(folder, `album ${String(index % 20)}`);
    if (index < 20) await mkdir(inner);
    await writeFile(join(inner, `${String(index)}.png`), squaresImage({ seed: index }));
  }
  return folder;
}

/** Answers what was not reached. */
async function measureDrop(page: Page, session: CDPSession, files: number): Promise<readonly string[]> {
  const folder = await makeFolder(files);
  const problems: string[] = [];
  try {
    const rows = page.getByRole('main').getByRole('listitem');
    await watchTasks(page);
    const heapBefore = await heapBytes(session);
    const data = { items: [], files: [folder], dragOperationsMask: 1 };
    for (const type of ['dragEnter', 'dragOver'] as const)
      await session.send('Input.dispatchDragEvent', { type, x: 600, y: 400, data });
    const droppedAt = performance.now();
    await session.send('Input.dispatchDragEvent', { type: 'drop', x: 600, y: 400, data });
    await rows.first().waitFor();
    const firstRowMs = performance.now() - droppedAt;
    await until('all rows', async () => Number(await rows.first().getAttribute('aria-setsize')) === files, 50);
    const usableMs = performance.now() - droppedAt;
    console.log(
      `Dropped    first row after ${firstRowMs.toFixed(0)} ms, all ${String(files)} after ${usableMs.toFixed(0)} ms`,
    );
    if (usableMs > MAX_USABLE_MS) problems.push(`the list was not there within ${String(MAX_USABLE_MS)} ms`);
    const left = async (): Promise<number> => files - (await doneCount(page, files));
    await until('half of the files', async () => (await left()) <= files / 2, 1000);
    const heapHalf = await heapBytes(session);
    await until('all files', async () => (await left()) === 0, 1000);
    const seconds = (performance.now() - droppedAt) / 1000;
    const heapAfter = await heapBytes(session);
    const tasks = await tasksOf(page);
    const [before, half, after] = [heapBefore, heapHalf, heapAfter].map((bytes) => (bytes / 2 ** 20).toFixed(1));
    console.log(`Uploaded   ${(files / seconds).toFixed(0)} files a second, ${tasksLine(tasks)}`);
    console.log(`Memory     ${before} MB before, ${half} after half of them, ${after} after all`);
    if (tasks.p99Ms > MAX_P99_MS)
      problems.push(`p99 of the long tasks while uploading is above ${String(MAX_P99_MS)} ms`);
    if (heapAfter - heapHalf > MAX_GROWTH_BYTES) problems.push('the memory grew while uploading');
  } finally {
    await rm(folder, { recursive: true });
  }
  return problems;
}

/** Files that are through, from the first line of the page. */
async function doneCount(page: Page, files: number): Promise<number> {
  const line = await page.getByRole('main').locator('header').innerText();
  if (line.includes(`All ${files.toLocaleString('en-US')} images`)) return files;
  return Number(/([\d,]+) of [\d,]+ files/.exec(line)?.[1]?.replaceAll(',', '') ?? 0);
}

async function measureReplay(fleet: ConsoleFleet, page: Page, copies: number): Promise<readonly string[]> {
  await fleet.kill(2);
  for (let sent = 0; sent < copies; sent += IMAGES_A_REQUEST) {
    const files = Array.from({ length: Math.min(IMAGES_A_REQUEST, copies - sent) }, (_, index) => ({
      name: `${String(sent + index)}.png`,
      bytes: squaresImage({ seed: 1_000_000 + sent + index }),
    }));
    await fleet.send(0, files);
  }
  await page.goto(`${fleet.agent(0).url}/console#/errors`);
  await page.reload();
  const shown = copies.toLocaleString('en-US');
  await page.getByText(`${shown} copies`).first().waitFor({ timeout: LIMIT_MS });
  await fleet.revive(2);
  await fleet.whenUp(2);
  await watchTasks(page);
  const beganAt = performance.now();
  await page.getByRole('button', { name: 'Replay all' }).click();
  const seen = new Set<string>();
  const over = page.getByText(`Replay done: ${shown} copies arrived.`).first();
  await until('the replay', async () => {
    const bar = page.getByRole('progressbar').first();
    if ((await bar.count()) > 0) seen.add((await bar.getAttribute('value').catch(() => null)) ?? '');
    return over.isVisible();
  });
  const seconds = (performance.now() - beganAt) / 1000;
  const tasks = await tasksOf(page);
  console.log(
    `Replayed   ${shown} copies in ${seconds.toFixed(0)} s, ${String(seen.size)} steps of progress seen, ${tasksLine(tasks)}`,
  );
  const problems: string[] = [];
  if (seen.size < 3) problems.push('no progress was seen');
  if (tasks.p99Ms > MAX_P99_MS) problems.push(`p99 of the long tasks in the replay is above ${String(MAX_P99_MS)} ms`);
  return problems;
}

async function run(files: number, copies: number): Promise<void> {
  // Nothing goes out by itself, so that all of it is left for the replay.
  const fleet = await ConsoleFleet.start({ IMAGEFLEET_REPLICATION__AUTORETRY: 'false' });
  const browser = await launchBrowser();
  try {
    const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US' });
    const page = await context.newPage();
    const session = await context.newCDPSession(page);
    await page.goto(await fleet.loginLink());
    await page.getByRole('main').getByRole('heading', { level: 1 }).waitFor();
    console.log(`${browser.browserType().name()} ${browser.version()}, Node ${process.version}`);
    const problems = [
      ...(files > 0 ? await measureDrop(page, session, files) : []),
      ...(copies > 0 ? await measureReplay(fleet, page, copies) : []),
    ];
    for (const problem of problems) console.log(problem);
    if (problems.length > 0) process.exitCode = 1;
  } finally {
    await browser.close();
    await fleet.stop();
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      files: { type: 'string', default: '10000' },
      copies: { type: 'string', default: '5000' },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) {
    console.log(USAGE);
    process.exit(0);
  }
  const [files, copies] = [Number(values.files), Number(values.copies)];
  if (![files, copies].every((count) => Number.isInteger(count) && count >= 0 && count <= 100_000))
    throw new Error('--files and --copies: 0 to 100000');
  if (obstacle !== undefined) {
    console.error(obstacle);
    process.exit(2);
  }
  await run(files, copies);
}
