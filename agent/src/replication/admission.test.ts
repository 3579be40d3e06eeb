import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeliveryCause } from '@imagefleet/shared/common/delivery/delivery.ts';
import {
  concernsPeer,
  isTaking,
  parkingCauseOf,
  stepAdmission,
  type AdmissionEvent,
  type AdmissionState,
} from './admission.ts';

const GONE: DeliveryCause = { code: 'PEER_UNREACHABLE', message: 'no connection' };
const DOWN: DeliveryCause = { code: 'PEER_DOWN', message: 'no connection' };
const FULL: DeliveryCause = { code: 'PEER_DISK_FULL', message: 'full' };
const UNKNOWN: AdmissionState = { kind: 'unknown', failures: 0 };
const TAKING: AdmissionState = { kind: 'taking' };
const middle = (): number => 0.5;

/** The state after events, and the effects of the last. */
function after(state: AdmissionState, ...events: readonly AdmissionEvent[]) {
  return events.reduce((step, event) => stepAdmission(step.state, event, middle), {
    state,
    effects: [] as ReturnType<typeof stepAdmission>['effects'],
  });
}

const lost = (cause: DeliveryCause): AdmissionEvent => ({ kind: 'lost', cause });
const helloFailed = (cause: DeliveryCause): AdmissionEvent => ({ kind: 'helloFailed', cause });
const pushFailed = (cause: DeliveryCause): AdmissionEvent => ({ kind: 'pushFailed', cause });
const reached: AdmissionEvent = { kind: 'reached' };
const helloSucceeded: AdmissionEvent = { kind: 'helloSucceeded' };
const pushSucceeded: AdmissionEvent = { kind: 'pushSucceeded' };
const nothingToTry: AdmissionEvent = { kind: 'nothingToTry' };

describe('the admission of copies to a peer', () => {
  it('begins with a hello as soon as the peer is reached, whose success releases what an earlier run had parked', () => {
    expect(after(UNKNOWN, reached)).toEqual({ state: UNKNOWN, effects: [{ kind: 'ask', inMs: 0 }] });
    expect(after(UNKNOWN, reached, helloSucceeded)).toEqual({ state: TAKING, effects: [{ kind: 'release' }] });
  });

  it('ends when the peer is lost, and comes back with the next hello after it is reached again', () => {
    const gone = after(TAKING, lost(DOWN));
    expect(gone).toEqual({
      state: { kind: 'lost', cause: DOWN },
      effects: [
        { kind: 'park', cause: DOWN },
        { kind: 'ask', inMs: 2000 },
      ],
    });
    const back = after(gone.state, reached);
    expect(back).toEqual({ state: gone.state, effects: [{ kind: 'ask', inMs: 0 }] });
    expect(after(back.state, helloSucceeded)).toEqual({ state: TAKING, effects: [{ kind: 'release' }] });
  });

  it('stays through a doubt, after which held pushes go on without a hello', () => {
    expect(after(TAKING, reached)).toEqual({ state: TAKING, effects: [{ kind: 'release' }] });
  });

  it('is confirmed by a hello after a push that lost its connection, and nothing is parked until it is clear', () => {
    const doubt = after(TAKING, pushFailed(GONE));
    expect(doubt.effects).toEqual([{ kind: 'ask', inMs: 0 }]);
    expect([isTaking(doubt.state), parkingCauseOf(doubt.state)]).toEqual([false, null]);
    expect(after(doubt.state, helloSucceeded)).toEqual({ state: TAKING, effects: [{ kind: 'release' }] });
    expect(after(doubt.state, lost(DOWN)).state).toEqual({ kind: 'lost', cause: DOWN });
  });

  it('is lost after three hellos that a reachable peer leaves open, and asked for again and again', () => {
    const second = after(TAKING, pushFailed(GONE), helloFailed(GONE), helloFailed(GONE));
    expect(second).toEqual({ state: { kind: 'confirming', failures: 2 }, effects: [{ kind: 'ask', inMs: 100 }] });
    expect(after(second.state, helloFailed(GONE))).toEqual({
      state: { kind: 'lost', cause: DOWN },
      effects: [
        { kind: 'park', cause: DOWN },
        { kind: 'ask', inMs: 2000 },
      ],
    });
    expect(after(UNKNOWN, ...[1, 2, 3].map(() => helloFailed(GONE))).state).toEqual({ kind: 'lost', cause: DOWN });
  });

  it('takes a copy that arrives for a hello, but asks a lost peer anew', () => {
    expect(after(TAKING, pushFailed(GONE), helloFailed(GONE), pushSucceeded)).toEqual({
      state: TAKING,
      effects: [{ kind: 'release' }],
    });
    const gone = after(TAKING, lost(DOWN));
    expect(after(gone.state, pushSucceeded)).toEqual({ state: gone.state, effects: [{ kind: 'ask', inMs: 0 }] });
  });

  it('parks again each time while the peer is lost, with the sentence it had first', () => {
    const gone = after(TAKING, lost(DOWN));
    for (const event of [lost({ ...DOWN, message: 'another sentence' }), helloFailed(GONE)]) {
      const later = after(gone.state, event);
      expect(later.state).toEqual(gone.state);
      expect(later.effects.map(({ kind }) => kind)).toEqual(['park', 'ask']);
    }
  });

  it('has a new cause when a peer that could not be reached is known to be down', () => {
    expect(after(TAKING, lost(GONE), lost(DOWN)).state).toEqual({ kind: 'lost', cause: DOWN });
  });

  it('parks at once with the cause of a refusal, and asks ever more rarely, at most once a minute', () => {
    let step = after(TAKING, pushFailed(FULL));
    expect(step.state).toEqual({ kind: 'refusing', cause: FULL, refusals: 1 });
    const intervals: number[] = [];
    for (let turn = 0; turn < 8; turn += 1) {
      for (const effect of step.effects) if (effect.kind === 'ask') intervals.push(effect.inMs);
      step = after(step.state, helloFailed({ ...FULL, message: `sentence ${String(turn)}` }));
    }
    expect(intervals).toEqual([2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000, 60_000]);
    expect(parkingCauseOf(step.state)).toEqual(FULL);
  });

  it('goes on counting refusals while each hello succeeds and each push is refused, and says the first sentence', () => {
    let step = after(TAKING, pushFailed(FULL));
    const intervals: number[] = [];
    for (let turn = 0; turn < 7; turn += 1) {
      for (const effect of step.effects) if (effect.kind === 'ask') intervals.push(effect.inMs);
      const trial = after(step.state, helloSucceeded);
      expect(trial.effects).toEqual([{ kind: 'try' }, { kind: 'ask', inMs: 60_000 }]);
      expect([isTaking(trial.state), parkingCauseOf(trial.state)]).toEqual([true, FULL]);
      step = after(trial.state, pushFailed({ ...FULL, message: `${String(turn)} bytes are free` }));
      expect(parkingCauseOf(step.state)).toEqual(FULL);
    }
    expect(intervals).toEqual([2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  });

  it('ends a trial with everything released when something arrives, or nothing is there to try', () => {
    const trial = after(TAKING, pushFailed(FULL), helloSucceeded);
    for (const event of [pushSucceeded, nothingToTry]) {
      expect(after(trial.state, event)).toEqual({ state: TAKING, effects: [{ kind: 'release' }] });
    }
    expect(after(trial.state, pushSucceeded, pushFailed(FULL)).state).toMatchObject({ refusals: 1 });
    const refusing = after(TAKING, pushFailed(FULL));
    expect(after(refusing.state, pushSucceeded)).toEqual({ state: refusing.state, effects: [] });
  });

  it('starts over when a peer refuses for another reason, and is lost when a refusing peer goes away', () => {
    const refusing = after(TAKING, pushFailed(FULL), helloFailed(FULL));
    expect(after(refusing.state, helloFailed({ code: 'CLOCK_SKEW', message: 'ten minutes' })).state).toMatchObject({
      refusals: 1,
      cause: { code: 'CLOCK_SKEW' },
    });
    for (const event of [lost(DOWN), helloFailed(GONE)]) {
      expect(after(refusing.state, event).state).toEqual({ kind: 'lost', cause: DOWN });
    }
  });

  const causes = fc.constantFrom(GONE, FULL, { code: 'PEER_TIMEOUT' as const, message: 't' });
  const events = fc.array(
    fc.oneof(
      fc.constantFrom(reached, helloSucceeded, pushSucceeded, nothingToTry, lost(DOWN)),
      fc.record({ kind: fc.constantFrom('helloFailed' as const, 'pushFailed' as const), cause: causes }),
    ),
    { maxLength: 30 },
  );

  it('never strands: once the peer was reached, either it takes copies or a hello is planned', () => {
    fc.assert(
      fc.property(events, fc.double({ min: 0, max: 0.999, noNaN: true }), (happened, random) => {
        let { state } = after(UNKNOWN, reached);
        let isPlanned = true;
        for (const event of happened) {
          // A hello ends only where one was planned, except where a replay asks for one; both are covered.
          const step = stepAdmission(state, event, () => random);
          if (event.kind === 'helloSucceeded' || event.kind === 'helloFailed') isPlanned = false;
          if (step.effects.some(({ kind }) => kind === 'ask')) isPlanned = true;
          ({ state } = step);
          expect(state.kind === 'taking' || isPlanned).toBe(true);
        }
      }),
    );
  });

  it('releases whenever the peer begins to take copies, and parks whenever it begins to park', () => {
    fc.assert(
      fc.property(events, (happened) => {
        let state: AdmissionState = UNKNOWN;
        for (const event of happened) {
          const step = stepAdmission(state, event, middle);
          const kinds = step.effects.map(({ kind }) => kind);
          if (state.kind !== 'taking') expect(kinds.includes('release')).toBe(step.state.kind === 'taking');
          if (parkingCauseOf(state) === null && parkingCauseOf(step.state) !== null) expect(kinds).toContain('park');
          ({ state } = step);
        }
      }),
    );
  });

  it('takes nothing before a hello or a copy has got through', () => {
    fc.assert(
      fc.property(events, (happened) => {
        const { state } = after(UNKNOWN, ...happened.filter(({ kind }) => kind !== 'helloSucceeded'));
        expect(isTaking(state)).toBe(false);
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
