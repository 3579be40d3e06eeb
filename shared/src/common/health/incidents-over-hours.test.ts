import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import type { ErrorCode } from '../errors/error-codes.ts';
import { holdMs, MAX_NOTICES_PER_HOUR, REOPEN_MS } from './incident-rules.ts';
import { LivedIncidents, type Told } from '#testing/lived-incidents.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

let rules: LivedIncidents;
beforeEach(() => {
  rules = new LivedIncidents();
});

describe('a server that flaps', () => {
  it('opens the same incident again, which then is over only when it has lasted', () => {
    rules.to('down', 's1');
    rules.pass(MINUTE);
    rules.to('up', 's1');
    rules.pass(MINUTE);
    rules.to('down', 's1');
    rules.pass(MINUTE);
    rules.to('up', 's1');
    rules.pass(holdMs(1) - 1);
    expect(rules.told.map(({ what }) => what)).toEqual(['incident', 'recovery', 'incident']);
    rules.pass(1);
    expect(rules.told).toHaveLength(4);
    expect(new Set(rules.told.map(({ id }) => id)).size).toBe(1);
    rules.pass(REOPEN_MS);
    rules.to('down', 's1');
    rules.pass(MINUTE);
    expect(new Set(rules.told.map(({ id }) => id)).size).toBe(2);
  });

  it.each([20_000, MINUTE, 6 * MINUTE, 9 * MINUTE])(
    'every %i ms for a day makes at most seven notices an hour',
    (everyMs) => {
      for (let passed = 0; passed < 24 * HOUR; passed += everyMs) {
        rules.to(passed % (2 * everyMs) === 0 ? 'down' : 'up', 's1');
        rules.pass(everyMs);
      }
      expect(mostInAnHour(rules.told)).toBeLessThanOrEqual(7);
    },
  );
});

function mostInAnHour(told: readonly Told[]): number {
  return Math.max(
    0,
    ...told.map(({ nowMs }) => told.filter((other) => other.nowMs >= nowMs && other.nowMs < nowMs + HOUR).length),
  );
}

it('gathers what comes in a bad hour, and tells it when there is room', () => {
  for (let index = 0; index < 60; index += 1) {
    rules.to('down', `s${String(index)}`);
    rules.pass(40_000);
  }
  const incidents = (): readonly Told[] => rules.told.filter(({ what }) => what === 'incident');
  expect(incidents()).toHaveLength(MAX_NOTICES_PER_HOUR);
  rules.pass(HOUR);
  expect(incidents()).toHaveLength(MAX_NOTICES_PER_HOUR + 1);
  expect(incidents().at(-1)?.servers).toHaveLength(60 - MAX_NOTICES_PER_HOUR);
});

it('opens and closes in turn, hides no lasting failure and is never loud, whatever happens', () => {
  const names = ['s1', 's2', 's3', 's4', 's5', 's6'];
  const event = fc.record({
    kind: fc.constantFrom('down', 'down', 'up', 'up', 'warming', 'maintenance', 'restart', 'cut', 'heal'),
    server: fc.constantFrom(...names),
    code: fc.constantFrom<ErrorCode>('PEER_TIMEOUT', 'PEER_UNREACHABLE'),
    afterMs: fc.oneof(fc.integer({ min: 0, max: 5000 }), fc.integer({ min: 0, max: 15 * MINUTE })),
  });
  fc.assert(
    fc.property(fc.array(event, { maxLength: 120 }), (events) => {
      rules = new LivedIncidents();
      const states = new Map<string, string>();
      for (const { kind, server, code, afterMs } of events) {
        if (kind === 'restart') rules.restart(names);
        else if (kind === 'cut' || kind === 'heal') rules.take({ kind: 'isolation', isIsolated: kind === 'cut' });
        else if (states.get(server) !== kind) {
          states.set(server, kind);
          rules.to(kind, server, code);
        }
        rules.pass(afterMs);
      }
      rules.pass(2 * HOUR);
      for (const [server, state] of states) {
        const isMissed = rules.open.some(({ missing, isAnnounced }) => isAnnounced && missing.includes(server));
        if (state === 'down') expect(isMissed).toBe(true);
        if (state === 'up') expect(isMissed).toBe(false);
      }
      rules.take({ kind: 'isolation', isIsolated: false });
      for (const server of names) {
        rules.to('warming', server);
        rules.to('up', server);
      }
      rules.pass(2 * HOUR);
      expect(rules.open).toEqual([]);
      for (const id of rules.kept.keys()) {
        const whats = rules.told.filter((told) => told.id === id).map(({ what }) => what);
        expect(whats).toEqual(whats.map((_, index) => (index % 2 === 0 ? 'incident' : 'recovery')));
        expect(whats.length % 2).toBe(0);
      }
      const incidents = rules.told.filter(({ what }) => what === 'incident');
      expect(mostInAnHour(incidents)).toBeLessThanOrEqual(MAX_NOTICES_PER_HOUR);
    }),
    { numRuns: 300 },
  );
});
