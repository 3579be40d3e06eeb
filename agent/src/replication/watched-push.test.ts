import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { encodeBatch } from './batch-encoder.ts';
import type { EntryOutcome } from './batch-manifest.ts';
import { PeerWatch } from './peer-watch.ts';
import { watchedPush } from './watched-push.ts';

const SLOW_MS = 1_000;
/** A probe that nobody answers gives up after this. */
const PROBE_MS = 500;
/** The question for a sign of life, three probes, and what lies between them. */
const UNTIL_DOWN_MS = 4 * (PROBE_MS + 100);

describe('a push that is slow', () => {
  let isSilent: boolean;
  let isDiskBusy: boolean;
  let questions: string[];
  let watch: PeerWatch;

  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval'] });
    isSilent = false;
    isDiskBusy = false;
    questions = [];
    watch = new PeerWatch({
      ...{
        probe: () => ask('probe'),
        live: () => ask('live'),
        random: () => 0.5,
        onPark: () => undefined,
        onRelease: () => undefined,
      },
      ...{ onTry: () => undefined, onChanged: () => undefined },
    });
    watch.start();
    await vi.advanceTimersByTimeAsync(1);
    expect(watch.state.kind).toBe('up');
  });

  afterEach(async () => {
    await watch.stop();
    vi.useRealTimers();
  });

  async function ask(question: 'probe' | 'live'): Promise<void> {
    questions.push(question);
    if (!isSilent && !(isDiskBusy && question === 'probe')) return;
    await new Promise((resolve) => setTimeout(resolve, PROBE_MS));
    throw new FleetError('PEER_TIMEOUT', 's2 did not answer in time');
  }

  /** A push that ends when `answer` is called. */
  function startPush(): { readonly pushed: Promise<readonly EntryOutcome[]>; readonly answer: () => void } {
    const { promise, resolve } = Promise.withResolvers<readonly EntryOutcome[]>();
    const { client } = watchedPush([], { client: { push: () => promise }, watch, slowMs: SLOW_MS });
    const pushed = client.push(encodeBatch([]), 0, new AbortController().signal);
    return { pushed, answer: () => resolve([{ outcome: 'stored' }]) };
  }

  it('in a network that swallows everything lets the peer be known as down long before it gives up', async () => {
    const { pushed, answer } = startPush();
    isSilent = true;
    await vi.advanceTimersByTimeAsync(SLOW_MS + UNTIL_DOWN_MS);
    expect(watch.state).toMatchObject({ kind: 'down', cause: { code: 'PEER_DOWN' } });
    isSilent = false;
    answer();
    await pushed;
    await vi.advanceTimersByTimeAsync(1);
    expect(watch.state.kind).toBe('up');
  });

  it('at a peer that lives, and whose disk may be busy, changes nothing, and is asked about until it ends', async () => {
    const { pushed, answer } = startPush();
    isDiskBusy = true;
    await vi.advanceTimersByTimeAsync(3 * SLOW_MS);
    expect(watch.state.kind).toBe('up');
    answer();
    await pushed;
    await vi.advanceTimersByTimeAsync(3 * SLOW_MS);
    expect(questions).toEqual(['probe', 'live', 'live', 'live']);
  });
});
