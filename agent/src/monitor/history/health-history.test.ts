import { expect, it } from 'vitest';
import { historyQuery } from '@imagefleet/shared/common/operator/history-schemas.ts';
import { rangeOf } from './health-history.ts';

const DAY = 86_400_000;
const NOW = Date.UTC(2026, 2, 9);

it('asks for the last day unless it is told otherwise', () => {
  expect(rangeOf(historyQuery.parse({}), NOW)).toEqual({ from: NOW - DAY, to: NOW, points: 200 });
  expect(rangeOf(historyQuery.parse({ to: '1000', points: '5' }), NOW)).toEqual({ from: 0, to: 1000, points: 5 });
  expect(rangeOf(historyQuery.parse({ from: '5', to: '6' }), NOW)).toEqual({ from: 5, to: 6, points: 200 });
});

it('goes back so many seconds by the clock of the server', () => {
  expect(rangeOf(historyQuery.parse({ last: '3600' }), NOW)).toMatchObject({ from: NOW - 3_600_000, to: NOW });
  expect(rangeOf(historyQuery.parse({ last: '10', to: '60000' }), NOW)).toMatchObject({ from: 50_000, to: 60_000 });
  expect(() => rangeOf(historyQuery.parse({ last: 10, from: 5 }), NOW)).toThrow(
    expect.objectContaining({ code: 'INPUT_INVALID' }),
  );
});

it('refuses a range that ends before it begins', () => {
  expect(() => rangeOf(historyQuery.parse({ from: NOW + 1 }), NOW)).toThrow(
    expect.objectContaining({ code: 'INPUT_INVALID' }),
  );
  expect(() => rangeOf(historyQuery.parse({ from: 5, to: 5 }), NOW)).toThrow(
    expect.objectContaining({ code: 'INPUT_INVALID' }),
  );
});

it.each([{ from: -1 }, { to: 1e300 }, { from: 'yesterday' }, { points: 0 }, { points: 1001 }, { last: 0 }])(
  'takes no %o',
  (query) => {
    expect(historyQuery.safeParse(query).success).toBe(false);
  },
);
