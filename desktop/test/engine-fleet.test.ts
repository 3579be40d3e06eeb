import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { LiveState } from '@imagefleet/shared/common/operator/live-events.ts';
import { squaresImage } from '@imagefleet/shared/testing/generated-images.ts';
import type { EngineFleet } from '#engine/fleet/engine-fleet.ts';
import type { IncidentNews } from '#engine/fleet/fleet-incident.ts';
import { openEngineFleet } from '#engine/fleet/open-engine-fleet.ts';
import { FirstHealthyTarget } from '#engine/target/first-healthy-target.ts';
import { ConsoleFleet } from './console-fleet.ts';

const MACHINE = 'scenario';
/** Detection, the time in which others are waited for, and a machine that is busy with a browser beside. */
const TOLD_WITHIN_MS = 30_000;
/** Start, warm-up, and what the fleet needs to see it. */
const BACK_WITHIN_MS = 90_000;

/** A real fleet, followed by the engine. */
describe('the engine that follows a fleet', () => {
  let fleet: ConsoleFleet;
  let engine: EngineFleet;
  let target: FirstHealthyTarget;
  let news: IncidentNews[];
  let states: { readonly state: LiveState; readonly at: number }[];

  beforeAll(async () => {
    fleet = await ConsoleFleet.start();
  });
  afterAll(() => fleet.stop());
  afterEach(() => engine.close());

  async function follow(): Promise<void> {
    const servers = fleet.agents.map(({ url }) => url);
    target = new FirstHealthyTarget({ servers, machineKey: MACHINE, now: Date.now, random: Math.random });
    engine = openEngineFleet({ servers, key: fleet.key, machineKey: MACHINE, target });
    news = [];
    states = [];
    engine.onIncident((one) => news.push(one));
    engine.listen({ onState: (state) => states.push({ state, at: performance.now() }), onEvent: () => undefined });
    engine.start();
    await expect.poll(() => stateList(), { timeout: BACK_WITHIN_MS }).toEqual(['up', 'up', 'up']);
    await expect.poll(() => engine.snapshot().followed, { timeout: 10_000 }).not.toBeNull();
  }
  const stateList = () => engine.snapshot().servers.map(({ state }) => state);
  const told = () => news.map(({ what, incident }) => `${what} ${incident.servers.join()}`);
  const indexOf = (server: string | null) => fleet.agents.findIndex(({ url }) => url === server);

  it('goes on at another agent within seconds, tells one incident and its end, and returns when that is warm', async () => {
    await follow();
    const followed = indexOf(engine.snapshot().followed);
    const { name, url } = fleet.agent(followed);
    expect(target.current()).toBe(url);
    const killedAt = performance.now();
    await fleet.kill(followed);
    await expect.poll(() => engine.snapshot().followed, { timeout: 10_000 }).not.toBe(url);
    await expect.poll(() => states.at(-1)?.state, { timeout: 10_000 }).toBe('live');
    expect((states.at(-1)?.at ?? Infinity) - killedAt).toBeLessThan(5000);
    // A call at once, while the agent that was followed is dead.
    expect((await engine.api.summarizeDeliveries({ scope: 'fleet' })).silent).toEqual([name]);
    await expect.poll(told, { timeout: TOLD_WITHIN_MS }).toEqual([`opened ${name}`]);
    expect(target.current()).not.toBe(url);
    await fleet.revive(followed);
    await expect.poll(told, { timeout: BACK_WITHIN_MS }).toEqual([`opened ${name}`, `over ${name}`]);
    expect(news[1]?.incident.lastedMs).toBeGreaterThan(1000);
    await expect.poll(() => engine.snapshot().followed, { timeout: 30_000 }).toBe(url);
    expect(target.current()).toBe(url);
  });

  it('tells one incident of two agents that die at once', async () => {
    await follow();
    const [first = 0, second = 1] = [0, 1, 2].filter((index) => index !== indexOf(engine.snapshot().followed));
    const names = [first, second].map((index) => fleet.agent(index).name);
    await Promise.all([fleet.kill(first), fleet.kill(second)]);
    await expect.poll(() => news.length, { timeout: TOLD_WITHIN_MS }).toBe(1);
    await Promise.all([fleet.revive(first), fleet.revive(second)]);
    await expect.poll(() => news.at(-1)?.what, { timeout: BACK_WITHIN_MS }).toBe('over');
    expect(news.map(({ what, incident }) => [what, [...incident.servers].sort()])).toEqual([
      ['opened', names.sort()],
      ['over', names.sort()],
    ]);
    expect(new Set(news.map(({ incident }) => incident.id)).size).toBe(1);
  });

  it('reads on in the ledger of the fleet, and replays, when the agent that gave the first page is dead', async () => {
    await follow();
    const followed = indexOf(engine.snapshot().followed);
    const [lost = 0, source = 1] = [0, 1, 2].filter((index) => index !== followed);
    const server = fleet.agent(lost).name;
    await fleet.kill(lost);
    await fleet.send(
      source,
      Array.from({ length: 6 }, (_, seed) => ({ name: `${String(seed)}.png`, bytes: squaresImage({ seed }) })),
    );
    // The copies for the third agent have arrived.
    await expect.poll(async () => (await engine.api.summarizeDeliveries({ scope: 'fleet' })).total).toBe(6);
    const first = await engine.api.listDeliveries({ scope: 'fleet', server, limit: 4 });
    expect(first.deliveries).toHaveLength(4);
    await fleet.kill(followed);
    const second = await engine.api.listDeliveries({ scope: 'fleet', server, limit: 4, cursor: first.next ?? '' });
    // The list of the agent that was followed is at its end: nothing of it is missing.
    expect(second).toMatchObject({ next: null, silent: [server] });
    const rows = [...first.deliveries, ...second.deliveries].map(({ source: from, id }) => `${from} ${String(id)}`);
    expect(new Set(rows).size).toBe(6);
    const replayed = await engine.api.replayDeliveries({ scope: 'fleet', server });
    expect(replayed.silent).toEqual([fleet.agent(followed).name]);
    await Promise.all([fleet.revive(lost), fleet.revive(followed)]);
    const left = async () => (await engine.api.summarizeDeliveries({ scope: 'fleet' })).total;
    await expect.poll(left, { timeout: BACK_WITHIN_MS }).toBe(0);
  });

  it('names the servers when no agent is left that could tell, and not its own network', async () => {
    await follow();
    const names = fleet.agents.map(({ name }) => name).sort();
    await Promise.all(fleet.agents.map((_, index) => fleet.kill(index)));
    await expect.poll(() => news.length, { timeout: TOLD_WITHIN_MS }).toBe(1);
    expect(news[0]?.incident).toMatchObject({ kind: 'servers', until: null });
    expect([...(news[0]?.incident.servers ?? [])].sort()).toEqual(names);
    expect(engine.snapshot()).toMatchObject({ heardFrom: null, live: 'lost' });
    await Promise.all(fleet.agents.map((_, index) => fleet.revive(index)));
    await expect.poll(() => news.at(-1)?.what, { timeout: BACK_WITHIN_MS }).toBe('over');
    await expect.poll(() => engine.snapshot().live, { timeout: 10_000 }).toBe('live');
    expect(news).toHaveLength(2);
  });
});
