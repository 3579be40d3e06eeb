import { describe, expect, it } from 'vitest';
import { queryOf, withQuery } from './use-place-query.ts';

describe('the query of a place', () => {
  it('is what stands behind the question mark of the hash', () => {
    expect([...queryOf('#/images?day=2026-03-09&q=a%26b%3F')]).toEqual([
      ['day', '2026-03-09'],
      ['q', 'a&b?'],
    ]);
    expect([...queryOf('#/images'), ...queryOf('')]).toEqual([]);
  });

  it('is put behind the page, or left away when it is empty', () => {
    expect(withQuery('#/images?day=all', new URLSearchParams({ q: '图 1' }))).toBe('#/images?q=%E5%9B%BE+1');
    expect(withQuery('#/images?day=all', new URLSearchParams())).toBe('#/images');
  });
});
