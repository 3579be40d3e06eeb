import { mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pngImage } from '@imagefleet/shared/testing/generated-images.ts';
import { AgentProcess, eventually, freePorts } from './support/agent-process.ts';
import { expectNothingLost } from './support/durability-checks.ts';
import { IS_FULL_RUN, ROUNDS_LIMIT_MS, skipFor } from './support/durability-run.ts';
import { expectEqualFleet, ledgersEmpty } from './support/fleet-checks.ts';
import { PowerCutDisk, powerCutObstacle } from './support/power-cut-disk.ts';
import { SmallDisk, smallDiskObstacle } from './support/small-disk.ts';
import { imagesOnDisk, post, sha256, upload } from './support/upload.ts';
import { UploadLoad } from './support/upload-load.ts';

const ROUNDS = IS_FULL_RUN ? 10 : 1;
/** The store believes a measured free space so long. */
const SPACE_AGE_MS = 1_100;
/** All a disk lets through: what it lacks is only found out by writing. */
const NO_FLOOR = { limits: { freeSpaceFloor: '1B' } };

const obstacle = smallDiskObstacle();
if (obstacle !== undefined) console.warn(`full-disk: skipped: ${obstacle}`);
const thinObstacle = obstacle ?? powerCutObstacle('ext4');
if (thinObstacle !== undefined) console.warn(`full-disk: thin disks are skipped: ${thinObstacle}`);

describe('a full disk', () => {
  let dir: string;
  let disk: SmallDisk;
  let agents: AgentProcess[];
  const mounted: { unmount(): Promise<void> }[] = [];

  beforeEach(async (ctx) => {
    if (obstacle !== undefined) skipFor(ctx, obstacle);
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
    agents = [];
    disk = await SmallDisk.mount(join(dir, 'disk'), 96);
    mounted.push(disk);
  });

  afterEach(async () => {
    if (obstacle !== undefined) return;
    await Promise.all(agents.map((agent) => agent.stop('SIGKILL')));
    for (const one of mounted.splice(0).reverse()) await one.unmount();
    await rm(dir, { recursive: true, force: true });
  });

  /** The last agent's data lies below `root`. */
  async function makeAgents(count: number, root: string, overrides: object): Promise<AgentProcess[]> {
    for (const [index, port] of (await freePorts(count)).entries()) {
      const name = `s${String(index + 1)}`;
      const onDisk = index === count - 1 ? { dataDir: join(root, 'data') } : {};
      agents.push(new AgentProcess({ name, port, dir: join(dir, name), ...onDisk }));
    }
    for (const agent of agents)
      await agent.configure(
        agents.filter((other) => other !== agent),
        overrides,
      );
    await Promise.all(agents.map((agent) => agent.start()));
    return agents;
  }

  const uploadsReceived = async (agent: AgentProcess): Promise<string | undefined> => {
    const text = await (await fetch(`${agent.url}/metrics`)).text();
    return /^imagefleet_uploads_total (\d+)/m.exec(text)?.[1];
  };

  /** Fills the disk under a load, until somebody has been refused for a while, and frees it again; the load goes on after it. */
  async function fillUnder(agent: AgentProcess, load: UploadLoad): Promise<ReadonlyMap<string, number>> {
    load.refusals.clear();
    load.start(agent);
    await disk.fill();
    await eventually('somebody is refused', 20_000, async () => load.refusals.size > 0);
    await disk.fill();
    await delay(300);
    await load.stop();
    const refused = new Map(load.refusals);
    await disk.free();
    await delay(SPACE_AGE_MS);
    load.refusals.clear();
    const target = load.acknowledged + 50;
    load.start(agent);
    await eventually('uploads succeed again', 20_000, async () => load.acknowledged >= target);
    await load.stop();
    return refused;
  }

  it('below the floor refuses before the bytes are taken, says so to balancers, and takes uploads again by itself', async () => {
    const [agent] = (await makeAgents(1, disk.root, { limits: { freeSpaceFloor: '20MB' } })) as [AgentProcess];
    const file = { name: 'a.png', bytes: pngImage({ seed: 1 }) };
    expect(await post(agent, [file])).toMatchObject({ status: 201 });
    await disk.fill(10 * 1024 * 1024);
    await delay(SPACE_AGE_MS);
    const before = await uploadsReceived(agent);
    expect(await post(agent, [file])).toMatchObject({ status: 507, body: { code: 'DISK_FULL' } });
    expect(await uploadsReceived(agent)).toBe(before);
    const ready = await fetch(`${agent.url}/health/ready`);
    expect([ready.status, await ready.json()]).toEqual([503, { ready: false, reason: 'DISK_FULL' }]);
    await disk.free();
    await delay(SPACE_AGE_MS);
    expect(await post(agent, [file])).toMatchObject({ status: 201 });
  });

  it(
    'that is found out by writing answers 507, loses nothing, and needs no restart when there is room again',
    async () => {
      const [agent] = (await makeAgents(1, disk.root, NO_FLOOR)) as [AgentProcess];
      const load = new UploadLoad();
      for (let round = 0; round < ROUNDS; round += 1) {
        const refused = await fillUnder(agent, load);
        expect([...refused.keys()]).toEqual(['507 DISK_FULL']);
        expect(load.refusals, 'refused although there was room').toEqual(new Map());
      }
      await agent.stop('SIGKILL');
      await agent.start();
      await expectNothingLost(agent, load);
    },
    ROUNDS_LIMIT_MS,
  );

  it(
    'that is found out by syncing, on a thin volume, needs no restart either, and loses nothing by a power cut after it',
    async (ctx) => {
      if (thinObstacle !== undefined) skipFor(ctx, thinObstacle);
      const volume = await PowerCutDisk.make('ext4', join(disk.root, 'thin'));
      mounted.push({ unmount: () => volume.remove() });
      const [agent] = (await makeAgents(1, volume.root, NO_FLOOR)) as [AgentProcess];
      const load = new UploadLoad();
      for (let round = 0; round < ROUNDS; round += 1) {
        const refused = await fillUnder(agent, load);
        expect([...refused.keys()].filter((code) => !['507 DISK_FULL', '500 IO_FAILED'].includes(code))).toEqual([]);
        expect(load.refusals, 'refused although there was room').toEqual(new Map());
        await agent.stop('SIGKILL');
        await agent.start();
        await expectNothingLost(agent, load);
        await volume.cut();
        await agent.stop('SIGKILL');
        await volume.restore();
        await agent.start();
        await expectNothingLost(agent, load);
      }
    },
    ROUNDS_LIMIT_MS,
  );

  it.each([
    ['below its floor', { limits: { freeSpaceFloor: '20MB' } }, 10 * 1024 * 1024],
    ['that has no room left at all', NO_FLOOR, 0],
  ])('of a server that lacks images, %s, answers with those of its peer, and keeps them later', async (...row) => {
    const [, config, leaveBytes] = row;
    const [s1, s2] = (await makeAgents(2, disk.root, config)) as [AgentProcess, AgentProcess];
    const images = new Map<string, Buffer>();
    for (let seed = 0; seed < 10; seed += 1) {
      // Some go through in one piece, some as a stream.
      const bytes = pngImage({ seed, sizeBytes: seed % 2 === 0 ? 20_000 : 1_000_000 });
      images.set((await upload(s1, { name: 'a.png', bytes })).path, bytes);
    }
    await eventually('everything is there', 20_000, () => ledgersEmpty(agents));
    // Its image folder is lost, and what lies on the disk now leaves no room for another.
    await rename(s2.imagesDir, join(s2.dataDir, 'gone'));
    await disk.fill(leaveBytes);
    await delay(SPACE_AGE_MS);
    for (let round = 0; round < 2; round += 1) {
      for (const [path, bytes] of images) {
        const whole = await fetch(`${s2.url}/${path}`);
        expect([whole.status, sha256(new Uint8Array(await whole.arrayBuffer()))]).toEqual([200, sha256(bytes)]);
        const range = await fetch(`${s2.url}/${path}`, { headers: { range: 'bytes=10000-10099' } });
        expect([range.status, Buffer.from(await range.arrayBuffer())]).toEqual([206, bytes.subarray(10_000, 10_100)]);
      }
    }
    // Where nothing at all has room, the folder itself is not there again.
    const kept = await imagesOnDisk(s2).catch(() => new Map());
    expect(kept.size).toBe(0);
    expect(await (await fetch(`${s2.url}/metrics`)).text()).toContain(
      'imagefleet_read_through_total{outcome="relayed"} 40',
    );
    await disk.free();
    await eventually('all files are back', 90_000, async () => (await imagesOnDisk(s2)).size === images.size);
    await expectEqualFleet(agents, images.size);
  });

  it.each([
    ['below its floor', { limits: { freeSpaceFloor: '20MB' } }, 10 * 1024 * 1024],
    ['that has no room left at all', NO_FLOOR, 0],
  ])('of a peer %s parks its copies with a cause of their own, and they follow when there is room', async (...row) => {
    const [, config, leaveBytes] = row;
    const [s1] = (await makeAgents(2, disk.root, config)) as [AgentProcess, AgentProcess];
    await disk.fill(leaveBytes);
    await delay(SPACE_AGE_MS);
    for (let seed = 0; seed < 10; seed += 1) {
      expect(await post(s1, [{ name: 'a.png', bytes: pngImage({ seed, sizeBytes: 20_000 }) }])).toMatchObject({
        status: 201,
      });
    }
    const groups = async (): Promise<readonly { state: string; code: string | null }[]> =>
      (await s1.api<{ groups: { state: string; code: string | null }[] }>('/deliveries/summary')).groups;
    await eventually('all are parked for the full disk', 20_000, async () =>
      (await groups()).every(({ state, code }) => state === 'parked' && code === 'PEER_DISK_FULL'),
    );
    expect(await s1.openDeliveries()).toBe(10);
    await disk.free();
    await eventually('the copies have followed', 60_000, () => ledgersEmpty(agents));
    await expectEqualFleet(agents, 10);
  });
});
