import type { ConsoleHost } from './host.ts';

/** Something that goes on above the pages, such as uploads. */
export interface OngoingWork {
  /** Name of the key in whose name it goes on. */
  readonly owner: string;
  /** Something would be lost if it ended now. */
  readonly isBusy: () => boolean;
  /** Nobody is logged in: it stands still, and forgets nothing. */
  readonly suspend: () => void;
  /** Its operator is there again; nothing to do where it never stood still. */
  readonly goOn: () => void;
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
  return [...workOf(host)].some((work) => work.isBusy());
}

/** The key in whose name something waits; null when nothing does. */
export function waitingFor(host: ConsoleHost): string | null {
  return [...workOf(host)].find((work) => work.isBusy())?.owner ?? null;
}

/** A session that is over by itself takes nothing away: its operator may log in again. */
export function suspendWork(host: ConsoleHost): void {
  for (const work of workOf(host)) work.suspend();
}

/** Somebody is logged in: their work goes on, and nothing in the name of anybody else. */
export function goOnAs(host: ConsoleHost, owner: string): void {
  for (const work of workOf(host)) {
    if (work.owner === owner) work.goOn();
    else endOne(host, work);
  }
}

/** At the logout: nothing goes on in the name of somebody who has left, and the next one sees nothing of it. */
export function endWork(host: ConsoleHost): void {
  for (const work of workOf(host)) endOne(host, work);
}

function workOf(host: ConsoleHost): ReadonlySet<OngoingWork> {
  return new Set(WORK.get(host));
}

function endOne(host: ConsoleHost, work: OngoingWork): void {
  WORK.get(host)?.delete(work);
  work.end();
}
