import { expect, it } from 'vitest';
import { aReport } from '#console/testing/fake-queue.ts';
import { classLines, passedLines } from './check-lines.ts';

it('names what occurs, with numbers and the first names', () => {
  const report = aReport(
    { new: 3, present: 2, tooLarge: 1 },
    { passedOver: { notImage: { count: 40, examples: [{ file: '/a/b.txt', path: 'b.txt', reason: 'notImage' }] } } },
  );
  expect(classLines(report).map(({ word, files, bytes }) => [word, files, bytes])).toEqual([
    ['new', 3, 3000],
    ['present', 2, 2000],
    ['tooLarge', 1, 1000],
  ]);
  expect(classLines(report)[0]?.examples).toEqual(['假期/图 1.png', '假期/图 2.png', '假期/图 3.png']);
  expect(passedLines(report)).toEqual([{ word: 'notImage', files: 40, bytes: null, examples: ['b.txt'] }]);
});

it('tells of new files whose names are known beside their class', () => {
  const report = aReport({ new: 2 });
  expect(classLines({ ...report, sameName: { ...report.classes.new, files: 1 } }).map(({ word }) => word)).toEqual([
    'new',
    'sameName',
  ]);
});
