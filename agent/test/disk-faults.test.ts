import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { eventually, makeFleet, type AgentProcess } from './support/agent-process.ts';
import { expectNothingLost } from './support/durability-checks.ts';
import { IS_FULL_RUN, ROUNDS_LIMIT_MS, skipFor } from './support/durability-run.ts';
import { FaultyDisk, type Fault } from './support/faulty-disk.ts';
import { pngImage } from '@imagefleet/shared/testing/generated-images.ts';
import { imagesOnDisk, sha256 } from './support/upload.ts';
import { Reader } from './support/reader.ts';
import { putNamed, UploadLoad } from './support/upload-load.ts';

const KILLS = IS_FULL_RUN ? 20 : 1;
/** So much is acknowledged before a fault, and again after it. */
const HEALTHY_UPLOADS = 30;
const FAULTY_MS = IS_FULL_RUN ? 300 : 100;

const STAGED = '/data/tmp/';
const TREE = '/data/images/';
const LOG = 'catalog.sqlite-wal';
const DATABASE = 'catalog.sqlite';

/** What fails, and what clients may be told while it does. */
const FAULTS: readonly (readonly [title: string, fault: Fault, codes: readonly string[]])[] = [
  ...(['EIO', 'ENOSPC'] as const).flatMap((effect) => {
    const code = effect === 'EIO' ? '500 IO_FAILED' : '507 DISK_FULL';
    const fault = (title: string, calls: Fault['calls'], place: string, more: Partial<Fault> = {}) =>
      [`${effect} ${title}`, { calls, place, effect, ...more }, [code]] as const;
    return [
      fault('for all writes of staged files', ['write'], STAGED),
      fault('for the 7th write of a staged file', ['write'], STAGED, { first: 7, count: 1 }),
      fault('for all syncs of staged files', ['sync'], STAGED),
      fault('for the 5th sync of a staged file', ['sync'], STAGED, { first: 5, count: 1 }),
      fault('for all renames into the tree', ['rename'], TREE),
      // So many that some are of new images: of an overwrite the commit comes first, and a rename that fails refuses nothing.
      fault('for the 3rd to the 30th rename into the tree', ['rename'], TREE, { first: 3, count: 28 }),
      fault('for all syncs of the folders of the tree', ['sync'], TREE),
      fault('for all writes of the log of the catalog', ['write'], LOG),
      fault('for the 9th to the 20th write of the log of the catalog', ['write'], LOG, { first: 9, count: 12 }),
    ];
  }),
  // SQLite tells that a sync failed, not why.
  ...(['EIO', 'ENOSPC'] as const).map(
    (effect) =>
      [
        `${effect} for all syncs of the log of the catalog`,
        { calls: ['sync'], place: LOG, effect },
        ['500 IO_FAILED'],
      ] as const,
  ),
  [
    'EIO for the 2nd to the 20th sync of the log of the catalog',
    { calls: ['sync'], place: LOG, effect: 'EIO', first: 2, count: 19 },
    ['500 IO_FAILED'],
  ],
];

const KILLED = [
  ['sync of a staged file', 'sync', STAGED],
  ['sync of a folder of the tree', 'sync', TREE],
  ['rename into the tree', 'rename', TREE],
  ['write of the log of the catalog', 'write', LOG],
  ['sync of the log of the catalog', 'sync', LOG],
  ['write of anything of the catalog', 'write', DATABASE],
] as const;

describe('a disk that fails under an agent', () => {
  let dir: string;
  let agent: AgentProcess;
  let disk: FaultyDisk;
  let load: UploadLoad;
  let obstacle: string | undefined;

  beforeAll(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
    const made = FaultyDisk.make(dir);
    if (typeof made === 'string') {
      obstacle = made;
      return;
    }
    disk = made;
    load = new UploadLoad();
    agent = (await makeFleet(dir, 1, { limits: { freeSpaceFloor: '1MB' } }))[0] as AgentProcess;
    await agent.start(undefined, disk.env);
  });

  beforeEach((ctx) => {
    if (obstacle !== undefined) skipFor(ctx, obstacle);
  });

  afterAll(async () => {
    if (obstacle === undefined) await agent.stop('SIGKILL');
    await rm(dir, { recursive: true, force: true });
  });

  const acknowledgedMore = (count: number): Promise<void> => {
    const target = load.acknowledged + count;
    return eventually(`${String(count)} more acknowledged`, 30_000, async () => load.acknowledged >= target);
  };

  async function expectNothingLostByRestart(): Promise<void> {
    await agent.stop('SIGKILL');
    await disk.heal();
    await agent.start(undefined, disk.env);
    await expectNothingLost(agent, load);
  }

  it.each(FAULTS)('%s: refused with the right code, whole images only, taken again after it', async (...row) => {
    const [, fault, codes] = row;
    const reader = new Reader();
    load.refusals.clear();
    load.start(agent);
    await acknowledgedMore(HEALTHY_UPLOADS);
    reader.start(agent, load);
    await disk.fail(fault);
    await eventually('somebody is refused', 30_000, async () => load.refusals.size > 0);
    await delay(FAULTY_MS);
    await load.stop();
    await reader.stop();
    await disk.heal();
    expect([...load.refusals.keys()].filter((code) => !codes.includes(code))).toEqual([]);
    expect(reader.wrong).toEqual([]);
    expect(reader.seen).toBeGreaterThan(0);

    load.refusals.clear();
    load.start(agent);
    await acknowledgedMore(HEALTHY_UPLOADS);
    await load.stop();
    expect(load.refusals, 'refused although the disk was whole again').toEqual(new Map());
    if (IS_FULL_RUN) await expectNothingLostByRestart();
  });

  it('has everything that it acknowledged among all those faults after its restart', async () => {
    await expectNothingLostByRestart();
  });

  it('serves a whole version of an image whose overwrite failed in its commit, after kill -9', async () => {
    const [before, after] = [pngImage({ seed: 1 }), pngImage({ seed: 2 })];
    expect(await putNamed(agent, 'unsure/logo.png', before)).toMatchObject({ status: 201 });
    // The sweep notes the rename a moment later, in a commit of its own, which is not the one that is to fail.
    await delay(500);
    await disk.fail({ calls: ['sync'], place: LOG, effect: 'EIO' });
    const answer = await putNamed(agent, 'unsure/logo.png', after);
    expect(answer).toMatchObject({ status: 500, body: { code: 'IO_FAILED' } });
    await agent.stop('SIGKILL');
    await disk.heal();
    await agent.start(undefined, disk.env);
    const response = await fetch(`${agent.url}/unsure/logo.png`);
    expect(response.status).toBe(200);
    const served = sha256(new Uint8Array(await response.arrayBuffer()));
    expect([sha256(before), sha256(after)]).toContain(served);
    expect(response.headers.get('etag')).toBe(`"${served}"`);
    expect(agent.linesSinceStart.filter((line) => line.includes('recovery.bytesMissing'))).toEqual([]);
    expect((await imagesOnDisk(agent)).get('unsure/logo.png')).toBe(served);
    for (const bytes of [before, after]) load.sent.add(sha256(bytes));
  });

  it.each(KILLED)(
    'killed at some %s: nothing lost, and a clean start',
    async (_, call, place) => {
      for (let round = 0; round < KILLS; round += 1) {
        await disk.fail({ calls: [call], place, first: 1 + Math.floor(Math.random() * 40), count: 1, effect: 'KILL' });
        load.start(agent);
        await eventually('killed', 30_000, async () => !agent.isRunning);
        await load.stop();
        expect(agent.end).toBe('SIGKILL');
        await expectNothingLostByRestart();
      }
    },
    ROUNDS_LIMIT_MS,
  );
});
