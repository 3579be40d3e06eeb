import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { FeedLink } from './feed-link.ts';
import type { FleetClock } from './fleet-clock.ts';

/** A server that has not begun to answer by then has a rival: dead ones would take seconds each. */
const RIVAL_AFTER_MS = 500;

export interface FirstLinkOptions {
  /** In the order in which they are preferred. */
  readonly servers: readonly string[];
  /** Fails with a FleetError. */
  readonly connect: (server: string, signal: AbortSignal) => Promise<FeedLink>;
  readonly clock: FleetClock;
  /** Gives all of them up. */
  readonly signal: AbortSignal;
}

export interface FirstLink {
  /** Undefined when none could be opened. */
  readonly link: FeedLink | undefined;
  /** Of those that failed before it was open. */
  readonly errors: readonly FleetError[];
}

/**
 * The stream of the first server that begins to answer: each is asked once, the next one when the one before has failed or is
 * slow. The others are closed.
 */
export async function firstLink({ servers, connect, clock, signal }: FirstLinkOptions): Promise<FirstLink> {
  const errors: FleetError[] = [];
  const first = Promise.withResolvers<FeedLink | undefined>();
  const given = new Map<string, AbortController>();
  let cancelRival = (): void => undefined;
  let isOver = false;
  const end = (link: FeedLink | undefined): void => {
    isOver = true;
    cancelRival();
    for (const [server, abort] of given) if (server !== link?.server) abort.abort();
    first.resolve(link);
  };
  const next = (): void => {
    cancelRival();
    const server = servers[given.size];
    if (server === undefined || isOver) return;
    const abort = new AbortController();
    given.set(server, abort);
    cancelRival = clock.setTimer(next, RIVAL_AFTER_MS);
    connect(server, AbortSignal.any([signal, abort.signal])).then(
      // One that is open when another one was first is closed by its signal.
      (link) => {
        if (!isOver) end(link);
      },
      (error: unknown) => {
        if (!(error instanceof FleetError)) first.reject(error);
        else if (!isOver) failed(error);
      },
    );
  };
  const failed = (error: FleetError): void => {
    errors.push(error);
    if (errors.length === servers.length) end(undefined);
    else next();
  };
  const giveUp = (): void => end(undefined);
  signal.addEventListener('abort', giveUp, { once: true });
  try {
    if (servers.length === 0 || signal.aborted) end(undefined);
    else next();
    return { link: await first.promise, errors };
  } finally {
    signal.removeEventListener('abort', giveUp);
  }
}
