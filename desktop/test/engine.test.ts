import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { pngImage, seededRandom } from '@imagefleet/shared/testing/generated-images.ts';
import { OPEN_STATES } from '#engine/queue/queue-item.ts';
import { ConsoleFleet } from './console-fleet.ts';
import { ENGINE, EngineProcesses, filesIn, heldBy, type Counts } from './engine-process.ts';

const IS_FULL_RUN = process.env['IMAGEFLEET_DURABILITY'] === 'full';
const IMAGES = IS_FULL_RUN ? 5000 : 600;
const KILLS = IS_FULL_RUN ? 20 : 6;
const LONGEST_RUN_MS = 1200;
const IMAGE_BYTES = 1500;
const TWIN_EVERY = 10;
const DISTINCT = IMAGES - IMAGES / TWIN_EVERY;
/** So slow that the last kill still comes before the last image. */
const RATE = `${String(Math.round((IMAGES * IMAGE_BYTES) / (KILLS * LONGEST_RUN_MS)))}KB`;
const SEED = Number(process.env['SEED'] ?? Date.now() % 1_000_000);
/** Whatever a file becomes: each is counted once. */
const ALL = [...OPEN_STATES, 'done', 'present', 'failed', 'paused', 'cancelled'] as const;

/** The engine's command in a process of its own, with a queue that outlives it. */
describe(`an engine that uploads a folder (SEED=${String(SEED)})`, () => {
  let fleet: ConsoleFleet;
  let dir: string;
  let folder: string;
  let engines: EngineProcesses;

  beforeAll(async () => {
    fleet = await ConsoleFleet.start();
  });
  afterAll(() => fleet.stop());
  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-engine-'));
    folder = join(dir, 'photos');
    await mkdir(folder);
    engines = new EngineProcesses({
      dataDir: join(dir, 'data'),
      servers: fleet.agents.map(({ url }) => url),
      key: fleet.key,
    });
  });
  afterEach(async () => {
    engines.stop();
    await rm(dir, { recursive: true, force: true });
  });

  async function makeImages(count: number, seed: number): Promise<void> {
    for (let index = 0; index < count; index += 1) {
      // Now and then the bytes of the one before it.
      const number = index % TWIN_EVERY === TWIN_EVERY - 1 ? index - 1 : index;
      await writeFile(join(folder, `${String(index)}.png`), pngImage({ seed: seed + number, sizeBytes: IMAGE_BYTES }));
    }
  }

  it(
    'loses nothing, stores nothing twice and knows how it stands, killed at any moment and begun again',
    { timeout: 300_000 },
    async () => {
      await makeImages(IMAGES, 10_000);
      const before = await heldBy(fleet);
      const random = seededRandom(SEED);
      await engines.ask('limit', '--rate', RATE);
      let engine = engines.begin('add', folder);
      await expect
        .poll(() => engine.lines.some(({ event }) => event === 'added'), { timeout: 30_000, interval: 5 })
        .toBe(true);
      let killedOpen = 0;
      for (let kill = 0; kill < KILLS; kill += 1) {
        await delay(random() * LONGEST_RUN_MS);
        engine.child.kill('SIGKILL');
        await engine.closed;
        const { counts } = await engines.ask('status');
        await checkNumbers(counts ?? expect.fail(), before.hashes);
        if (filesIn(counts ?? expect.fail(), ...OPEN_STATES) > 0) killedOpen += 1;
        engine = engines.begin('run');
        // One that was killed before it began would tell nothing; one that is done has ended.
        await Promise.race([engines.client(), engine.closed]);
      }
      expect(await engine.closed).toBe(0);
      expect(filesIn(engine.counts(), 'done', 'present')).toBe(IMAGES);
      expect(await heldBy(fleet)).toEqual({ paths: before.paths + DISTINCT, hashes: before.hashes + DISTINCT });
      expect(killedOpen, 'kills in the middle').toBeGreaterThan(KILLS / 2);
      console.log(
        `killed ${String(KILLS)} times, ${String(killedOpen)} of them in the middle of ${String(IMAGES)} images`,
      );
    },
  );

  /** After the end of a process: every file is counted, what is done is in the fleet, and what may be is in doubt. */
  async function checkNumbers(counts: Counts, hashesBefore: number): Promise<void> {
    expect(filesIn(counts, ...ALL)).toBe(IMAGES);
    expect(filesIn(counts, 'hashing', 'uploading', 'failed', 'paused', 'cancelled')).toBe(0);
    const arrived = filesIn(counts, 'done', 'present');
    const held = (await heldBy(fleet)).hashes - hashesBefore;
    expect(held).toBeGreaterThanOrEqual(arrived - IMAGES / TWIN_EVERY);
    expect(held).toBeLessThanOrEqual(arrived + counts.inDoubt.files);
  }

  it('loses no file when it is killed while a folder is added, which is then added again', async () => {
    await makeImages(IMAGES, 30_000);
    const before = await heldBy(fleet);
    const engine = engines.begin('add', folder);
    await engines.client();
    engine.child.kill('SIGKILL');
    await engine.closed;
    const again = engines.begin('add', folder);
    expect(await again.closed).toBe(0);
    expect(filesIn(again.counts(), ...OPEN_STATES, 'failed')).toBe(0);
    expect(await heldBy(fleet)).toEqual({ paths: before.paths + DISTINCT, hashes: before.hashes + DISTINCT });
  });

  it('goes on at another agent when its own is killed in the middle, with no failed file', async () => {
    await makeImages(600, 20_000);
    await engines.ask('limit', '--rate', RATE);
    const { closed, counts } = engines.begin('add', folder);
    const client = await engines.client();
    const status = () => client.readStatus({});
    await expect
      .poll(async () => (await status()).counts.done.files, { timeout: 30_000, interval: 20 })
      .toBeGreaterThan(20);
    const target = (await status()).targets.find(({ isFit }) => isFit)?.server ?? expect.fail('there is no target');
    await fleet.kill(fleet.agents.findIndex(({ url }) => url === target));
    expect(filesIn((await status()).counts, ...OPEN_STATES)).toBeGreaterThan(100);
    await client.setLimits({ bytesPerSecond: 0 });
    expect(await closed).toBe(0);
    expect(filesIn(counts(), 'done', 'present')).toBe(600);
    await fleet.revive(fleet.agents.findIndex(({ url }) => url === target));
    const { lines } = engines.begin('links');
    await expect.poll(() => lines.length, { timeout: 10_000 }).toBe(600);
    // A link begins with the address of the server that took the image.
    expect(new Set(lines.map(({ line }) => new URL(line ?? '').origin)).size).toBe(2);
  });

  it('is driven from a second terminal: status, pause over a restart, limits, list, more files, resume', async () => {
    await makeImages(300, 40_000);
    await engines.ask('limit', '--rate', '20KB', '--requests', '2');
    const first = engines.begin('add', folder);
    const client = await engines.client();
    await expect.poll(async () => (await client.readStatus({})).bytesUnderWay, { timeout: 20_000 }).toBeGreaterThan(0);
    expect(await engines.ask('status')).toMatchObject({ isRunning: true, limits: { bytesPerSecond: 20 * 1024 } });
    const second = engines.begin('run');
    expect(await second.closed).toBe(1);
    expect(await engines.ask('pause')).toMatchObject({ isPaused: true });
    const { counts } = await client.readStatus({});
    const settled = filesIn(counts, 'done', 'present');
    expect(filesIn(counts, 'uploading', 'hashing')).toBe(0);
    expect(filesIn(counts, 'queued', 'inDoubt')).toBeGreaterThan(100);
    first.child.kill('SIGTERM');
    expect(await first.closed).toBe(130);
    const again = engines.begin('run');
    await engines.client();
    await delay(500);
    expect(await engines.ask('status')).toMatchObject({ isPaused: true, counts: { done: counts.done } });
    const more = join(dir, 'more');
    await mkdir(more);
    await writeFile(join(more, 'last.png'), pngImage({ seed: 49_999 }));
    expect(await engines.ask('add', more, folder)).toMatchObject({ event: 'added', added: 1 + settled });
    await engines.ask('limit', '--rate', '0', '--requests', '16');
    await engines.ask('resume');
    expect(await again.closed).toBe(0);
    expect(filesIn(again.counts(), 'done', 'present')).toBe(301 + settled);
    const listed = engines.begin('list', '--state', 'done');
    expect(await listed.closed).toBe(0);
    expect(listed.lines).toHaveLength(again.counts().done.files);
    expect(listed.lines.at(-1)).toMatchObject({ image: { link: expect.stringMatching(/^http:/) as unknown } });
    // A reader that has seen enough is no fault.
    const piped = `"${process.execPath}" "${ENGINE}" list --json --data "${join(dir, 'data')}" | head -n 1`;
    const { stdout, stderr } = spawnSync('sh', ['-c', piped], { encoding: 'utf8' });
    expect([stdout.split('\n').length, stderr]).toEqual([2, '']);
  });
});
