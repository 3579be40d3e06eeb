import { describe, expect, it } from 'vitest';
import { formatHostPort, readHost, writtenHost } from './server-address.ts';

describe('formatHostPort', () => {
  it.each([
    ['state1', 'state1:42424'],
    ['127.0.0.1', '127.0.0.1:42424'],
    ['::1', '[::1]:42424'],
    ['[::1]', '[::1]:42424'],
  ])('writes %s as %s', (host, address) => {
    expect(formatHostPort({ host, port: 42424 })).toBe(address);
  });
});

it('reads back a host in brackets', () => {
  for (const host of ['::1', 'fe80::1%eth0', 'a.example', '10.0.0.1']) expect(readHost(writtenHost(host))).toBe(host);
});
