import { describe, expect, it } from 'vitest';
import { hashOf, PAGES, pagesOf, placeOf, startPage } from './pages.ts';

describe('the place of a page', () => {
  it.each(PAGES)('comes back as it was written: %s', (page) => {
    const place = placeOf(hashOf(page, { day: '2026-03-09', q: 'a&b=c 图' }));
    expect(place?.page).toBe(page);
    expect(Object.fromEntries(place?.query ?? [])).toEqual({ day: '2026-03-09', q: 'a&b=c 图' });
  });

  it('is none for what is no page', () => {
    expect(['', '#', '#/', '#/nothing', '#token=abc'].map(placeOf)).toEqual([null, null, null, null, null]);
  });
});

it('settings are a page of the desktop alone', () => {
  expect([pagesOf(true), pagesOf(false)]).toEqual([PAGES, ['upload', 'fleet', 'errors', 'images']]);
});

it.each([
  [['upload', 'read', 'operator'], 'upload'],
  [['read', 'operator'], 'fleet'],
  [['operator'], 'errors'],
  [[], 'upload'],
] as const)('with the roles %j the console begins at a page that they allow', (roles, page) => {
  expect(startPage(roles)).toBe(page);
});
