import { expect, it } from 'vitest';
import { answerLine, type Found } from './answer-line.ts';

const DAY = '2026-03-09';

function line(found: Partial<Found>): string {
  const base = { count: 200, isComplete: true, isSearch: false, day: undefined, total: null };
  const { key, count } = answerLine({ ...base, ...found });
  return `${key} ${String(count)}`;
}

it('counts what is there, of a day, of a search and of all', () => {
  expect([line({ day: DAY }), line({ isSearch: true }), line({ isSearch: true, day: DAY }), line({})]).toEqual([
    'onDay 200',
    'found 200',
    'foundOnDay 200',
    'inAll 200',
  ]);
});

it('says "more than" while there is more on the server', () => {
  const isComplete = false;
  expect([
    line({ isComplete, day: DAY }),
    line({ isComplete, isSearch: true }),
    line({ isComplete, isSearch: true, day: DAY }),
    line({ isComplete }),
  ]).toEqual(['moreOnDay 200', 'moreFound 200', 'moreFoundOnDay 200', 'moreInAll 200']);
});

it("takes the server's own count for all images, unless it is older than what is seen", () => {
  expect(line({ isComplete: false, total: 1_204_331 })).toBe('inAll 1204331');
  expect(line({ isComplete: false, total: 150 })).toBe('moreInAll 200');
  expect(line({ isComplete: true, total: 150 })).toBe('inAll 200');
  expect(line({ isComplete: false, total: 1_204_331, isSearch: true })).toBe('moreFound 200');
});
