import type { CauseFilter } from '@imagefleet/shared/common/delivery/delivery.ts';
import type { OperatorCall } from '@imagefleet/shared/common/operator/operator-api.ts';
import type { DeliveryEntry } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import type { FleetClient } from '@imagefleet/shared/node/fleet-client.ts';

const PAGE_ROWS = 1000;
/** Ids in one question: their digits stand in its address. */
const ASKED_IDS = 500;

/** What a replay is about, as the API takes it. */
export interface Selection {
  readonly scope: 'server' | 'fleet';
  readonly ids?: number[];
  readonly server?: string;
  readonly cause?: CauseFilter;
  readonly all?: true;
}

type Client = Pick<FleetClient, 'listDeliveries' | 'summarizeDeliveries'>;

/**
 * Makes the function that counts what of a selection is still open. Made before the replay: a delivery that goes out
 * again shows no cause any more, and one that fails again may have another. So single ones are remembered by their ids.
 */
export async function openCounter(client: Client, selection: Selection): Promise<() => Promise<number>> {
  const { scope, server, cause, ids } = selection;
  if (ids === undefined && cause === undefined) return () => countAll(client, selection);
  const filter = { scope, ...(server === undefined ? {} : { server }) };
  let open: readonly DeliveryEntry[] = [];
  if (ids !== undefined) open = await listByIds(client, { ...filter, ...(cause === undefined ? {} : { cause }) }, ids);
  else if (cause !== undefined) open = await listAll(client, { ...filter, cause });
  return async () => {
    const known = new Set(open.map(keyOf));
    const rows = await listByIds(client, filter, [...new Set(open.map(({ id }) => id))]);
    open = rows.filter((row) => known.has(keyOf(row)));
    return open.length;
  };
}

async function countAll(client: Client, { scope, server }: Selection): Promise<number> {
  const { groups } = await client.summarizeDeliveries({ scope });
  return groups
    .filter((group) => server === undefined || group.server === server)
    .reduce((sum, { count }) => sum + count, 0);
}

type Query = Omit<OperatorCall<'listDeliveries'>, 'cursor' | 'limit'>;

async function listByIds(client: Client, query: Query, ids: readonly number[]): Promise<readonly DeliveryEntry[]> {
  const rows: DeliveryEntry[] = [];
  for (let start = 0; start < ids.length; start += ASKED_IDS) {
    rows.push(...(await listAll(client, { ...query, ids: ids.slice(start, start + ASKED_IDS) })));
  }
  return rows;
}

async function listAll(client: Client, query: Query): Promise<readonly DeliveryEntry[]> {
  const rows: DeliveryEntry[] = [];
  let cursor: string | undefined;
  do {
    const page = await client.listDeliveries({
      ...query,
      limit: PAGE_ROWS,
      ...(cursor === undefined ? {} : { cursor }),
    });
    rows.push(...page.deliveries);
    cursor = page.next ?? undefined;
  } while (cursor !== undefined);
  return rows;
}

/** Ids are each server's own. */
function keyOf({ source, id }: DeliveryEntry): string {
  return `${String(id)} ${source}`;
}
