import fc from 'fast-check';
import { expect, it } from 'vitest';
import { canonicalIpv6 } from './ipv6-text.ts';

it.each([
  ['0:0:0:0:0:0:0:1', '::1'],
  ['::1', '::1'],
  ['::', '::'],
  ['0:0:0:0:0:0:0:0', '::'],
  ['2001:DB8::0001', '2001:db8::1'],
  ['2001:db8:0:0:1:0:0:1', '2001:db8::1:0:0:1'],
  ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
  ['2001:db8::', '2001:db8::'],
  ['1:0:0:2:0:0:0:3', '1:0:0:2::3'],
  ['0:0:0:0:0:ffff:0a00:0001', '::ffff:10.0.0.1'],
  ['::FFFF:10.0.0.1', '::ffff:10.0.0.1'],
  ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
])('%s is written %s', (address, canonical) => {
  expect(canonicalIpv6(address)).toBe(canonical);
});

it('is the same for every spelling of the same groups', () => {
  const group = fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
  fc.assert(
    fc.property(fc.array(group, { minLength: 8, maxLength: 8 }), (groups) => {
      const long = groups
        .map((one) => one.toString(16).padStart(4, '0'))
        .join(':')
        .toUpperCase();
      const canonical = canonicalIpv6(long);
      expect(canonicalIpv6(canonical)).toBe(canonical);
      // The WHATWG URL standard writes addresses so too, but for those of IPv4.
      if (!canonical.includes('.')) expect(`[${canonical}]`).toBe(new URL(`http://[${long}]/`).hostname);
    }),
  );
});
