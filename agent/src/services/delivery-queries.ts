import type { Delivery, DeliveryState, LedgerState } from '@imagefleet/shared/common/delivery/delivery.ts';
import type {
  OperatorHandlers,
  OperatorInput,
  OperatorOutput,
} from '@imagefleet/shared/common/operator/operator-api.ts';
import type { DeliveryEntry, DeliveryGroup } from '@imagefleet/shared/common/operator/operator-schemas.ts';
import { stateOf, type Replication } from '#replication/replication.ts';
import type { Catalog } from '#store/catalog.ts';
import { formatFleetCursor, parseCursor, parseFleetCursor } from './delivery-cursor.ts';
import { askFleet, type FleetScopeDeps } from './fleet-scope.ts';

export interface DeliveryQueryDeps {
  readonly catalog: Pick<Catalog, 'summarize' | 'listDeliveries'>;
  readonly replication: Pick<Replication, 'isInflight'>;
  readonly fleet: FleetScopeDeps;
  /** Name of this server: the source of its own rows. */
  readonly name: string;
  readonly now: () => number;
  /** `replication.autoRetry` of this server. */
  readonly autoRetry: boolean;
}

const ALL_STATES: readonly LedgerState[] = ['pending', 'failed', 'parked', 'dead'];
/** Slices of the ledger that one page looks through for a state that the ledger does not know. */
const MAX_SLICES = 20;
const SLICE_ROWS = 1000;

/** The ledger: this server's own, or all servers' together, each row with its source. */
export function deliveryQueries(
  deps: DeliveryQueryDeps,
): Pick<OperatorHandlers, 'listDeliveries' | 'summarizeDeliveries'> {
  return {
    listDeliveries: async (input) => {
      if (input.scope === 'fleet') return fleetPage(deps, input);
      return { ...(await ownPage(deps, input)), silent: [] };
    },
    summarizeDeliveries: async ({ scope }) => {
      const own = await ownGroups(deps);
      if (scope === 'server') return { groups: own, total: countOf(own), silent: [], at: deps.now() };
      const { answers, silent } = await askFleet(deps.fleet, 'summarizeDeliveries', () => ({ scope: 'server' }));
      const groups = [
        ...own,
        ...[...answers].flatMap(([source, answer]) => answer.groups.map((group) => ({ ...group, source }))),
      ];
      return { groups, total: countOf(groups), silent, at: deps.now() };
    },
  };
}

type OwnPage = Pick<OperatorOutput<'listDeliveries'>, 'deliveries' | 'next'>;

async function ownPage(deps: DeliveryQueryDeps, input: OperatorInput<'listDeliveries'>): Promise<OwnPage> {
  const { ids, server, cause, limit } = input;
  const deliveries: DeliveryEntry[] = [];
  let afterId = parseCursor(input.cursor);
  for (let slice = 0; slice < MAX_SLICES; slice += 1) {
    const rows = await deps.catalog.listDeliveries({
      ids,
      server,
      cause,
      states: ledgerStates(input.state),
      afterId,
      limit: SLICE_ROWS,
    });
    for (const row of rows) {
      const state = stateOf(row, deps.replication);
      if (input.state === undefined || state === input.state) {
        if (deliveries.length === limit) return { deliveries, next: String(afterId) };
        deliveries.push(entryOf(row, state, deps.name));
      }
      afterId = row.id;
    }
    if (rows.length < SLICE_ROWS) return { deliveries, next: null };
  }
  return { deliveries, next: String(afterId) };
}

/** Rows of all sources, source by source; the cursor holds each source's own place. */
async function fleetPage(
  deps: DeliveryQueryDeps,
  input: OperatorInput<'listDeliveries'>,
): Promise<OperatorOutput<'listDeliveries'>> {
  const places = parseFleetCursor(input.cursor);
  const inputFor = (source: string): OperatorInput<'listDeliveries'> | undefined => {
    const place = places[source];
    if (place === null) return undefined;
    const { cursor: _, ...rest } = input;
    return { ...rest, scope: 'server', ...(place !== undefined && { cursor: place }) };
  };
  const ownInput = inputFor(deps.name);
  const { answers, silent } = await askFleet(deps.fleet, 'listDeliveries', inputFor);
  const pages = new Map<string, OwnPage>(answers);
  if (ownInput !== undefined) pages.set(deps.name, await ownPage(deps, ownInput));
  const deliveries: DeliveryEntry[] = [];
  const next = { ...places };
  for (const [source, page] of [...pages].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const room = input.limit - deliveries.length;
    const taken = page.deliveries.slice(0, room).map((entry) => ({ ...entry, source }));
    deliveries.push(...taken);
    const last = taken.at(-1);
    if (taken.length === page.deliveries.length) next[source] = page.next;
    else if (last !== undefined) next[source] = String(last.id);
  }
  const hasMore = [...pages.keys()].some((source) => next[source] !== null);
  return { deliveries, next: hasMore ? formatFleetCursor(next) : null, silent };
}

async function ownGroups(deps: DeliveryQueryDeps): Promise<DeliveryGroup[]> {
  return (await deps.catalog.summarize()).map(({ server, state, cause, count, bytes, oldestQueuedAt }) => {
    return {
      source: deps.name,
      server,
      state,
      code: cause?.code ?? null,
      message: cause?.message ?? null,
      count,
      bytes,
      oldestQueuedAt,
      autoRetry: deps.autoRetry,
    };
  });
}

function countOf(groups: readonly DeliveryGroup[]): number {
  return groups.reduce((sum, { count }) => sum + count, 0);
}

/** What is on its way is pending or failed in the ledger. */
function ledgerStates(state: DeliveryState | undefined): readonly LedgerState[] {
  if (state === undefined) return ALL_STATES;
  return state === 'inflight' ? ['pending', 'failed'] : [state];
}

function entryOf(row: Delivery, state: DeliveryState, source: string): DeliveryEntry {
  const { id, path, server, attempts, nextAttemptAt, cause, sizeBytes, firstFailedAt } = row;
  return { id, path, source, server, state, attempts, nextAttemptAt, cause, sizeBytes, firstFailedAt };
}
