import { describe, expect, it } from 'vitest';
import { imagePlaceOf, queryOfPlace, searchOf, shownDay } from './image-place.ts';

const TODAY = '2026-03-09';

describe('the place of the images page', () => {
  it.each([
    { day: null, q: '', path: null },
    { day: 'all', q: 'a&b=c 图', path: '2026/3/9/x.png' },
    { day: '2026-02-28', q: '', path: 'site/banner #1.png' },
  ])('comes back as it was written: %o', (place) => {
    expect(imagePlaceOf(new URLSearchParams(queryOfPlace(place).toString()))).toEqual(place);
  });

  it('passes over what is no day', () => {
    for (const day of ['', 'yesterday', '2026-3-9', '2026-13-41', '2026-02-30'])
      expect(imagePlaceOf(new URLSearchParams({ day })).day).toBe(null);
  });
});

describe('the day that is shown', () => {
  it('is today unless one was chosen, and every day for a search', () => {
    expect(shownDay({ day: null, q: '', path: null }, TODAY)).toBe(TODAY);
    expect(shownDay({ day: null, q: ' ', path: null }, TODAY)).toBe(TODAY);
    expect(shownDay({ day: null, q: 'cat', path: null }, TODAY)).toBe(undefined);
    expect(shownDay({ day: '2026-01-02', q: 'cat', path: null }, TODAY)).toBe('2026-01-02');
    expect(shownDay({ day: 'all', q: '', path: null }, TODAY)).toBe(undefined);
  });
});

describe('what is searched for', () => {
  it('is what was typed, without the blanks around it', () => {
    expect(searchOf('  春天 1.jpg ')).toBe('春天 1.jpg');
    expect(searchOf('   ')).toBe(undefined);
  });

  it('is the path of a link that was pasted', () => {
    expect(searchOf('http://i-1.example.com/2026/3/9/a.jpg?x=1#y')).toBe('2026/3/9/a.jpg');
    expect(searchOf('https://h/site/%E6%98%A5%20a.png')).toBe('site/春 a.png');
    expect(searchOf('https://h/100%.png')).toBe('100%.png');
    expect(searchOf('https://h/')).toBe(undefined);
  });

  it('is no longer than a server takes', () => {
    expect(searchOf('x'.repeat(300))).toHaveLength(200);
  });
});
