import { describe, expect, it } from 'vitest';
import { formatServerAddress } from './server-address.ts';

describe('formatServerAddress', () => {
  it.each([
    ['state1', 'state1:42424'],
    ['127.0.0.1', '127.0.0.1:42424'],
    ['::1', '[::1]:42424'],
    ['[::1]', '[::1]:42424'],
  ])('writes %s as %s', (host, address) => {
    expect(formatServerAddress({ host, port: 42424 })).toBe(address);
  });
});
