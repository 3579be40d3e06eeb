import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DeliveryCause } from '@imagefleet/shared/common/delivery/delivery.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { PeerGate } from './peer-gate.ts';
import { FakePeerHealth } from './testing/fake-peer-health.ts';

const GONE: DeliveryCause = { code: 'PEER_UNREACHABLE', message: 'the connection broke' };
const REFUSED: DeliveryCause = { code: 'PEER_FAILED', message: 'the connection is refused' };
const CUT: DeliveryCause = { code: 'PEER_TIMEOUT', message: 'nothing comes back' };

let health: FakePeerHealth;
let gate: PeerGate;
/** What the gate asked for, one word each. */
let effects: string[];
let hellos: number;
/** How the next hellos fail; none: they succeed. */
let helloFailure: DeliveryCause | undefined;

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  health = new FakePeerHealth();
  effects = [];
  hellos = 0;
  helloFailure = undefined;
  gate = new PeerGate({
    ...{ name: 's2', health, random: () => 0.5 },
    hello: async () => {
      hellos += 1;
      await Promise.resolve();
      if (helloFailure !== undefined) throw new FleetError(helloFailure.code, helloFailure.message);
    },
    onPark: ({ code, message }) => effects.push(`park ${code} ${message}`),
    onRelease: () => effects.push('release'),
    onTry: () => effects.push('try'),
    onChanged: () => effects.push(`changed ${gate.state}`),
  });
  gate.start();
});

afterEach(async () => {
  await gate.stop();
  vi.useRealTimers();
});

/** Lets what is due now happen. */
async function soon(): Promise<void> {
  await vi.advanceTimersByTimeAsync(0);
}

async function open(): Promise<void> {
  health.set('s2', 'reachable');
  await soon();
  expect(gate.isOpen).toBe(true);
  effects = [];
}

describe('the gate to a peer', () => {
  it('is closed and parks nothing until the first hello, which is not asked before the peer is reached', async () => {
    await vi.advanceTimersByTimeAsync(60_000);
    expect([gate.isOpen, gate.parkingCause, gate.state, hellos]).toEqual([false, null, 'unknown', 0]);
    health.set('s2', 'reachable');
    expect(gate.isOpen).toBe(false);
    await soon();
    expect([gate.isOpen, hellos, effects]).toEqual([true, 1, ['release', 'changed up']]);
  });

  it('parks by the verdict alone, without any push, and opens with the hello after the first probe that succeeds', async () => {
    await open();
    health.set('s2', 'doubted', CUT);
    expect([gate.isOpen, gate.parkingCause, gate.state]).toEqual([false, null, 'up']);
    health.set('s2', 'unreachable', CUT);
    expect(effects).toEqual(['park PEER_DOWN nothing comes back', 'changed down']);
    health.set('s2', 'reachable');
    expect([gate.isOpen, gate.parkingCause?.code]).toEqual([false, 'PEER_DOWN']);
    await soon();
    expect([gate.isOpen, gate.parkingCause]).toEqual([true, null]);
    expect(effects.slice(2)).toEqual(['release', 'changed up']);
  });

  it('parks again every two seconds or so while the peer is gone, and says that once', async () => {
    await open();
    health.set('s2', 'unreachable', CUT);
    health.set('s2', 'unreachable', REFUSED);
    await vi.advanceTimersByTimeAsync(6_000);
    expect(effects.filter((one) => one === 'park PEER_DOWN nothing comes back')).toHaveLength(4);
    expect(effects.filter((one) => one.startsWith('changed'))).toEqual(['changed down']);
  });

  it('goes on at once after a doubt that came to nothing, without a hello', async () => {
    await open();
    health.set('s2', 'doubted', CUT);
    health.set('s2', 'reachable');
    expect([gate.isOpen, effects, hellos]).toEqual([true, ['release'], 1]);
  });

  it('parks when nobody can tell any more, as when our own network is gone, with a cause of its own', async () => {
    await open();
    health.set('s2', 'unknown', CUT);
    expect(effects).toEqual(['park PEER_UNREACHABLE nothing comes back', 'changed down']);
    health.set('s2', 'unreachable', REFUSED);
    expect(gate.parkingCause).toEqual({ code: 'PEER_DOWN', message: REFUSED.message });
    health.set('s2', 'unknown', CUT);
    expect(gate.parkingCause?.code).toBe('PEER_DOWN');
    health.set('s2', 'reachable');
    await soon();
    expect([gate.isOpen, gate.state]).toEqual([true, 'up']);
  });

  it('gives another cause for a peer that others reach', async () => {
    await open();
    health.set('s2', 'unreachable', { code: 'PEER_UNREACHABLE', message: 'silent to us' });
    expect(effects).toEqual(['park PEER_UNREACHABLE silent to us', 'changed down']);
  });

  it('parks from the start when probes cannot be made, with the reason', () => {
    health.set('s2', 'unknown', { code: 'PEER_UNREACHABLE', message: 'no such name' });
    expect(effects).toEqual(['park PEER_UNREACHABLE no such name', 'changed down']);
  });

  it('parks after a doubt that does not end, because others reach the peer and we do not', async () => {
    await open();
    health.set('s2', 'doubted', CUT);
    await vi.advanceTimersByTimeAsync(14_999);
    expect(gate.parkingCause).toBeNull();
    await vi.advanceTimersByTimeAsync(1);
    expect(gate.parkingCause).toEqual({ code: 'PEER_UNREACHABLE', message: CUT.message });
    health.set('s2', 'reachable');
    await soon();
    expect(gate.isOpen).toBe(true);
  });

  it('asks again after an answer that came when the peer was gone already', async () => {
    health.set('s2', 'reachable');
    vi.advanceTimersByTime(0);
    health.set('s2', 'unreachable', CUT);
    await soon();
    expect([hellos, gate.parkingCause?.code, gate.isOpen]).toEqual([1, 'PEER_DOWN', false]);
    health.set('s2', 'reachable');
    await soon();
    expect([hellos, gate.isOpen]).toEqual([2, true]);
  });

  it('counts a peer as down that can be reached and answers no hello', async () => {
    helloFailure = CUT;
    health.set('s2', 'reachable');
    await vi.advanceTimersByTimeAsync(200);
    expect([hellos, gate.parkingCause]).toEqual([3, { code: 'PEER_DOWN', message: CUT.message }]);
    helloFailure = undefined;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(gate.isOpen).toBe(true);
  });
});

describe('a push that lost its connection', () => {
  it('counts once probe and hello have told that the peer is well', async () => {
    await open();
    const verdict = gate.pushFailed(GONE);
    expect([health.suspected, gate.isOpen]).toEqual([['s2'], false]);
    await vi.advanceTimersByTimeAsync(1000);
    expect(hellos).toBe(1);
    health.set('s2', 'reachable');
    await soon();
    expect([await verdict, hellos, gate.isOpen]).toEqual([{ kind: 'itsOwn' }, 2, true]);
  });

  it('does not count when the peer is gone, refuses, or when we stop before that is clear', async () => {
    await open();
    const gone = gate.pushFailed(GONE);
    health.set('s2', 'unreachable', CUT);
    expect(await gone).toEqual({ kind: 'parked', cause: { code: 'PEER_DOWN', message: CUT.message } });
    await open();
    const refused = gate.pushFailed(GONE);
    helloFailure = { code: 'CLOCK_SKEW', message: 'ten minutes' };
    health.set('s2', 'reachable');
    await soon();
    expect(await refused).toEqual({ kind: 'parked', cause: helloFailure });
    helloFailure = undefined;
    await gate.askNow();
    gate.pushSucceeded();
    const stopped = gate.pushFailed(GONE);
    await gate.stop();
    expect(await stopped).toEqual({ kind: 'stopped' });
  });

  it('does not count when nobody can tell whether the peer is there', async () => {
    await open();
    const verdict = gate.pushFailed(GONE);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(await verdict).toEqual({
      kind: 'parked',
      cause: { code: 'PEER_UNREACHABLE', message: 'no answer in time' },
    });
  });

  it('counts at once when another push gets through meanwhile, and pushes go on although probes fail', async () => {
    await open();
    const verdict = gate.pushFailed(GONE);
    gate.pushSucceeded();
    expect([await verdict, gate.isOpen]).toEqual([{ kind: 'itsOwn' }, true]);
    await vi.advanceTimersByTimeAsync(60_000);
    expect(gate.isOpen).toBe(true);
    const next = gate.pushFailed(GONE);
    expect(gate.isOpen).toBe(false);
    health.set('s2', 'unreachable', CUT);
    expect(await next).toMatchObject({ kind: 'parked' });
  });

  it('lets held pushes go when one gets through during a doubt of the probes', async () => {
    await open();
    health.set('s2', 'doubted', CUT);
    gate.pushSucceeded();
    expect([gate.isOpen, effects]).toEqual([true, ['release']]);
  });

  it('and one that got through to a peer that is gone ask for a probe, for it may be back', async () => {
    await open();
    health.set('s2', 'unreachable', CUT);
    gate.pushSucceeded();
    expect([health.suspected, gate.isOpen]).toEqual([['s2'], false]);
  });
});

describe('a question before a replay', () => {
  it('is a hello where the peer is reachable, and a probe before it elsewhere', async () => {
    await open();
    expect([await gate.askNow(), hellos, health.probed]).toEqual([true, 2, []]);
    health.set('s2', 'unreachable', CUT);
    expect([await gate.askNow(), hellos, health.probed]).toEqual([false, 2, ['s2']]);
    health.onProbe = () => {
      health.set('s2', 'reachable');
    };
    expect([await gate.askNow(), hellos, health.probed]).toEqual([true, 3, ['s2', 's2']]);
  });
});
