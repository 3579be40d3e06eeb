import { expect, it } from 'vitest';
import { watchDrops } from './watch-drops.ts';

/** A drag over the page and its drop; says whether the browser is kept from what it would do, and how it shows the drag. */
function dropped(page: EventTarget, types: readonly string[]) {
  const dataTransfer = { types, dropEffect: 'move' };
  const events = ['dragover', 'drop'].map((type) =>
    Object.assign(new Event(type, { cancelable: true }), { dataTransfer }),
  );
  const isKept = events.map((event) => !page.dispatchEvent(event));
  return { isKept, effect: dataTransfer.dropEffect };
}

it('takes files from the browser and hands them on, and leaves dragged text alone', () => {
  const page = new EventTarget();
  const taken: (readonly string[])[] = [];
  const end = watchDrops(page, ({ types }) => taken.push(types));
  expect(dropped(page, ['Files'])).toEqual({ isKept: [true, true], effect: 'copy' });
  expect(dropped(page, ['text/plain'])).toEqual({ isKept: [false, false], effect: 'move' });
  expect(taken).toEqual([['Files']]);
  end();
  expect(dropped(page, ['Files']).isKept).toEqual([false, false]);
});

it('takes them from the browser also where nobody may upload', () => {
  const page = new EventTarget();
  watchDrops(page, null);
  expect(dropped(page, ['Files'])).toEqual({ isKept: [true, true], effect: 'none' });
});
