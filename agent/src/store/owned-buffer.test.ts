import { expect, it } from 'vitest';
import { allocateOwned, freeChunk, freeOwned, ownedConcat } from './owned-buffer.ts';

it('frees memory at once', () => {
  const bytes = allocateOwned(1000);
  freeOwned(bytes);
  expect(bytes.length).toBe(0);
  expect(bytes.buffer.byteLength).toBe(0);
});

it('copies pieces into one', () => {
  expect(String(ownedConcat([Buffer.from('ab'), Buffer.from(''), Buffer.from('c')], 3))).toBe('abc');
});

it('frees a chunk that is all of its memory, and none that others may have a part of', () => {
  const whole = allocateOwned(10).fill(1);
  const part = whole.subarray(0, 5);
  freeChunk(part);
  expect([...whole]).toEqual(Array<number>(10).fill(1));
  freeChunk(whole);
  expect(whole.length).toBe(0);
});
