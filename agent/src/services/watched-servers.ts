import { formatHostPort } from '@imagefleet/shared/common/address/server-address.ts';
import type { ServerEntry } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import type { WatchedState } from '#monitor/monitor-view.ts';

/** A watched server that is no agent: nobody keeps images for it, and what it has itself is not known. */
export function watchedEntry(watched: WatchedState): ServerEntry {
  const address = formatHostPort(watched);
  return {
    ...{ name: watched.name, url: `tcp://${address}`, state: watched.state, since: watched.sinceAt },
    ...{ warmUpLeftMs: watched.warmUpLeftMs, isAgent: watched.isAgent, address },
    ...{ lagSeconds: null, backlog: null, disk: null, images: null, unencrypted: false },
    ...{ cause: watched.cause, reseed: null },
  };
}

/** An agent's entry with what the monitor says of it; as it is where the monitor does not watch it. */
export function withWatch(entry: ServerEntry, watched: WatchedState | undefined): ServerEntry {
  if (watched === undefined) return entry;
  const { state, sinceAt, warmUpLeftMs, cause } = watched;
  // An agent may be up and take no copies all the same: then its own cause stays.
  return {
    ...entry,
    state,
    since: sinceAt,
    warmUpLeftMs,
    address: formatHostPort(watched),
    cause: cause ?? entry.cause,
  };
}
