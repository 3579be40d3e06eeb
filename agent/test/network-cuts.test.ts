import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { AgentProcess, COMMAND, eventually } from './support/agent-process.ts';
import { AttemptWatch, stateOf } from './support/attempt-watch.ts';
import { expectNothingLost } from './support/durability-checks.ts';
import { IS_FULL_RUN, skipFor } from './support/durability-run.ts';
import { expectEqualFleet, ledgersEmpty } from './support/fleet-checks.ts';
import {
  HOST_NUMBERS,
  ThreeHosts,
  threeHostsObstacle,
  type HostNumber,
} from '@imagefleet/shared/testing/three-hosts.ts';
import { UploadLoad } from './support/upload-load.ts';

type Three<T> = readonly [T, T, T];
/** From whom to whom. */
type Pair = readonly [HostNumber, HostNumber];

/** How long each host is cut off. */
const CUTS_MS: Three<number> = IS_FULL_RUN ? [30_000, 30_000, 30_000] : [10_000, 1_500, 1_500];
/** A cut of this length lasts until it is known as such; shorter ones are over before. */
const LONG_CUT_MS = 10_000;
const KNOWN_WITHIN_MS = 30_000;
const DROP_MS = IS_FULL_RUN ? 15_000 : 1_000;
const DROPS: readonly Pair[] = IS_FULL_RUN
  ? HOST_NUMBERS.flatMap((from) => HOST_NUMBERS.filter((to) => to !== from).map((to): Pair => [from, to]))
  : [
      [1, 2],
      [2, 3],
      [3, 1],
    ];
const HEALED_WITHIN_MS = 90_000;
const LIMIT_MS = IS_FULL_RUN ? 20 * 60_000 : 180_000;
/** What a network can be blamed for. */
const CAUSES = ['PEER_DOWN', 'PEER_TIMEOUT', 'PEER_UNREACHABLE'];
/** Three clients for each host; what they upload is to fit on any machine's disk three times. */
const LOAD = { width: 3, pauseMs: 250 };
const PORT = 7401;

const obstacle = threeHostsObstacle();
if (obstacle !== undefined) console.warn(`network cuts: skipped: ${obstacle}`);

describe('three hosts that are uploaded to all the time', () => {
  let dir: string;
  let hosts: ThreeHosts;
  let agents: readonly AgentProcess[];
  let loads: readonly UploadLoad[];
  let watch: AttemptWatch;

  beforeEach(async (ctx) => {
    if (obstacle !== undefined) skipFor(ctx, obstacle);
    hosts = await ThreeHosts.make();
    dir = await mkdtemp(join(tmpdir(), 'imagefleet-'));
    agents = HOST_NUMBERS.map((host) => {
      const name = `s${String(host)}`;
      return new AgentProcess({ name, port: PORT, host: hosts.addressOf(host), dir: join(dir, name) });
    });
    loads = agents.map((agent) => new UploadLoad({ ...LOAD, name: agent.name }));
    watch = new AttemptWatch();
    for (const agent of agents) await agent.configure(agents.filter((other) => other !== agent));
    await Promise.all(HOST_NUMBERS.map((host) => agentOn(host).start([...hosts.on(host), process.execPath, COMMAND])));
  });

  afterEach(async () => {
    if (obstacle !== undefined) return;
    await Promise.all([...loads, watch].map((running) => running.stop().catch(() => undefined)));
    // Ends the agents, too.
    await hosts.remove();
    await rm(dir, { recursive: true, force: true });
  });

  function agentOn(host: HostNumber): AgentProcess {
    return agents[host - 1] as AgentProcess;
  }

  async function everybodyUp(): Promise<void> {
    const pairs = agents.flatMap((from) => agents.filter((to) => to !== from).map((to) => [from, to] as const));
    await eventually('all up', HEALED_WITHIN_MS, async () => {
      for (const [from, to] of pairs) if ((await stateOf(from, to)) !== 'up') return false;
      return true;
    });
  }

  /** Both ways between a host and the other two. */
  function pairsOf(host: HostNumber): readonly Pair[] {
    const others = HOST_NUMBERS.filter((other) => other !== host);
    return others.flatMap((other): Pair[] => [
      [host, other],
      [other, host],
    ]);
  }

  /** Every host goes on taking uploads while the network is broken, and what one owes to a host that it cannot reach waits. */
  async function expectWork(lost: readonly Pair[], pass: () => Promise<void>): Promise<void> {
    const before = loads.map((load) => load.acknowledged);
    await pass();
    for (const [index, load] of loads.entries()) expect(load.acknowledged).toBeGreaterThan(before[index] ?? 0);
    for (const [from, to] of lost) {
      const page = await agentOn(from).api(`/deliveries?limit=1&server=s${String(to)}`);
      expect(page, `what s${String(from)} owes to s${String(to)}`).toMatchObject({ deliveries: [{}] });
    }
  }

  it(
    'and cut off in turn, then one way each, end with all images everywhere, and burn no attempt on a peer that is lost',
    async () => {
      await everybodyUp();
      for (const [index, load] of loads.entries()) load.start(agents[index] as AgentProcess);
      watch.start(agents);
      for (const [index, host] of HOST_NUMBERS.entries()) {
        const cutMs = CUTS_MS[index] ?? 0;
        await hosts.cut(host);
        await expectWork(pairsOf(host), async () => {
          await delay(cutMs);
          if (cutMs < LONG_CUT_MS) return;
          const known = pairsOf(host).map(([from, to]) => `s${String(from)}>s${String(to)}`);
          await eventually('known as lost', KNOWN_WITHIN_MS, async () =>
            known.every((pair) => watch.seenLost.has(pair)),
          );
        });
        await hosts.heal();
        await everybodyUp();
      }
      for (const [from, to] of DROPS) {
        await hosts.drop(from, to);
        await expectWork([[from, to]], () => delay(DROP_MS));
        await hosts.heal();
        await everybodyUp();
      }
      await Promise.all(loads.map((load) => load.stop()));
      await eventually('ledgers empty', HEALED_WITHIN_MS, () => ledgersEmpty(agents));
      await watch.stop();

      expect(watch.burned).toEqual([]);
      expect([...watch.causes.keys()].filter((code) => !CAUSES.includes(code))).toEqual([]);
      expect(watch.causes.get('PEER_DOWN')?.size).toBeGreaterThan(0);
      for (const load of loads) expect([...load.refusals]).toEqual([]);
      for (const agent of agents) await expectNothingLost(agent, ...loads);
      const images = loads.reduce((sum, load) => sum + load.created.size + load.named.size, 0);
      await expectEqualFleet(agents, images);
    },
    LIMIT_MS,
  );
});
