import { expect, it } from 'vitest';
import { tableLines, textWidth } from './table.ts';

it('counts Chinese as two columns', () => {
  expect(textWidth('s1 图片')).toBe(7);
});

it('lines columns up, numbers to the right, without spaces at the end of a line', () => {
  expect(
    tableLines(
      [
        ['服务器', '图片', ''],
        ['s1', '1,204', 'up'],
        ['server-2', '7', ''],
      ],
      [1],
    ),
  ).toEqual(['服务器     图片', 's1        1,204  up', 'server-2      7']);
});
