import { expect, it } from 'vitest';
import { ToldIncidents } from './told-incidents.ts';

it('tells each opening and each end of an incident once, and anew when it came again', () => {
  const told = new ToldIncidents();
  const first = { id: 'a', reopened: 0 };
  const again = { id: 'a', reopened: 1 };
  expect([told.isNew('opened', first), told.isNew('opened', first)]).toEqual([true, false]);
  expect([told.isNew('over', first), told.isNew('over', first)]).toEqual([true, false]);
  expect([told.isNew('opened', again), told.isNew('opened', { id: 'b', reopened: 0 })]).toEqual([true, true]);
});

it('forgets the oldest', () => {
  const told = new ToldIncidents();
  for (let id = 0; id <= 200; id += 1) told.isNew('opened', { id: String(id), reopened: 0 });
  expect(told.isNew('opened', { id: '200', reopened: 0 })).toBe(false);
  expect(told.isNew('opened', { id: '0', reopened: 0 })).toBe(true);
});
