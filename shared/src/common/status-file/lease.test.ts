import fc from 'fast-check';
import { expect, it } from 'vitest';
import { decodeLease, encodeLease, leasePath } from './lease.ts';

it('lies beside its file and comes back as it was written', () => {
  expect(leasePath('/web/status.xml')).toBe('/web/status.xml.lease');
  const lease = { generation: 42, counter: 7, periodMs: 2000 };
  expect(encodeLease(lease)).toBe('{"generation":42,"counter":7,"periodMs":2000}\n');
  expect(decodeLease(encodeLease(lease))).toEqual(lease);
});

it('is nothing when the text is not one', () => {
  const others = ['', '{}', '[]', '{"generation":1,"counter":1}', '{"generation":1,"counter":-1,"periodMs":1}'];
  for (const text of [...others, '{"generation":1,"counter":1,"periodMs":0}'])
    expect(decodeLease(text)).toBeUndefined();
  fc.assert(fc.property(fc.string(), (text) => decodeLease(text) === undefined));
});
