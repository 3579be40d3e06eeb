import { expect, it } from 'vitest';
import { KeyStrokes } from './key-strokes.ts';

/** What comes of keys that are pressed so many milliseconds after each other. */
function pressed(keys: readonly string[], pauseMs = 100, change: Partial<KeyboardEvent> = {}): unknown {
  const strokes = new KeyStrokes();
  const free = { ctrlKey: false, metaKey: false, altKey: false };
  return keys.map((key, index) => strokes.press({ ...free, ...change, key, timeStamp: index * pauseMs })).at(-1);
}

it.each<[string, unknown]>([
  ['u', 'upload'],
  ['g u', 'upload'],
  ['g f', 'fleet'],
  ['g e', 'errors'],
  ['g i', 'images'],
  ['g s', 'settings'],
  ['g g f', 'fleet'],
  ['/', 'search'],
  ['g /', 'search'],
  ['?', 'keys'],
])('%s leads to %s', (keys, meant) => {
  expect(pressed(keys.split(' '))).toBe(meant);
});

it.each(['g', 'f', 'e', 'i', 'g x', 'g x f', 'g f f', 'F'])('%s leads nowhere', (keys) => {
  expect(pressed(keys.split(' '))).toBeNull();
});

it('forgets a g after a second, and leaves alone what is for the browser', () => {
  expect(pressed(['g', 'f'], 999)).toBe('fleet');
  expect(pressed(['g', 'f'], 1000)).toBeNull();
  for (const held of [{ ctrlKey: true }, { metaKey: true }, { altKey: true }])
    expect([pressed(['u'], 0, held), pressed(['/'], 0, held)]).toEqual([null, null]);
});
