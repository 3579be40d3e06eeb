import { setTimeout as delay } from 'node:timers/promises';
import { describe, expect, it, vi } from 'vitest';
import { silentLogger } from '@imagefleet/shared/common/log/logger.ts';
import { FAILURE, SILENCE, SUCCESS, target, VirtualMonitor, votes } from './testing/virtual-monitor.ts';

const MINUTE = 60_000;
const PAIR = [target('b'), target('a')];

function statesOf({ monitor }: VirtualMonitor): readonly string[] {
  return monitor.snapshot().servers.map(({ state }) => state);
}

/** Both up, and the files written. */
async function bothUp(): Promise<VirtualMonitor> {
  const virtual = new VirtualMonitor(PAIR);
  await virtual.run(20_000);
  return virtual;
}

describe('snapshots', () => {
  it('begin when every server was seen once, sorted, and go on when and only when availability changes', async () => {
    const virtual = new VirtualMonitor(PAIR);
    await virtual.run(40);
    expect(virtual.snapshots).toEqual([]);
    await virtual.run(60);
    expect(virtual.snapshots).toHaveLength(1);
    expect(virtual.snapshots[0]?.servers.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'a warming',
      'b warming',
    ]);
    await virtual.run(MINUTE);
    expect(virtual.snapshots.map(({ generation }) => generation)).toEqual([1, 2, 3]);
    virtual.answers.set('a', FAILURE);
    await virtual.run(2 * MINUTE);
    expect(virtual.snapshots.map(({ generation }) => generation)).toEqual([1, 2, 3, 4]);
    expect(virtual.snapshots.at(-1)?.servers.map(({ state }) => state)).toEqual(['down', 'up']);
  });

  it('go on from the generation and the words of the files, and say nothing new where those are right', async () => {
    const online = new Map([
      ['a:80', true],
      ['b:80', true],
    ]);
    const virtual = new VirtualMonitor(PAIR, { held: { online, generation: 7 } });
    await virtual.run(MINUTE);
    expect(virtual.snapshots.map(({ generation }) => generation)).toEqual([7]);
    expect(virtual.transitions.map(({ from, to }) => `${from}>${to}`)).toEqual(['unknown>up', 'unknown>up']);
  });

  it('count a server that the files do not know as a change', async () => {
    const virtual = new VirtualMonitor(PAIR, { held: { online: new Map([['a:80', true]]), generation: 7 } });
    await virtual.run(1000);
    expect(virtual.snapshots.map(({ generation }) => generation)).toEqual([8]);
  });

  it('count another weight as a change', async () => {
    const held = { online: new Map([['a:80', true]]), generation: 7, weights: new Map([['a:80', 1]]) };
    const same = new VirtualMonitor([target('a')], { held });
    const heavier = new VirtualMonitor([target('a', { weight: 5 })], { held });
    await Promise.all([same.run(1000), heavier.run(1000)]);
    expect([same, heavier].map(({ snapshots }) => snapshots[0]?.generation)).toEqual([7, 8]);
  });

  it('say at once that there is no server', () => {
    expect(new VirtualMonitor([]).snapshots).toMatchObject([{ generation: 1, servers: [] }]);
  });

  it('do not change while the observer is cut off, and nor do they after it', async () => {
    const virtual = await bothUp();
    const before = virtual.snapshots.length;
    for (const name of ['a', 'b']) virtual.answers.set(name, SILENCE);
    await virtual.run(2 * MINUTE);
    expect(statesOf(virtual)).toEqual(['unknown', 'unknown']);
    virtual.answers.clear();
    await virtual.run(3 * MINUTE);
    expect(statesOf(virtual)).toEqual(['up', 'up']);
    expect(virtual.snapshots).toHaveLength(before);
    expect(virtual.isolations).toEqual([true, false]);
  });

  it('hold all that changes in one moment, and follow within a twentieth of a second', async () => {
    const many = Array.from({ length: 1000 }, (_, index) => target(`server-${String(index)}`));
    const virtual = new VirtualMonitor(many);
    await virtual.run(20_000);
    const before = virtual.snapshots.length;
    for (const { name } of many) virtual.answers.set(name, FAILURE);
    await virtual.run(25_000);
    expect(virtual.transitions.filter(({ to }) => to === 'down')).toHaveLength(1000);
    await vi.waitFor(() => {
      expect(virtual.snapshots.at(-1)?.servers.every(({ state }) => state === 'down')).toBe(true);
    });
    // One at once, the others together; the time of this test's own clock stands still between its turns.
    expect(virtual.snapshots.length - before).toBeLessThan(150);
  });

  it('do not depend on a wall clock that jumps', async () => {
    const virtual = await bothUp();
    const before = virtual.snapshots.length;
    for (const jumpMs of [3_600_000, -7_200_000, 86_400_000]) {
      virtual.wallMs += jumpMs;
      await virtual.run(virtual.nowMs + MINUTE);
    }
    expect(virtual.snapshots).toHaveLength(before);
    expect(virtual.transitions.map(({ to }) => to)).toEqual(['warming', 'warming', 'up', 'up']);
  });
});

describe('probes', () => {
  it('are spread over the first moments, and one server has one at a time', async () => {
    let end: (observation: typeof SUCCESS) => void = () => undefined;
    const virtual = new VirtualMonitor(PAIR);
    await virtual.run(100);
    expect(virtual.probes).toEqual(['b@0', 'a@50']);
    virtual.answers.set('a', new Promise((resolve) => (end = resolve)));
    await virtual.run(5000);
    const during = virtual.probes.filter((probe) => probe.startsWith('a'));
    virtual.monitor.suspect('a');
    await virtual.run(6000);
    expect(virtual.probes.filter((probe) => probe.startsWith('a'))).toEqual(during);
    virtual.answers.clear();
    end(SUCCESS);
    await delay(0);
    await virtual.run(9000);
    expect(virtual.probes.filter((probe) => probe.startsWith('a')).length).toBeGreaterThan(during.length);
  });

  it('of a prober that breaks count as failures of our own', async () => {
    const probe = (): never => {
      throw new Error('no descriptor');
    };
    const virtual = new VirtualMonitor(PAIR, { probe });
    await virtual.run(MINUTE);
    expect(virtual.monitor.verdict('a')).toMatchObject({ state: 'unknown', rule: 'own-failure' });
  });

  it('end with the monitor, and their late results change nothing', async () => {
    const virtual = await bothUp();
    let end: (observation: typeof FAILURE) => void = () => undefined;
    virtual.answers.set('a', new Promise((resolve) => (end = resolve)));
    await virtual.run(23_000);
    const seen = virtual.monitor.verdict('a')?.probes.length;
    const stopping = virtual.monitor.stop();
    end(FAILURE);
    await stopping;
    expect(virtual.monitor.verdict('a')).toMatchObject({ state: 'up', failuresInRow: 0 });
    expect(virtual.monitor.verdict('a')?.probes).toHaveLength(seen ?? -1);
  });
});

describe('a verdict', () => {
  it('tells probes, counts and what is left of the warm-up', async () => {
    const virtual = new VirtualMonitor(PAIR);
    await virtual.run(3000);
    expect(virtual.monitor.verdict('a')).toMatchObject({ state: 'warming', rule: 'warming-up', failuresInRow: 0 });
    expect(virtual.monitor.verdict('a')?.warmUpLeftMs).toBe(7050);
    expect(virtual.monitor.verdict('a')?.sinceAt).toBe(virtual.wallMs + 50);
    await virtual.run(MINUTE);
    expect(virtual.monitor.verdict('a')?.probes).toHaveLength(20);
    expect(virtual.monitor.verdict('nobody')).toBeUndefined();
  });

  it('tells the votes of the witnesses', async () => {
    const virtual = new VirtualMonitor(PAIR, { witnesses: votes(2, 1) });
    await virtual.run(20_000);
    virtual.answers.set('a', SILENCE);
    await virtual.run(MINUTE);
    expect(virtual.monitor.verdict('a')).toMatchObject({
      ...{ state: 'up', rule: 'witnesses-reach-it', reachability: 'unreachable' },
      votes: { reached: 2, unreached: 1 },
    });
  });

  it('does without witnesses that fail', async () => {
    const virtual = new VirtualMonitor(PAIR, { witnesses: () => Promise.reject(new Error('broken')) });
    await virtual.run(20_000);
    virtual.answers.set('a', SILENCE);
    await virtual.run(30_000);
    expect(virtual.monitor.verdict('a')).toMatchObject({ state: 'down', rule: 'network-proven' });
  });
});

describe('who works with a server', () => {
  it('has it looked at at once when it is suspected, and hears what came of it', async () => {
    const virtual = await bothUp();
    virtual.answers.set('a', FAILURE);
    virtual.monitor.suspect('a');
    expect(virtual.reachabilities.at(-1)).toBe('a doubted');
    await virtual.run(20_001);
    expect(virtual.probes.at(-1)).toBe('a@20000');
    await virtual.run(22_000);
    expect(virtual.reachabilities.at(-1)).toBe('a unreachable');
  });

  it('sees it through its maintenance', async () => {
    const virtual = await bothUp();
    const before = virtual.reachabilities.length;
    virtual.monitor.setMaintenance('a', true);
    expect(virtual.snapshots.at(-1)?.servers[0]?.state).toBe('maintenance');
    expect(virtual.monitor.online()).toEqual(['b:80']);
    virtual.monitor.setMaintenance('a', false);
    await virtual.run(MINUTE);
    expect(virtual.monitor.verdict('a')?.state).toBe('up');
    expect(virtual.reachabilities).toHaveLength(before);
  });

  it('starts in maintenance when it was in it', async () => {
    const online = new Map([['a:80', true]]);
    const virtual = new VirtualMonitor([target('a', { isInMaintenance: true })], { held: { online, generation: 3 } });
    await virtual.run(MINUTE);
    expect(virtual.snapshots.map(({ generation, servers }) => [generation, servers[0]?.state])).toEqual([
      [4, 'maintenance'],
    ]);
    expect(virtual.transitions.map(({ to }) => to)).toEqual(['maintenance']);
  });
});

it('goes on when a listener breaks', async () => {
  const logged: string[] = [];
  const broken = (): never => {
    throw new Error('a broken listener');
  };
  const virtual = new VirtualMonitor(PAIR, {
    sinks: {
      ...{ onSnapshot: broken, onTransition: broken, observer: () => broken },
      ...{ onReachability: broken, onIsolation: broken },
    },
    logger: { ...silentLogger, error: (event) => logged.push(event) },
  });
  await virtual.run(MINUTE);
  expect(statesOf(virtual)).toEqual(['up', 'up']);
  expect(new Set(logged)).toEqual(new Set(['monitor.listenerFailed']));
});
