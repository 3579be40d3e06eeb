import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pngImage } from '@imagefleet/shared/testing/generated-images.ts';
import { eventually, KEY, makeFleet, type AgentProcess } from './support/agent-process.ts';
import { ledgersEmpty } from './support/fleet-checks.ts';
import { imagesOnDisk, inParallel, sha256, upload } from './support/upload.ts';

const COUNT = 2000;

/** Uploads COUNT small images to `target`; answers path -> sha256 of what was acknowledged. `half` runs once, in the middle. */
async function uploadWithAccident(target: AgentProcess, half: () => Promise<void>): Promise<Map<string, string>> {
  const acknowledged = new Map<string, string>();
  let accident: Promise<void> | undefined;
  await inParallel(
    Array.from({ length: COUNT }, (_, seed) => seed),
    16,
    async (seed) => {
      if (seed === COUNT / 2) accident = half();
      const bytes = pngImage({ seed, sizeBytes: 2000 });
      const image = await upload(target, { name: `${String(seed)}.png`, bytes }).catch(() => undefined);
      if (image !== undefined) acknowledged.set(image.path, sha256(bytes));
    },
  );
  await accident;
  return acknowledged;
}

async function expectNothingMissing(
  agents: readonly AgentProcess[],
  acknowledged: ReadonlyMap<string, string>,
): Promise<void> {
  for (const agent of agents) {
    const disk = await imagesOnDisk(agent);
    const wrong = [...acknowledged].filter(([path, hash]) => disk.get(path) !== hash);
    expect(wrong, `missing or damaged on ${agent.name}`).toEqual([]);
  }
}

describe('SIGKILL in the middle of an upload of 2,000 images', () => {
  let dir: string;
  let agents: readonly AgentProcess[];

  const bringUp = async (overrides: object = {}): Promise<[AgentProcess, AgentProcess, AgentProcess]> => {
    agents = await makeFleet(dir, 3, overrides);
    await Promise.all(agents.map((agent) => agent.start()));
    return agents as [AgentProcess, AgentProcess, AgentProcess];
  };

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
  });

  afterEach(async () => {
    await Promise.all(agents.map((agent) => agent.stop('SIGKILL')));
    await rm(dir, { recursive: true, force: true });
  });

  it('of a peer: everything arrives and the ledger empties by itself', async () => {
    const [s1, s2] = await bringUp();
    const acknowledged = await uploadWithAccident(s1, () => s2.stop('SIGKILL'));
    expect(acknowledged.size).toBe(COUNT);
    await eventually(
      's2 known to be down',
      10_000,
      async () => (await open(s1, 'parked')) > 0 && (await open(s1, 'pending')) === 0,
    );
    expect(await attempts(s1)).toEqual([0]);
    await s2.start();
    await eventually('ledgers empty', 60_000, () => ledgersEmpty(agents));
    await expectNothingMissing(agents, acknowledged);
  });

  it('of a peer, with automatic retry off: uploaderrors empties the ledger and answers the right numbers', async () => {
    const [s1, s2] = await bringUp({ replication: { autoRetry: false } });
    const acknowledged = await uploadWithAccident(s1, () => s2.stop('SIGKILL'));
    await eventually('copies for s3 gone out', 20_000, async () => (await open(s1, 'pending')) === 0);
    const waiting = await s1.openDeliveries();
    expect(waiting).toBeGreaterThan(0);
    const replay = async (): Promise<{ resp: { success: number; replayed: number; remaining: number } }> => {
      const answer = await fetch(`${s1.url}/do.ashx?action=uploaderrors&format=json&SecurityKey=${KEY}`);
      return (await answer.json()) as { resp: { success: number; replayed: number; remaining: number } };
    };

    // On a busy machine s3 may have looked down for a moment; what was parked for it then goes out here.
    const { resp: first } = await replay();
    expect(first.replayed + first.remaining).toBe(waiting);
    expect(first.remaining).toBeGreaterThan(0);
    await s2.start();
    expect(await replay()).toEqual({ resp: { success: 1, replayed: first.remaining, remaining: 0 } });
    await expectNothingMissing(agents, acknowledged);
  });

  it('of the uploading agent: what it acknowledged is on all three after its restart', async () => {
    const [s1] = await bringUp();
    const acknowledged = await uploadWithAccident(s1, () => s1.stop('SIGKILL'));
    expect(acknowledged.size).toBeGreaterThan(0);
    expect(acknowledged.size).toBeLessThan(COUNT);
    await s1.start();
    await eventually('ledgers empty', 60_000, () => ledgersEmpty(agents));
    await expectNothingMissing(agents, acknowledged);
  });
});

async function open(agent: AgentProcess, state: string): Promise<number> {
  const { groups } = await agent.api<{ groups: { state: string; count: number }[] }>('/deliveries/summary');
  return groups.filter((group) => group.state === state).reduce((sum, group) => sum + group.count, 0);
}

/** The different numbers of attempts among the open deliveries. */
async function attempts(agent: AgentProcess): Promise<readonly number[]> {
  const page = await agent.api<{ deliveries: { attempts: number }[] }>('/deliveries?limit=1000');
  return [...new Set(page.deliveries.map((row) => row.attempts))];
}
