import { mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decodeStatusFile } from '@imagefleet/shared/common/status-file/decode-status-file.ts';
import { seededRandom } from '@imagefleet/shared/testing/generated-images.ts';
import { IS_FULL_RUN, ROUNDS_LIMIT_MS, skipFor } from './support/durability-run.ts';
import { FaultyDisk, type Fault } from './support/faulty-disk.ts';
import { PowerCutDisk, powerCutObstacle } from './support/power-cut-disk.ts';
import { rewriteUntilKilled, StatusRewriter, StatusWatcher } from './support/status-processes.ts';
import { STATUS_NAMES, wrongTurn } from './support/status-turns.ts';

const REWRITES = IS_FULL_RUN ? 10_000 : 1000;
const POWER_CUTS = IS_FULL_RUN ? 10 : 1;
const random = seededRandom(20_260_309);

let dir: string;
let folder: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
  folder = join(dir, 'status');
  await mkdir(folder);
});
afterEach(() => rm(dir, { recursive: true, force: true }));

/** The generation of a file that is one whole generation. */
async function generationOf(name: string, inFolder = folder): Promise<number> {
  const decoded = decodeStatusFile(await readFile(join(inFolder, name), 'utf8'));
  expect(wrongTurn(decoded)).toBeUndefined();
  return decoded.generation ?? -1;
}

async function generationIfThere(name: string): Promise<number> {
  return (await readdir(folder)).includes(name) ? generationOf(name) : 0;
}

it(
  `shows a reader in a tight loop whole generations only, while monitors are killed in ${String(REWRITES)} rewrites`,
  async () => {
    let written = await rewriteUntilKilled(folder, random);
    const watcher = new StatusWatcher(folder);
    try {
      await watcher.ready();
      let kills = 1;
      for (; written < REWRITES; kills += 1) {
        const known = await rewriteUntilKilled(folder, random);
        expect(known).toBeGreaterThan(written);
        written = known;
        for (const name of STATUS_NAMES) expect(await generationOf(name)).toBeGreaterThanOrEqual(written);
      }
      const report = await watcher.report();
      console.info('status files under kill -9', { rewrites: written, kills, ...report });
      expect(report.problems).toEqual([]);
      // Else it has slept through what it was to watch.
      expect(report.generations).toBeGreaterThan(written / 10);
      expect(report.told).toBeGreaterThan(kills);
    } finally {
      watcher.kill();
    }
  },
  ROUNDS_LIMIT_MS,
);

describe('a monitor that dies in the middle of a rewrite', () => {
  // The lease is written and renamed once, at the start, and never synced; so the others are the status file's.
  const MOMENTS: readonly (readonly [title: string, call: Fault['calls'][number], firsts: readonly number[]])[] = [
    ['when it writes the temporary file', 'write', [2, 3, 8]],
    // Odd: the temporary file. Even: its folder, after the rename.
    ['at a sync of the file or of the folder', 'sync', [1, 2, 3, 4, 9, 10]],
    ['at the rename', 'rename', [2, 3, 8]],
  ];
  const options = { files: 1, leasePeriodMs: 3_600_000 };

  it.each(MOMENTS)('%s leaves the old content or the new one, whole', async (_, call, firsts) => {
    const disk = FaultyDisk.make(dir);
    if (typeof disk === 'string') throw new Error(disk);
    for (const first of firsts) {
      const before = await generationIfThere('web.xml');
      await disk.fail({ calls: [call], place: folder, first, count: 1, effect: 'KILL' });
      const killed = new StatusRewriter(folder, { ...options, env: disk.env });
      expect(await killed.ended()).toEqual([null, 'SIGKILL']);
      const known = Math.max(before, killed.generation);
      // Only where the folder is being synced has the new file its name already.
      const isRenamed = call === 'sync' && first % 2 === 0;
      expect(await generationIfThere('web.xml')).toBe(isRenamed ? known + 1 : known);
      expect((await temporaries()).length).toBe(isRenamed ? 0 : 1);

      await disk.heal();
      const left = await temporaries();
      const next = new StatusRewriter(folder, options);
      await next.begun();
      await next.kill();
      expect(next.generation).toBeGreaterThan(known);
      for (const name of await temporaries()) {
        expect(left).not.toContain(name);
        await rm(join(folder, name));
      }
    }
  });

  async function temporaries(): Promise<readonly string[]> {
    return (await readdir(folder)).filter((name) => name.endsWith('.tmp'));
  }
});

describe.each(['ext4', 'xfs'] as const)('a power cut in the middle of rewrites, on %s', (fileSystem) => {
  const obstacle = powerCutObstacle(fileSystem);

  it(
    'leaves every file whole, and no older than what the monitor knew to be written',
    async (ctx) => {
      if (obstacle !== undefined) skipFor(ctx, obstacle);
      const disk = await PowerCutDisk.make(fileSystem, join(dir, 'disk'));
      try {
        await mkdir(join(disk.root, 'status'));
        let before = 0;
        for (let round = 0; round < POWER_CUTS; round += 1) {
          const rewriter = new StatusRewriter(join(disk.root, 'status'), { isQuiet: true });
          await rewriter.begun();
          await delay(random() * 300);
          const known = rewriter.generation;
          await disk.cut();
          await rewriter.kill();
          await disk.restore();
          expect(known).toBeGreaterThan(before);
          for (const name of STATUS_NAMES) {
            expect(await generationOf(name, join(disk.root, 'status'))).toBeGreaterThanOrEqual(known);
          }
          before = known;
        }
      } finally {
        await disk.remove();
      }
    },
    ROUNDS_LIMIT_MS,
  );
});
