import type { ConsoleHost } from './host.ts';

/** Something that goes on above the pages, such as uploads. */
export interface OngoingWork {
  /** Something would be lost if it ended now. */
  readonly isBusy: () => boolean;
  /** Ends it, and forgets what it was about. */
  readonly end: () => void;
}

const WORK = new WeakMap<ConsoleHost, Set<OngoingWork>>();

export function registerWork(host: ConsoleHost, work: OngoingWork): void {
  const known = WORK.get(host);
  if (known === undefined) WORK.set(host, new Set([work]));
  else known.add(work);
}

export function isBusy(host: ConsoleHost): boolean {
  return [...(WORK.get(host) ?? [])].some((work) => work.isBusy());
}

/** At the logout: nothing goes on in the name of somebody who has left, and the next one sees nothing of it. */
export function endWork(host: ConsoleHost): void {
  for (const work of WORK.get(host) ?? []) work.end();
  WORK.delete(host);
}
