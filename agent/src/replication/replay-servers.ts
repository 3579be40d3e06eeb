import { NO_CAUSE, REPLAYED_STATES } from '@imagefleet/shared/common/delivery/delivery.ts';
import type { Catalog, DeliveryFilter } from '#store/catalog.ts';

/** Ids that are looked up in one query. */
const LOOKUP_SLICE = 500;

/** The servers that have deliveries matching a replay; only they are probed. */
export async function serversOf(
  filter: DeliveryFilter,
  catalog: Pick<Catalog, 'summarize' | 'listDeliveries'>,
): Promise<readonly string[]> {
  const { ids, server, cause, states = REPLAYED_STATES } = filter;
  const servers = new Set<string>();
  if (ids === undefined) {
    for (const group of await catalog.summarize()) {
      const fits = server === undefined || server === group.server;
      if (fits && states.includes(group.state) && (cause === undefined || cause === (group.cause?.code ?? NO_CAUSE))) {
        servers.add(group.server);
      }
    }
    return [...servers];
  }
  for (let start = 0; start < ids.length; start += LOOKUP_SLICE) {
    const slice = ids.slice(start, start + LOOKUP_SLICE);
    const rows = await catalog.listDeliveries({ ...filter, states, ids: slice, afterId: 0, limit: LOOKUP_SLICE });
    for (const row of rows) servers.add(row.server);
  }
  return [...servers];
}
