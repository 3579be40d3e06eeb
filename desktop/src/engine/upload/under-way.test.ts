import { expect, it } from 'vitest';
import { UnderWay } from './under-way.ts';

function begin(keys: readonly number[]) {
  const underWay = new UnderWay();
  const outer = new AbortController();
  return { underWay, outer, request: underWay.begin(keys, outer.signal) };
}

it('knows how far each file is, and nothing any more of those whose request has ended', () => {
  const { underWay, request } = begin([1, 2]);
  request.moved(1, 10);
  request.moved(1, 5);
  request.moved(2, 7);
  expect([underWay.sentBytes(1), underWay.sentBytes(2), underWay.sentBytes(3), underWay.bytes]).toEqual([
    15,
    7,
    undefined,
    22,
  ]);
  request.end();
  expect([underWay.sentBytes(1), underWay.bytes]).toEqual([undefined, 0]);
});

it('breaks off a request of which nobody wants any file, and no other', () => {
  const { underWay, outer, request } = begin([1, 2]);
  const other = underWay.begin([3], outer.signal);
  underWay.takeBack((key) => key === 2);
  expect([request.signal.aborted, other.signal.aborted]).toEqual([false, true]);
  underWay.takeBack(() => false);
  expect([request.signal.aborted, outer.signal.aborted]).toEqual([true, false]);
});

it('ends with the engine', () => {
  const { outer, request } = begin([1]);
  outer.abort();
  expect(request.signal.aborted).toBe(true);
});
