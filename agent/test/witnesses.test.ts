import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ReachAnswer } from '@imagefleet/shared/common/health/reach.ts';
import { PeerClient } from '#replication/peer-client.ts';
import { askReach } from '#replication/reach-call.ts';
import { AgentProcess, COMMAND, KEY } from './support/agent-process.ts';
import { HOST_NUMBERS, ThreeHosts, threeHostsObstacle } from '@imagefleet/shared/testing/three-hosts.ts';

const PORT = 7401;
/** What a monitor waits for all votes. */
const LIMIT_MS = 500;

const obstacle = threeHostsObstacle();
if (obstacle !== undefined) console.warn(`witnesses: skipped: ${obstacle}`);

describe.skipIf(obstacle !== undefined)('an agent that is asked whether it reaches another one', () => {
  let dir: string;
  let hosts: ThreeHosts;
  let agents: readonly AgentProcess[];
  let clients: readonly PeerClient[];

  beforeEach(async () => {
    hosts = await ThreeHosts.make();
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
    agents = HOST_NUMBERS.map((host) => {
      const name = `s${String(host)}`;
      return new AgentProcess({ name, port: PORT, host: hosts.addressOf(host), dir: join(dir, name) });
    });
    for (const agent of agents) await agent.configure(agents.filter((other) => other !== agent));
    const start = (agent: AgentProcess, index: number): Promise<void> =>
      agent.start([...hosts.on(HOST_NUMBERS[index] ?? 1), process.execPath, COMMAND]);
    await Promise.all(agents.map(start));
    clients = agents.map(({ name, url }) => {
      const self = (): { id: string; name: string } => ({ id: 'a monitor', name: 'monitor' });
      return new PeerClient({ peer: { name, url, securityKey: KEY }, self, now: Date.now });
    });
  });

  afterEach(async () => {
    for (const client of clients) client.close();
    // Ends the agents, too.
    await hosts.remove();
    await rm(dir, { recursive: true, force: true });
  });

  /** What the witness says of the other one, and how long that took. */
  async function ask(
    witness: 1 | 2 | 3,
    about: 1 | 2 | 3,
  ): Promise<{ readonly answer: ReachAnswer | undefined; readonly tookMs: number }> {
    const client = clients[witness - 1] as PeerClient;
    const startedAt = performance.now();
    const address = { host: hosts.addressOf(about), port: PORT };
    const [answer] = await askReach(client, [address], AbortSignal.timeout(20_000));
    return { answer, tookMs: performance.now() - startedAt };
  }

  /** The best of several: a busy machine is late now and then, and only the best shows what the agent itself needs. */
  async function quickest(witness: 1 | 2 | 3, about: 1 | 2 | 3): Promise<number> {
    const times: number[] = [];
    for (let turn = 0; turn < 10; turn += 1) times.push((await ask(witness, about)).tookMs);
    return Math.min(...times);
  }

  it('answers for its own way there, whatever is cut elsewhere, and tells a cut in time', async () => {
    expect((await ask(3, 2)).answer).toBe('reached');
    await hosts.drop(1, 2);
    expect((await ask(1, 2)).answer).toBe('unreached');
    expect((await ask(3, 2)).answer).toBe('reached');
    expect(await quickest(1, 2)).toBeLessThan(LIMIT_MS);
    await hosts.drop(3, 2);
    await expect.poll(async () => (await ask(3, 2)).answer).toBe('unreached');
    await hosts.heal();
    for (const witness of [1, 3] as const) {
      await expect.poll(async () => (await ask(witness, 2)).answer).toBe('reached');
    }
  });

  it('says of one whose process has died that it is not reached', async () => {
    await agents[1]?.stop('SIGKILL');
    expect((await ask(3, 2)).answer).toBe('unreached');
  });
});
