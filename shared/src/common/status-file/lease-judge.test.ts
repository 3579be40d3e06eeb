import { describe, expect, it } from 'vitest';
import { judgeLease, NO_LEASE_SEEN } from './lease-judge.ts';

/** Monitor's state after each look: a counter, or null for no lease, and the time of the look. */
function watch(...looks: readonly (readonly [counter: number | null, atMs: number])[]): readonly string[] {
  let sight = NO_LEASE_SEEN;
  return looks.map(([counter, atMs]) => {
    const lease = counter === null ? undefined : { generation: 1, counter, periodMs: 2000 };
    sight = judgeLease(sight, lease, atMs);
    return sight.monitor;
  });
}

describe('a monitor', () => {
  it('is unknown without a lease, and with a first one, which may be years old', () => {
    expect(watch([null, 0], [null, 99_999], [5, 100_000], [5, 105_999])).toEqual(Array(4).fill('unknown'));
  });

  it('is alive from its second counter on, whatever number that is', () => {
    expect(watch([5, 0], [6, 2000], [2, 4000], [2, 6000])).toEqual(['unknown', 'alive', 'alive', 'alive']);
  });

  it('is silent after three periods without a new counter, also when the lease went away, and never before', () => {
    expect(watch([5, 0], [6, 1000], [6, 6999], [6, 7000])).toEqual(['unknown', 'alive', 'alive', 'silent']);
    expect(watch([5, 0], [6, 1000], [null, 6999], [null, 7000])).toEqual(['unknown', 'alive', 'alive', 'silent']);
    expect(watch([5, 0], [5, 6000])).toEqual(['unknown', 'silent']);
  });

  it('is alive again with the next counter', () => {
    expect(watch([5, 0], [5, 6000], [null, 7000], [6, 8000])).toEqual(['unknown', 'silent', 'silent', 'alive']);
  });

  it('is not silent to a reader that slept, if the counter went on meanwhile', () => {
    expect(watch([5, 0], [6, 2000], [900, 3_600_000])).toEqual(['unknown', 'alive', 'alive']);
  });
});
