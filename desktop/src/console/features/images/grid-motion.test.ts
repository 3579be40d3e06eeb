import { describe, expect, it } from 'vitest';
import { columnsOf, moveBy, pixelsMoved, type LaidOut } from './grid-motion.ts';

/** 0 1 2 / 3 4 5 / 6 */
const SHAPE = { count: 7, columns: 3, pageRows: 2 };

describe('a key in the grid', () => {
  it.each([
    ['ArrowRight', 0, 1],
    ['ArrowRight', 2, 3],
    ['ArrowRight', 6, 6],
    ['ArrowLeft', 3, 2],
    ['ArrowLeft', 0, 0],
    ['ArrowDown', 1, 4],
    ['ArrowDown', 3, 6],
    ['ArrowDown', 5, 6],
    ['ArrowDown', 6, 6],
    ['ArrowUp', 4, 1],
    ['ArrowUp', 2, 2],
    ['PageDown', 0, 6],
    ['PageUp', 6, 0],
    ['Home', 5, 0],
    ['End', 0, 6],
  ])('%s leads from %i to %i', (key, from, to) => {
    expect(moveBy(key, from, SHAPE)).toBe(to);
  });

  it('does not move when it is another one, or when there is nothing', () => {
    expect(moveBy('a', 0, SHAPE)).toBe(undefined);
    expect(moveBy('ArrowDown', 0, { ...SHAPE, count: 0 })).toBe(undefined);
  });
});

describe('the place in the list', () => {
  const laid = (paths: string, more: Partial<LaidOut> = {}): LaidOut => {
    return { paths: paths.split(''), columns: 2, rowPx: 100, ...more };
  };

  it('moves by what came above it', () => {
    expect(pixelsMoved(laid('cdef'), laid('abcdef'), 2)).toBe(100);
    expect(pixelsMoved(laid('cdef'), laid('cdefg'), 2)).toBe(0);
    expect(pixelsMoved(laid('cdef'), laid('ef'), 2)).toBe(-100);
  });

  it('moves with the width and the view', () => {
    expect(pixelsMoved(laid('abcdefgh'), laid('abcdefgh', { columns: 4 }), 6)).toBe(-200);
    expect(pixelsMoved(laid('abcd'), laid('abcd', { columns: 1, rowPx: 40 }), 3)).toBe(20);
  });

  it('stays when the image itself has gone', () => {
    expect(pixelsMoved(laid('ab'), laid('b'), 0)).toBe(0);
    expect(pixelsMoved(laid(''), laid('b'), 0)).toBe(0);
  });
});

it('puts at least one tile into a row', () => {
  expect([0, 100, 320, 1200].map(columnsOf)).toEqual([1, 1, 2, 7]);
});
