import { expect, it } from 'vitest';
import type { ConsoleHost } from './host.ts';
import { endWork, goOnAs, isBusy, registerWork, suspendWork, waitingFor, type OngoingWork } from './ongoing-work.ts';

function work(owner: string, told: string[]): OngoingWork {
  const tell = (what: string) => () => void told.push(`${owner} ${what}`);
  return { owner, isBusy: () => true, suspend: tell('suspend'), goOn: tell('goOn'), end: tell('end') };
}

it('ends what goes on for a host, once, and leaves other hosts alone', () => {
  const [host, other] = [{} as ConsoleHost, {} as ConsoleHost];
  const told: string[] = [];
  registerWork(host, work('anna', told));
  registerWork(other, work('bert', told));
  expect(isBusy(host)).toBe(true);
  endWork(host);
  endWork(host);
  expect([told, isBusy(host), isBusy(other)]).toEqual([['anna end'], false, true]);
});

it('keeps what stands still for its own operator only', () => {
  const host = {} as ConsoleHost;
  const told: string[] = [];
  registerWork(host, work('anna', told));
  suspendWork(host);
  goOnAs(host, 'anna');
  suspendWork(host);
  goOnAs(host, 'bert');
  goOnAs(host, 'anna');
  expect(told).toEqual(['anna suspend', 'anna goOn', 'anna suspend', 'anna end']);
});

it('knows for whom something waits, until it is ended', () => {
  const host = {} as ConsoleHost;
  expect(waitingFor(host)).toBeNull();
  registerWork(host, { ...work('bert', []), isBusy: () => false });
  expect(waitingFor(host)).toBeNull();
  registerWork(host, work('anna', []));
  suspendWork(host);
  expect(waitingFor(host)).toBe('anna');
  endWork(host);
  expect(waitingFor(host)).toBeNull();
});
