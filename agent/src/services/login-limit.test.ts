import { beforeEach, describe, expect, it } from 'vitest';
import { LoginLimit } from './login-limit.ts';

describe('the limit of failed logins', () => {
  let now: number;
  let limit: LoginLimit;
  beforeEach(() => {
    now = 1_000_000;
    limit = new LoginLimit(() => now);
  });

  const fail = (address: string, times: number): void => {
    for (let time = 0; time < times; time += 1) limit.failed(address);
  };

  it('lets an address fail ten times a minute, and tells how long it then has to wait', () => {
    fail('10.0.0.1', 4);
    now += 20_000;
    fail('10.0.0.1', 5);
    expect(limit.waitMs('10.0.0.1')).toBe(0);
    fail('10.0.0.1', 1);
    expect(limit.waitMs('10.0.0.1')).toBe(40_000);
    now += 39_999;
    expect(limit.waitMs('10.0.0.1')).toBe(1);
    now += 1;
    expect(limit.waitMs('10.0.0.1')).toBe(0);
  });

  it('does not make others wait for one', () => {
    fail('10.0.0.1', 10);
    expect(limit.waitMs('10.0.0.2')).toBe(0);
  });

  it('lets all addresses together fail a hundred times a minute', () => {
    for (let host = 0; host < 100; host += 1) fail(`10.0.1.${String(host)}`, 1);
    expect(limit.waitMs('10.0.0.2')).toBe(60_000);
    now += 60_000;
    expect(limit.waitMs('10.0.0.2')).toBe(0);
  });

  it.each([
    ['2001:db8::1', '2001:db8::ffff:2', true],
    ['2001:db8:0:0:1:2:3:4', '2001:DB8::1', true],
    ['2001:db8::1', '2001:db8:0:1::1', false],
    ['fe80::1%eth0', 'fe80::2%eth0', true],
    ['::ffff:10.0.0.1', '10.0.0.1', true],
    ['::ffff:10.0.0.1', '::ffff:10.0.0.2', false],
  ])('takes %s and %s for one host: %s', (one, other, isOne) => {
    fail(one, 10);
    expect(limit.waitMs(other) > 0).toBe(isOne);
  });
});
