import { expect, it } from 'vitest';
import { Fifo } from './fifo.ts';

it('gives back in order what was put in, also in front, however long it is used', () => {
  const line = new Fifo<number>();
  for (let round = 0; round < 100; round += 1) {
    line.push(round * 2);
    line.push(round * 2 + 1);
    expect(line.shift()).toBe(round);
  }
  line.unshift([-2, -1]);
  expect([line.length, line.peek(), line.shift(), line.shift(), line.shift()]).toEqual([102, -2, -2, -1, 100]);
  while (line.length > 0) line.shift();
  expect([line.shift(), line.peek(), line.length]).toEqual([undefined, undefined, 0]);
});
