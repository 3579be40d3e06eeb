import { expect, it } from 'vitest';
import type { ConsoleHost } from './host.ts';
import { endWork, isBusy, registerWork } from './ongoing-work.ts';

it('ends what goes on for a host, once, and leaves other hosts alone', () => {
  const [host, other] = [{} as ConsoleHost, {} as ConsoleHost];
  let left = 2;
  registerWork(host, { isBusy: () => left > 0, end: () => (left -= 2) });
  registerWork(other, { isBusy: () => true, end: () => expect.fail() });
  expect(isBusy(host)).toBe(true);
  endWork(host);
  endWork(host);
  expect([left, isBusy(host), isBusy(other)]).toEqual([0, false, true]);
});
