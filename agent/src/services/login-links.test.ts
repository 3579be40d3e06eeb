import { beforeEach, describe, expect, it } from 'vitest';
import { LINK_LIFETIME_MS, LoginLinks } from './login-links.ts';

describe('login links', () => {
  let now: number;
  let links: LoginLinks;
  beforeEach(() => {
    now = 1_000_000;
    links = new LoginLinks(() => now);
  });

  it('log in once, with the key of whoever made them', () => {
    const { token, expiresAt } = links.make('of one key');
    expect(token).toMatch(/^[\w-]{43}$/);
    expect(expiresAt).toBe(now + LINK_LIFETIME_MS);
    expect([links.use(token), links.use(token), links.use('another')]).toEqual(['of one key', undefined, undefined]);
  });

  it('are all different', () => {
    expect(new Set(Array.from({ length: 20 }, () => links.make('k').token)).size).toBe(20);
  });

  it('end after five minutes', () => {
    const { token, expiresAt } = links.make('k');
    now = expiresAt;
    expect(links.use(token)).toBeUndefined();
    const other = links.make('k');
    now = other.expiresAt - 1;
    expect(links.use(other.token)).toBe('k');
  });

  it('push out the oldest of their own key, never those of another', () => {
    const others = links.make('another key');
    const tokens = Array.from({ length: 21 }, () => links.make('k').token);
    expect(tokens.map((token) => links.use(token)).filter((key) => key === undefined)).toHaveLength(1);
    expect(links.use(tokens[0] ?? '')).toBeUndefined();
    expect(links.use(others.token)).toBe('another key');
  });
});
