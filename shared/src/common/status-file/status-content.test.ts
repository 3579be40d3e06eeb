import { describe, expect, it } from 'vitest';
import { contentOf, snapshotOf } from '#testing/status-builders.ts';
import { formatHostPort } from '../address/server-address.ts';
import { hasSameAvailability, statusContent } from './status-content.ts';

const onlineOf = (said: Readonly<Record<string, boolean>>) =>
  statusContent(
    snapshotOf([
      ['a:1', 'up'],
      ['b:1', 'down'],
      ['c:1', 'warming'],
      ['d:1', 'maintenance'],
      ['e:1', 'unknown'],
      ['f:1', 'unknown'],
    ]),
    (key) => said[key],
  ).servers.map(({ online }) => online);

describe('what files say of a snapshot', () => {
  it('has online who is up, and nobody else', () => {
    expect(onlineOf({})).toEqual([true, false, false, false, false, false]);
  });

  it('keeps what was said of a server without a verdict, and lets no verdict be overruled by it', () => {
    expect(onlineOf({ 'a:1': false, 'b:1': true, 'c:1': true, 'd:1': true, 'e:1': true, 'f:1': false })).toEqual([
      true,
      false,
      false,
      false,
      true,
      false,
    ]);
  });

  it('is sorted by host, then port, by code units and by number, whatever order it comes in', () => {
    const addresses = ['b:9', 'b:10', 'B:1', '中文:1', 'a:1', '10.0.0.2:1', '10.0.0.10:1'];
    const sorted = ['10.0.0.10:1', '10.0.0.2:1', 'B:1', 'a:1', 'b:9', 'b:10', '中文:1'];
    for (const order of [addresses, addresses.toReversed()]) {
      expect(contentOf(order.map((address) => [address])).servers.map(formatHostPort)).toEqual(sorted);
    }
  });
});

describe('availability', () => {
  const before = contentOf([['a:1'], ['b:1', 'down']]);

  it('is the same while only generation, time and states are others', () => {
    expect(hasSameAvailability(before, contentOf([['a:1'], ['b:1', 'warming']], 43))).toBe(true);
  });

  it.each([
    ['a server that comes or goes', contentOf([['a:1']])],
    ['one that is there beside them', contentOf([['a:1'], ['b:1', 'down'], ['c:1']])],
    ['a server that turns', contentOf([['a:1'], ['b:1', 'up']])],
    ['another host', contentOf([['a:1'], ['c:1', 'down']])],
    ['another port', contentOf([['a:1'], ['b:2', 'down']])],
    [
      'another weight',
      contentOf([
        ['a:1', 'up', 2],
        ['b:1', 'down'],
      ]),
    ],
  ])('is another one with %s', (_, after) => {
    expect(hasSameAvailability(before, after)).toBe(false);
  });
});
