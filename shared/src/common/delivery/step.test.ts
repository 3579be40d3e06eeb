import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { DeliveryCause, DeliveryState } from './delivery.ts';
import { stepDelivery, type DeliveryEvent, type DeliveryPolicy, type DeliveryProgress } from './step.ts';

const policy: DeliveryPolicy = {
  nowMs: 1_000_000,
  autoRetry: true,
  backoff: { firstMs: 2000, capMs: 600_000 },
  random: () => 0.5,
};
const down: DeliveryCause = { code: 'PEER_DOWN', message: 's2 is down' };
const timeout: DeliveryCause = { code: 'PEER_TIMEOUT', message: 's2 took 30 s' };
const missing: DeliveryCause = { code: 'OWN_COPY_MISSING', message: 'a.png is gone' };

/** What each event makes of each state; '-' is nothing. The columns are pending, inflight, failed, parked, dead. */
const STATES = ['pending', 'inflight', 'failed', 'parked', 'dead'] as const satisfies readonly DeliveryState[];
const TABLE: readonly (readonly [DeliveryEvent, string])[] = [
  [{ kind: 'taken' }, 'inflight - inflight - -'],
  [{ kind: 'stored' }, 'delivered delivered delivered delivered -'],
  [{ kind: 'alreadyThere' }, 'delivered delivered delivered delivered -'],
  [{ kind: 'retryableFailure', cause: timeout }, '- failed - - -'],
  [{ kind: 'refusedForGood', cause: missing }, 'dead dead dead dead -'],
  [{ kind: 'peerDown', cause: down }, 'parked parked parked parked -'],
  [{ kind: 'peerReturned' }, '- - - pending -'],
  [{ kind: 'replayed' }, '- - pending pending pending'],
  [{ kind: 'superseded' }, 'removed removed removed removed removed'],
  [{ kind: 'peerRemoved' }, 'removed removed removed removed removed'],
];

describe('the table of deliveries', () => {
  it.each(TABLE)('%o makes of pending, inflight, failed, parked, dead: %s', (event, expected) => {
    const actual = STATES.map((state) => stepDelivery({ state, attempts: 2, cause: timeout }, event, policy)?.state);
    expect(actual.map((state) => state ?? '-').join(' ')).toBe(expected);
  });

  it('lets what failed or is parked wait for a replay when automatic retry is off', () => {
    const manual = { ...policy, autoRetry: false };
    expect(stepDelivery({ state: 'failed', attempts: 1, cause: timeout }, { kind: 'taken' }, manual)).toBeUndefined();
    expect(
      stepDelivery({ state: 'parked', attempts: 1, cause: down }, { kind: 'peerReturned' }, manual),
    ).toBeUndefined();
    expect(stepDelivery({ state: 'parked', attempts: 1, cause: down }, { kind: 'replayed' }, manual)?.state).toBe(
      'pending',
    );
    expect(stepDelivery({ state: 'pending', attempts: 0, cause: null }, { kind: 'taken' }, manual)?.state).toBe(
      'inflight',
    );
  });

  it('counts the attempt, keeps the cause and sets the time of the next one when a push fails', () => {
    const event: DeliveryEvent = { kind: 'retryableFailure', cause: timeout };
    expect(stepDelivery({ state: 'inflight', attempts: 2, cause: null }, event, policy)).toEqual({
      state: 'failed',
      attempts: 3,
      nextAttemptAt: policy.nowMs + 4000,
      cause: timeout,
    });
  });

  it('keeps the last cause through a replay, so that the same failure again is no new line in the log', () => {
    const replayed = stepDelivery({ state: 'failed', attempts: 4, cause: timeout }, { kind: 'replayed' }, policy);
    expect(replayed).toEqual({ state: 'pending', attempts: 4, nextAttemptAt: null, cause: timeout });
  });

  it('says nothing new when a parked delivery hears the same cause again', () => {
    const event: DeliveryEvent = { kind: 'peerDown', cause: down };
    expect(stepDelivery({ state: 'parked', attempts: 0, cause: down }, event, policy)).toBeUndefined();
    expect(stepDelivery({ state: 'parked', attempts: 0, cause: timeout }, event, policy)).toMatchObject({
      cause: down,
    });
  });
});

const event: fc.Arbitrary<DeliveryEvent> = fc.oneof(
  fc.constantFrom<DeliveryEvent>(...TABLE.map(([entry]) => entry).filter((entry) => !('cause' in entry))),
  fc.record({
    kind: fc.constantFrom('retryableFailure' as const, 'refusedForGood' as const, 'peerDown' as const),
    cause: fc.constantFrom(down, timeout, missing),
  }),
);

/** Every step of a row's life under a sequence of events, until it is delivered or removed. */
function live(events: readonly DeliveryEvent[], settings: DeliveryPolicy) {
  const steps: { event: DeliveryEvent; before: DeliveryProgress; after: ReturnType<typeof stepDelivery> }[] = [];
  let current: DeliveryProgress = { state: 'pending', attempts: 0, cause: null };
  for (const next of events) {
    const after = stepDelivery(current, next, settings);
    steps.push({ event: next, before: current, after });
    if (after === undefined) continue;
    if (after.state === 'delivered' || after.state === 'removed') break;
    current = after;
  }
  return steps;
}

function forAllLives(check: (step: ReturnType<typeof live>[number], settings: DeliveryPolicy) => void) {
  const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 60 }), fc.boolean(), random, (events, autoRetry, value) => {
      const settings = { ...policy, autoRetry, random: () => value };
      for (const step of live(events, settings)) check(step, settings);
    }),
  );
}

describe('any sequence of events', () => {
  it('leaves dead only by replay, a newer version, or the removal of the peer', () => {
    forAllLives(({ event: { kind }, before, after }) => {
      if (before.state !== 'dead' || after === undefined) return;
      expect(['replayed', 'superseded', 'peerRemoved']).toContain(kind);
    });
  });

  it('adds to attempts by retryable failures of what was on its way, and by nothing else', () => {
    forAllLives(({ event: { kind }, before, after }) => {
      if (after === undefined || !('attempts' in after)) return;
      const counts = kind === 'retryableFailure' && before.state === 'inflight';
      expect(after.attempts).toBe(before.attempts + (counts ? 1 : 0));
    });
  });

  it('gives failed rows, and only those, a time within the cap, and every row that waits a cause', () => {
    forAllLives(({ after }, settings) => {
      if (after === undefined || !('attempts' in after)) return;
      expect(after.nextAttemptAt !== null).toBe(after.state === 'failed');
      if (after.state !== 'pending' && after.state !== 'inflight') expect(after.cause).not.toBeNull();
      if (after.nextAttemptAt === null) return;
      expect(after.nextAttemptAt).toBeGreaterThanOrEqual(settings.nowMs);
      expect(after.nextAttemptAt).toBeLessThanOrEqual(settings.nowMs + settings.backoff.capMs);
    });
  });

  it('sends only what was pending, or failed with automatic retry on', () => {
    forAllLives(({ before, after }, settings) => {
      if (after?.state !== 'inflight') return;
      expect(before.state === 'pending' || (before.state === 'failed' && settings.autoRetry)).toBe(true);
    });
  });

  it('can be brought to delivered from wherever it ended, by a replay and a good answer', () => {
    fc.assert(
      fc.property(fc.array(event, { maxLength: 60 }), (events) => {
        const last = live(events, policy).at(-1);
        const end = last?.after ?? last?.before ?? { state: 'pending', attempts: 0, cause: null };
        if (end.state === 'delivered' || end.state === 'removed') return;
        const replayed = stepDelivery(end, { kind: 'replayed' }, policy) ?? end;
        expect(stepDelivery(replayed as DeliveryProgress, { kind: 'stored' }, policy)).toEqual({ state: 'delivered' });
      }),
    );
  });
});
