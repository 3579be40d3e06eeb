import { expect, it } from 'vitest';
import { retryAfterSeconds, TooManyLogins } from './too-many-logins.ts';

it.each([
  ['42', 42],
  ['0', 0],
  ['999999999', 86_400],
  ['Wed, 21 Oct 2026 07:28:00 GMT', 60],
  ['-1', 60],
  [undefined, 60],
])('of Retry-After %j it is %d seconds to wait', (header, seconds) => {
  expect(retryAfterSeconds(header)).toBe(seconds);
});

it('is a RATE_LIMITED like every other', () => {
  expect(new TooManyLogins(42)).toMatchObject({ code: 'RATE_LIMITED', waitSeconds: 42 });
});
