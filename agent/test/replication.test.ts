import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { pngImage } from '@imagefleet/shared/testing/generated-images.ts';
import { eventually, makeFleet, type AgentProcess } from './support/agent-process.ts';
import { expectEqualFleet, ledgersEmpty } from './support/fleet-checks.ts';
import { inParallel, post, upload } from './support/upload.ts';

describe('three agents, each its own process', () => {
  let dir: string;
  let agents: readonly AgentProcess[];
  let s1: AgentProcess;
  let s2: AgentProcess;
  let s3: AgentProcess;

  beforeEach(async () => {
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
    agents = await makeFleet(dir, 3);
    [s1, s2, s3] = agents as [AgentProcess, AgentProcess, AgentProcess];
    await Promise.all(agents.map((agent) => agent.start()));
  });

  afterEach(async () => {
    await Promise.all(agents.map((agent) => agent.stop('SIGKILL')));
    await rm(dir, { recursive: true, force: true });
  });

  it('give the same bytes for every link on every server, whichever took the upload', async () => {
    const links = await Promise.all(
      agents.map(async (agent, index) => upload(agent, { name: '图片 "1" #%.png', bytes: pngImage({ seed: index }) })),
    );
    await eventually('all copies', 10_000, () => ledgersEmpty(agents));
    for (const [index, image] of links.entries()) {
      for (const agent of agents) {
        const answer = await fetch(`${agent.url}/${image.path}`);
        expect(answer.status).toBe(200);
        expect(Buffer.from(await answer.arrayBuffer()).equals(pngImage({ seed: index }))).toBe(true);
      }
    }
  });

  it('acknowledge ack=all only when every server has the image', async () => {
    const { status, body } = await post(s1, [{ name: 'a.png', bytes: pngImage({ seed: 1 }) }], '?ack=all&wait=20s');
    expect(status).toBe(201);
    expect(body.images[0]?.replicas.map((replica) => replica.state)).toEqual(['stored', 'stored', 'stored']);
    for (const agent of agents) expect((await fetch(`${agent.url}/${body.images[0]?.path ?? ''}`)).status).toBe(200);
  });

  it('bring a stopped server up to date when it is back, and burn no attempts while it is known to be down', async () => {
    await s3.stop('SIGTERM');
    await upload(s1, { name: 'first.png', bytes: pngImage({ seed: 0 }) });
    await eventually('s3 known to be down', 10_000, async () => (await stateOf(s1, 's3')) === 'down');
    const seeds = Array.from({ length: 50 }, (_, index) => index + 1);
    await inParallel(seeds, 8, async (seed) => {
      await upload(s1, { name: `${String(seed)}.png`, bytes: pngImage({ seed }) });
    });
    const open = await s1.api<{ deliveries: { state: string; attempts: number; server: string }[] }>(
      '/deliveries?limit=1000&server=s3',
    );
    expect(open.deliveries).toHaveLength(51);
    expect(new Set(open.deliveries.map((row) => `${row.server} ${row.state} ${String(row.attempts)}`))).toEqual(
      new Set(['s3 parked 0']),
    );

    await s3.start();
    await eventually('ledger empty', 20_000, () => ledgersEmpty(agents));
    await expectEqualFleet(agents, 51);
  });

  it('end with the newest version when a named image is overwritten twice while a peer is down', async () => {
    const path = '/api/v1/images/banners/首页.png';
    const put = async (seed: number, query = ''): Promise<number> =>
      (
        await fetch(`${s1.url}${encodeURI(path)}${query}`, {
          method: 'PUT',
          headers: { authorization: 'Bearer scenario-key-0123456789abcdef' },
          body: new Uint8Array(pngImage({ seed })),
        })
      ).status;
    expect(await put(1)).toBe(201);
    await eventually('first version everywhere', 10_000, () => ledgersEmpty(agents));
    await s2.stop('SIGKILL');
    expect(await put(2)).toBe(409);
    expect(await put(2, '?overwrite=true')).toBe(201);
    expect(await put(3, '?overwrite=true')).toBe(201);
    const open = await s1.api<{ deliveries: { server: string }[] }>('/deliveries?server=s2');
    expect(open.deliveries).toHaveLength(1);
    await s2.start();
    await eventually('ledger empty', 20_000, () => ledgersEmpty(agents));
    await expectEqualFleet(agents, 1);
    const served = await fetch(`${s2.url}/${encodeURI('banners/首页.png')}`);
    expect(Buffer.from(await served.arrayBuffer()).equals(pngImage({ seed: 3 }))).toBe(true);
  });

  it('store one image when the same upload is retried at another server with the same id', async () => {
    const file = {
      name: 'once.png',
      bytes: pngImage({ seed: 7 }),
      id: '2026/1/2/0d9c5f0e-5f57-4f6e-9a53-0f6c8c1c2b3a',
    };
    const first = await upload(s1, file);
    const again = await upload(s2, file);
    expect(again.path).toBe(first.path);
    await eventually('ledgers empty', 10_000, () => ledgersEmpty(agents));
    await expectEqualFleet(agents, 1);
    await s3.stop('SIGKILL');
    const late = {
      name: 'late.png',
      bytes: pngImage({ seed: 9 }),
      id: '2026/1/2/1d9c5f0e-5f57-4f6e-9a53-0f6c8c1c2b3a',
    };
    await upload(s1, late);
    await eventually('the copy on s2', 10_000, async () => (await fetch(`${s2.url}/${late.id}.png`)).ok);
    // s2 has no ledger row for it, and must not take that for a copy on s3.
    const retried = await post(s2, [late], '?ack=all&wait=500ms');
    expect(retried.status).toBe(202);
    expect(retried.body.images[0]?.replicas.map(({ server, state }) => `${server} ${state}`).sort()).toEqual([
      's1 stored',
      's2 stored',
      's3 pending',
    ]);
    await s3.start();
    await eventually('ledgers empty', 20_000, () => ledgersEmpty(agents));
    expect((await post(s2, [late], '?ack=all&wait=5s')).status).toBe(201);
    const other = await post(s3, [{ ...file, bytes: pngImage({ seed: 8 }) }]);
    expect(JSON.stringify(other.body)).toContain('ID_TAKEN');
  });
});

async function stateOf(observer: AgentProcess, name: string): Promise<string | undefined> {
  const { servers } = await observer.api<{ servers: { name: string; state: string }[] }>('/servers');
  return servers.find((server) => server.name === name)?.state;
}
