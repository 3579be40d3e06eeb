import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeliveryCause } from '@imagefleet/shared/common/delivery/delivery.ts';
import {
  concernsPeer,
  isTaking,
  parkingCauseOf,
  stepBreaker,
  type BreakerEvent,
  type BreakerState,
} from './breaker.ts';

const GONE: DeliveryCause = { code: 'PEER_UNREACHABLE', message: 'no connection' };
const FULL: DeliveryCause = { code: 'PEER_DISK_FULL', message: 'full' };
const UP: BreakerState = { kind: 'up' };
const middle = (): number => 0.5;

/** The state after events, and the effects of the last. */
function after(state: BreakerState, ...events: readonly BreakerEvent[]) {
  return events.reduce((step, event) => stepBreaker(step.state, event, middle), {
    state,
    effects: [] as ReturnType<typeof stepBreaker>['effects'],
  });
}

const probeFailed = (cause: DeliveryCause): BreakerEvent => ({ kind: 'probeFailed', cause });
const pushFailed = (cause: DeliveryCause): BreakerEvent => ({ kind: 'pushFailed', cause });
const probeSucceeded: BreakerEvent = { kind: 'probeSucceeded' };
const pushSucceeded: BreakerEvent = { kind: 'pushSucceeded' };
const nothingToTry: BreakerEvent = { kind: 'nothingToTry' };

describe('the breaker', () => {
  it('starts unknown with a probe, and its first success releases what an earlier run had parked', () => {
    const started = after(UP, { kind: 'started' });
    expect(started).toEqual({ state: { kind: 'unknown', failures: 0 }, effects: [{ kind: 'probe', inMs: 0 }] });
    expect(after(started.state, probeSucceeded)).toEqual({ state: UP, effects: [{ kind: 'release' }] });
  });

  it('confirms a failed push by three quick probes before the peer is down', () => {
    const doubt = after(UP, pushFailed(GONE));
    expect(doubt.effects).toEqual([{ kind: 'probe', inMs: 0 }]);
    expect(parkingCauseOf(doubt.state)).toBeNull();
    const second = after(doubt.state, probeFailed(GONE), probeFailed(GONE));
    expect(second).toEqual({ state: { kind: 'doubt', failures: 2 }, effects: [{ kind: 'probe', inMs: 100 }] });
    const cause = { code: 'PEER_DOWN', message: 'no connection' };
    expect(after(second.state, probeFailed(GONE))).toEqual({
      state: { kind: 'down', cause },
      effects: [
        { kind: 'park', cause },
        { kind: 'probe', inMs: 2000 },
      ],
    });
  });

  it("counts a push that failed while a probe succeeds as the push's own failure", () => {
    expect(after(UP, pushFailed(GONE), probeFailed(GONE), probeSucceeded)).toEqual({
      state: UP,
      effects: [{ kind: 'release' }],
    });
  });

  it('takes a copy that arrives for a sign of life, whatever the probes say', () => {
    expect(after(UP, probeFailed(GONE), probeFailed(GONE), pushSucceeded)).toEqual({
      state: UP,
      effects: [{ kind: 'release' }],
    });
    const down = after(UP, ...[1, 2, 3].map(() => probeFailed(GONE)));
    expect(after(down.state, pushSucceeded)).toEqual({ state: down.state, effects: [{ kind: 'probe', inMs: 0 }] });
  });

  it('parks again at each failed probe while the peer is down, with the sentence it had first', () => {
    const down = after(UP, ...[1, 2, 3].map(() => probeFailed(GONE)));
    const later = after(down.state, probeFailed({ code: 'PEER_TIMEOUT', message: 'another sentence' }));
    expect(later.state).toEqual(down.state);
    expect(later.effects.map(({ kind }) => kind)).toEqual(['park', 'probe']);
  });

  it('parks at once with the cause of a refusal, and probes ever more rarely, at most once a minute', () => {
    let step = after(UP, pushFailed(FULL));
    expect(step.state).toEqual({ kind: 'refusing', cause: FULL, refusals: 1 });
    const intervals: number[] = [];
    for (let turn = 0; turn < 8; turn += 1) {
      for (const effect of step.effects) if (effect.kind === 'probe') intervals.push(effect.inMs);
      step = after(step.state, probeFailed({ ...FULL, message: `sentence ${String(turn)}` }));
    }
    expect(intervals).toEqual([2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    expect(parkingCauseOf(step.state)).toEqual(FULL);
  });

  it('goes on counting refusals while each probe succeeds and each push is refused, and says the first sentence', () => {
    let step = after(UP, pushFailed(FULL));
    const intervals: number[] = [];
    for (let turn = 0; turn < 7; turn += 1) {
      for (const effect of step.effects) if (effect.kind === 'probe') intervals.push(effect.inMs);
      const trial = after(step.state, probeSucceeded);
      expect(trial.effects).toEqual([{ kind: 'try' }, { kind: 'probe', inMs: 60_000 }]);
      expect([isTaking(trial.state), parkingCauseOf(trial.state)]).toEqual([true, FULL]);
      step = after(trial.state, pushFailed({ ...FULL, message: `${String(turn)} bytes are free` }));
      expect(parkingCauseOf(step.state)).toEqual(FULL);
    }
    expect(intervals).toEqual([2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  });

  it('ends a trial with everything released when something arrives, or nothing is there to try', () => {
    const trial = after(UP, pushFailed(FULL), probeSucceeded);
    for (const event of [pushSucceeded, nothingToTry]) {
      expect(after(trial.state, event)).toEqual({ state: UP, effects: [{ kind: 'release' }] });
    }
    expect(after(trial.state, pushSucceeded, pushFailed(FULL)).state).toMatchObject({ refusals: 1 });
    const refusing = after(UP, pushFailed(FULL));
    expect(after(refusing.state, pushSucceeded)).toEqual({ state: refusing.state, effects: [] });
  });

  it('starts over when a peer refuses for another reason, and is down when a refusing peer goes away', () => {
    const refusing = after(UP, pushFailed(FULL), probeFailed(FULL));
    expect(after(refusing.state, probeFailed({ code: 'CLOCK_SKEW', message: 'ten minutes' })).state).toMatchObject({
      refusals: 1,
      cause: { code: 'CLOCK_SKEW' },
    });
    expect(after(refusing.state, probeFailed(GONE)).state).toMatchObject({ kind: 'down' });
  });

  const causes = fc.constantFrom(GONE, FULL, { code: 'PEER_TIMEOUT' as const, message: 't' });
  const events = fc.array(
    fc.oneof(
      fc.constantFrom(probeSucceeded, pushSucceeded, nothingToTry),
      fc.record({ kind: fc.constantFrom('probeFailed' as const, 'pushFailed' as const), cause: causes }),
    ),
    { maxLength: 30 },
  );

  it('never strands: whatever happened, either the peer is up or a probe is planned', () => {
    fc.assert(
      fc.property(events, fc.double({ min: 0, max: 0.999, noNaN: true }), (happened, random) => {
        let state: BreakerState = { kind: 'unknown', failures: 0 };
        let isPlanned = true;
        for (const event of happened) {
          // A probe answers only where one was planned, except where a replay asks for one; both are covered.
          const step = stepBreaker(state, event, () => random);
          if (event.kind === 'probeSucceeded' || event.kind === 'probeFailed') isPlanned = false;
          if (step.effects.some(({ kind }) => kind === 'probe')) isPlanned = true;
          ({ state } = step);
          expect(state.kind === 'up' || isPlanned).toBe(true);
        }
      }),
    );
  });

  it('releases whenever the peer comes up, and parks whenever it begins to park', () => {
    fc.assert(
      fc.property(events, (happened) => {
        let state: BreakerState = { kind: 'unknown', failures: 0 };
        for (const event of happened) {
          const step = stepBreaker(state, event, middle);
          const kinds = step.effects.map(({ kind }) => kind);
          expect(kinds.includes('release')).toBe(state.kind !== 'up' && step.state.kind === 'up');
          if (parkingCauseOf(state) === null && parkingCauseOf(step.state) !== null) expect(kinds).toContain('park');
          ({ state } = step);
        }
      }),
    );
  });

  it('leaves failures of a single image to that image', () => {
    expect(
      ['DIGEST_MISMATCH', 'PATH_CASE_TAKEN', 'PEER_FAILED', 'VERSION_AHEAD'].map((code) =>
        concernsPeer(code as 'PEER_FAILED'),
      ),
    ).toEqual([false, false, false, false]);
    expect(concernsPeer('SHUTTING_DOWN')).toBe(true);
  });
});
