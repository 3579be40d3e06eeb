import { expect, it } from 'vitest';
import type { DeliveryGroup } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import { pairRows } from './pairs.ts';

const NOW = 100_000;

function group(source: string, server: string, overrides: Partial<DeliveryGroup> = {}): DeliveryGroup {
  const facts = {
    state: 'pending',
    code: null,
    message: null,
    count: 1,
    bytes: 10,
    oldestQueuedAt: NOW - 5000,
    autoRetry: true,
  } as const;
  return { source, server, ...facts, ...overrides };
}

it('sums what one server owes another over states and causes, with the age of the oldest', () => {
  const groups = [group('s1', 's2', { count: 3 }), group('s1', 's2', { state: 'parked', oldestQueuedAt: NOW - 9000 })];
  expect(pairRows(['s1', 's2'], { groups, silent: [] }, NOW)).toEqual([
    { source: 's1', pairs: [{ kind: 'self' }, { kind: 'owes', files: 4, bytes: 20, lagSeconds: 9 }] },
    { source: 's2', pairs: [{ kind: 'even' }, { kind: 'self' }] },
  ]);
});

it('does not know what a silent server owes, and does not call it nothing', () => {
  const [, second] = pairRows(['s1', 's2', 's3'], { groups: [group('s1', 's2')], silent: ['s2'] }, NOW);
  expect(second?.pairs).toEqual([{ kind: 'unknown' }, { kind: 'self' }, { kind: 'unknown' }]);
});

it('has no age below nothing when the clock of a server is ahead', () => {
  const groups = [group('s1', 's2', { oldestQueuedAt: NOW + 60_000 })];
  expect(pairRows(['s1', 's2'], { groups, silent: [] }, NOW)[0]?.pairs[1]).toMatchObject({ lagSeconds: 0 });
});

it('leaves out deliveries to a server that is not one of them', () => {
  const rows = pairRows(['s1', 's2'], { groups: [group('s1', 'gone')], silent: [] }, NOW);
  expect(rows.flatMap(({ pairs }) => pairs.map(({ kind }) => kind))).toEqual(['self', 'even', 'even', 'self']);
});
