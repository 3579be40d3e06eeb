import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  clockOf,
  formatVersion,
  isVersion,
  MAX_AHEAD_MS,
  observe,
  serverIdOf,
  skewBeyondLimitMs,
  tick,
  type ClockState,
} from './version.ts';

const NOW = 1_790_000_000_000;
/** Few different values, so that ties are common. */
const clock: fc.Arbitrary<ClockState> = fc.record({
  wallMs: fc.oneof(fc.integer({ min: NOW, max: NOW + 3 }), fc.nat(0xffff_ffff)),
  counter: fc.oneof(fc.constantFrom(0, 1, 0xfffe, 0xffff), fc.nat(0xffff)),
});
const serverId = fc.stringMatching(/^[0-9a-z]{1,32}$/);

function compare(a: ClockState, b: ClockState): number {
  return Math.sign(a.wallMs - b.wallMs || a.counter - b.counter);
}

describe('a version', () => {
  it('reads back to the clock and the server that made it', () => {
    fc.assert(
      fc.property(clock, serverId, (state, id) => {
        const version = formatVersion(state, id);
        expect(isVersion(version)).toBe(true);
        expect(clockOf(version)).toEqual(state);
        expect(serverIdOf(version)).toBe(id);
      }),
    );
  });

  it('compares as text like its clock, then like its server', () => {
    fc.assert(
      fc.property(clock, clock, serverId, serverId, (a, b, idA, idB) => {
        const [textA, textB] = [formatVersion(a, idA), formatVersion(b, idB)];
        const order = compare(a, b) || (idA < idB ? -1 : idA > idB ? 1 : 0);
        expect(textA < textB ? -1 : textA > textB ? 1 : 0).toBe(order);
      }),
    );
  });

  it.each([
    '',
    '00019f0e2f00-0000-',
    '00019f0e2f00-0000-S1',
    '19f0e2f00-0-s1',
    '00019F0E2F00-0000-s1',
    '00019f0e2f00-0000-s1\n',
    `00019f0e2f00-0000-${'a'.repeat(33)}`,
  ])('is not taken from outside in another form: %j', (text) => {
    expect(isVersion(text)).toBe(false);
  });

  it('is ahead only beyond the limit', () => {
    const at = (aheadMs: number) => formatVersion({ wallMs: NOW + aheadMs, counter: 0 }, 's1');
    expect(skewBeyondLimitMs(at(MAX_AHEAD_MS), NOW)).toBe(0);
    expect(skewBeyondLimitMs(at(MAX_AHEAD_MS + 1), NOW)).toBe(MAX_AHEAD_MS + 1);
    expect(skewBeyondLimitMs(at(-MAX_AHEAD_MS * 9), NOW)).toBe(0);
  });
});

describe('the clock', () => {
  it('follows the wall while the wall moves on', () => {
    expect(tick({ wallMs: NOW, counter: 7 }, NOW + 1)).toEqual({ wallMs: NOW + 1, counter: 0 });
    expect(tick({ wallMs: NOW, counter: 7 }, NOW)).toEqual({ wallMs: NOW, counter: 8 });
  });

  it('carries over when a millisecond has no counters left', () => {
    expect(tick({ wallMs: NOW, counter: 0xffff }, NOW)).toEqual({ wallMs: NOW + 1, counter: 0 });
  });

  it('never repeats and never goes back, whatever the wall does and whatever it sees', () => {
    const event = fc.oneof(
      fc.record({ kind: fc.constant('tick' as const), nowMs: fc.integer({ min: NOW - 5000, max: NOW + 5000 }) }),
      fc.record({ kind: fc.constant('observe' as const), seen: clock }),
    );
    fc.assert(
      fc.property(clock, fc.array(event, { maxLength: 40 }), (start, events) => {
        let state = start;
        for (const next of events) {
          const before = state;
          state = next.kind === 'tick' ? tick(state, next.nowMs) : observe(state, next.seen);
          expect(compare(state, before)).toBeGreaterThanOrEqual(next.kind === 'tick' ? 1 : 0);
          if (next.kind === 'observe') expect(compare(state, next.seen)).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});
