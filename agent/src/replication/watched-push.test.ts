import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { encodeBatch } from './batch-encoder.ts';
import type { EntryOutcome } from './batch-manifest.ts';
import { PeerGate } from './peer-gate.ts';
import { FakePeerHealth } from './testing/fake-peer-health.ts';
import { watchedPush } from './watched-push.ts';

const SLOW_MS = 1_000;

describe('a push that is slow', () => {
  let health: FakePeerHealth;
  let gate: PeerGate;
  let hellos: number;

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval'] });
    health = new FakePeerHealth();
    hellos = 0;
    gate = new PeerGate({
      ...{ name: 's2', health, random: () => 0.5, onTry: () => undefined, onChanged: () => undefined },
      ...{ onPark: () => undefined, onRelease: () => undefined },
      hello: () => Promise.resolve((hellos += 1)),
    });
    gate.start();
    health.set('s2', 'reachable');
    await vi.advanceTimersByTimeAsync(0);
    expect(gate.isOpen).toBe(true);
  });

  afterEach(async () => {
    await gate.stop();
    vi.useRealTimers();
  });

  /** A push that ends when `answer` is called. */
  function startPush(): { readonly pushed: Promise<readonly EntryOutcome[]>; readonly answer: () => void } {
    const { promise, resolve } = Promise.withResolvers<readonly EntryOutcome[]>();
    const { client } = watchedPush([], { client: { push: () => promise }, gate, slowMs: SLOW_MS });
    const pushed = client.push(encodeBatch([]), 0, new AbortController().signal);
    return { pushed, answer: () => resolve([{ outcome: 'stored' }]) };
  }

  it('in a network that swallows everything lets the peer be known as down long before it gives up', async () => {
    const { pushed, answer } = startPush();
    await vi.advanceTimersByTimeAsync(SLOW_MS);
    expect(health.suspected).toEqual(['s2']);
    health.set('s2', 'unreachable');
    expect(gate.parkingCause).toMatchObject({ code: 'PEER_DOWN' });
    answer();
    await pushed;
    // It got through after all, so somebody is there again.
    expect(health.suspected).toEqual(['s2', 's2']);
    health.set('s2', 'reachable');
    await vi.advanceTimersByTimeAsync(0);
    expect(gate.isOpen).toBe(true);
  });

  it('at a peer that lives, and whose disk may be busy, changes nothing, and is asked about until it ends', async () => {
    const { pushed, answer } = startPush();
    for (let turn = 1; turn <= 3; turn += 1) {
      await vi.advanceTimersByTimeAsync(SLOW_MS);
      health.set('s2', 'reachable');
    }
    expect([gate.isOpen, gate.state]).toEqual([true, 'up']);
    answer();
    await pushed;
    await vi.advanceTimersByTimeAsync(3 * SLOW_MS);
    expect(health.suspected).toEqual(['s2', 's2', 's2']);
    // No more than a sign of life was asked for.
    expect(hellos).toBe(1);
  });
});
