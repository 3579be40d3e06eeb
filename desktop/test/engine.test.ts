import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { seededRandom, squaresImage } from '@imagefleet/shared/testing/generated-images.ts';
import { ConsoleFleet } from './console-fleet.ts';

const ENGINE = join(import.meta.dirname, '../bin/engine.ts');
const IMAGES = 600;
const KILLS = 6;
const LONGEST_RUN_MS = 1500;
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);

type Counts = Readonly<Record<string, { readonly files: number }>>;

interface RunningEngine {
  readonly child: ChildProcess;
  /** Its exit code; null when it was killed. */
  readonly closed: Promise<number | null>;
  /** As it told last. */
  readonly counts: () => Counts;
}

interface Listed {
  readonly images: readonly { readonly path: string; readonly sha256: string }[];
  readonly next: string | null;
}

/** The engine's command in a process of its own, with a queue that outlives it. */
describe(`an engine that uploads a folder (SEED=${String(SEED)})`, () => {
  let fleet: ConsoleFleet;
  let dir: string;
  const running = new Set<ChildProcess>();

  beforeAll(async () => {
    fleet = await ConsoleFleet.start();
  });
  afterAll(() => fleet.stop());
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-engine-'));
  });
  afterEach(async () => {
    for (const child of running) child.kill('SIGKILL');
    await rm(dir, { recursive: true, force: true });
  });

  function begin(...command: readonly string[]): RunningEngine {
    const servers = fleet.agents.flatMap(({ url }) => ['--server', url]);
    const args = [ENGINE, ...command, ...servers, '--key', fleet.key, '--data', join(dir, 'data'), '--json'];
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let last: Counts = {};
    createInterface(child.stdout).on('line', (line) => {
      if (line.startsWith('{')) last = (JSON.parse(line) as { counts: Counts }).counts;
    });
    running.add(child);
    child.once('exit', () => running.delete(child));
    const closed = once(child, 'close').then(([code]) => code as number | null);
    return { child, closed, counts: () => last };
  }

  async function makeFolder(seed: number): Promise<string> {
    const folder = join(dir, 'photos');
    await mkdir(folder);
    for (let index = 0; index < IMAGES; index += 1)
      await writeFile(join(folder, `${String(index)}.png`), squaresImage({ seed: seed + index }));
    return folder;
  }

  /** Paths and distinct hashes at one server. */
  async function held(): Promise<{ readonly paths: number; readonly hashes: number }> {
    const hashes = new Set<string>();
    let paths = 0;
    let cursor = '';
    for (;;) {
      const { images, next } = (await (await fleet.call(0, `/images?limit=500${cursor}`)).json()) as Listed;
      paths += images.length;
      for (const { sha256 } of images) hashes.add(sha256);
      if (next === null) return { paths, hashes: hashes.size };
      cursor = `&cursor=${encodeURIComponent(next)}`;
    }
  }

  const filesIn = (counts: Counts, ...states: readonly string[]): number =>
    states.reduce((sum, state) => sum + (counts[state]?.files ?? 0), 0);

  it('loses nothing and stores nothing twice, killed at any moment and begun again', async () => {
    const folder = await makeFolder(10_000);
    const before = await held();
    const random = seededRandom(SEED);
    let engine = begin('add', folder);
    for (let kill = 0; kill < KILLS; kill += 1) {
      await delay(400 + random() * LONGEST_RUN_MS);
      engine.child.kill('SIGKILL');
      await engine.closed;
      engine = begin('run');
    }
    await engine.closed;
    // The first process may have been killed before it had put all of them into its queue: adding them again is what people do.
    const last = begin('add', folder);
    expect(await last.closed).toBe(0);
    expect(filesIn(last.counts(), 'queued', 'hashing', 'uploading', 'inDoubt', 'failed', 'paused', 'cancelled')).toBe(
      0,
    );
    const after = await held();
    expect(after.hashes - before.hashes).toBe(IMAGES);
    expect(after.paths - before.paths).toBe(IMAGES);
  });

  it('goes on at another agent when its own is killed in the middle, with no failed file', async () => {
    const folder = await makeFolder(20_000);
    const { closed, counts } = begin('add', folder);
    await expect.poll(() => filesIn(counts(), 'done'), { timeout: 30_000, interval: 20 }).toBeGreaterThan(20);
    // Whichever agent this machine prefers: two of three go away, one after the other, and come back.
    for (const index of [1, 2]) {
      await fleet.kill(index);
      await delay(500);
      await fleet.revive(index);
    }
    expect(await closed).toBe(0);
    expect(filesIn(counts(), 'done')).toBe(IMAGES);
  });
});
