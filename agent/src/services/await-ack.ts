import { durationMs } from '@imagefleet/shared/common/config/units.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { PresentRecord } from '@imagefleet/shared/common/image/record.ts';
import type { Replication } from '#replication/replication.ts';
import type { Replica } from '@imagefleet/shared/common/operator/operator-schemas.ts';

const DEFAULT_WAIT_MS = 30_000;
const MAX_WAIT_MS = 5 * 60_000;
/** Settlements that are remembered while an upload is committed; beyond it the ledger is asked instead. */
const MAX_REMEMBERED = 50_000;

/** How many servers must hold an image before its upload is answered, this server included. */
export interface AckWish {
  readonly servers: number;
  readonly waitMs: number;
}

/** Reads `ack=local|N|all` and `wait=30s`. Throws INPUT_INVALID, and ACK_TOO_HIGH above the size of the fleet. */
export function parseAck(
  query: { readonly ack?: string | undefined; readonly wait?: string | undefined },
  fleetSize: number,
): AckWish {
  const ack = query.ack ?? 'local';
  const servers = ack === 'local' ? 1 : ack === 'all' ? fleetSize : Number(/^\d{1,6}$/.test(ack) ? ack : NaN);
  if (Number.isNaN(servers) || servers < 1)
    throw new FleetError('INPUT_INVALID', 'ack is local, all or a number from 1.');
  if (servers > fleetSize) {
    throw new FleetError('ACK_TOO_HIGH', `ack=${ack} asks for more servers than the fleet has (${String(fleetSize)}).`);
  }
  const wait =
    query.wait === undefined ? { success: true as const, data: DEFAULT_WAIT_MS } : durationMs.safeParse(query.wait);
  if (!wait.success || wait.data > MAX_WAIT_MS) {
    throw new FleetError('INPUT_INVALID', 'wait is a duration such as 30s, at most 5m.');
  }
  return { servers, waitMs: wait.data };
}

export interface AckDeps {
  /** Which server holds an image; see ReplicaView. */
  readonly replicasOf: (record: PresentRecord) => Promise<readonly Replica[]>;
  readonly replication: Pick<Replication, 'peers' | 'onSettled'>;
}

/**
 * Watches deliveries of one upload. Made before the upload is committed, so that a copy that arrives between the commit
 * and the question is not missed. Always `close` it.
 */
export class AckWatch {
  readonly #deps: AckDeps;
  readonly #delivered = new Map<string, Set<string>>();
  readonly #unsubscribe: () => void;
  /** What is waited for; undefined until the upload has its records. */
  #wanted: ReadonlySet<string> | undefined;
  #remembered = 0;
  #onDelivered: () => void = () => undefined;

  constructor(deps: AckDeps) {
    this.#deps = deps;
    this.#unsubscribe = deps.replication.onSettled((settled) => {
      for (const delivery of settled)
        if (delivery.state === 'delivered') this.#remember(keyOf(delivery), delivery.server);
      this.#onDelivered();
    });
  }

  /** Whether every record reached `servers` servers within `waitMs`; also false when `signal` (the client went) fires. */
  async reached(records: readonly PresentRecord[], wish: AckWish, signal: AbortSignal): Promise<boolean> {
    if (wish.servers <= 1) return true;
    this.#remembersOnly(new Set(records.map(keyOf)));
    const missing = new Map<string, Set<string>>();
    for (const record of records) {
      const replicas = await this.#deps.replicasOf(record);
      const lacking = replicas.filter(({ state }) => state !== 'stored').map(({ server }) => server);
      missing.set(keyOf(record), new Set(lacking));
    }
    const peers = this.#deps.replication.peers();
    const isReached = (): boolean => {
      for (const [key, servers] of missing) {
        for (const server of this.#delivered.get(key) ?? []) servers.delete(server);
        if (1 + peers.length - servers.size < wish.servers) return false;
        missing.delete(key);
      }
      return true;
    };
    if (isReached()) return true;
    return new Promise((resolve) => {
      const finish = (isDone: boolean): void => {
        clearTimeout(timer);
        signal.removeEventListener('abort', onAbort);
        this.#onDelivered = () => undefined;
        resolve(isDone);
      };
      const onAbort = (): void => {
        finish(false);
      };
      const timer = setTimeout(finish, wish.waitMs, false);
      signal.addEventListener('abort', onAbort, { once: true });
      this.#onDelivered = () => {
        if (isReached()) finish(true);
      };
      if (signal.aborted) finish(false);
    });
  }

  close(): void {
    this.#unsubscribe();
    this.#delivered.clear();
  }

  /** Many clients may wait for minutes: none of them keeps what concerns the others. */
  #remembersOnly(wanted: ReadonlySet<string>): void {
    this.#wanted = wanted;
    for (const key of this.#delivered.keys()) if (!wanted.has(key)) this.#delivered.delete(key);
    this.#remembered = 0;
  }

  #remember(key: string, server: string): void {
    if (this.#wanted !== undefined && !this.#wanted.has(key)) return;
    if (this.#remembered >= MAX_REMEMBERED) return;
    this.#remembered += 1;
    const servers = this.#delivered.get(key);
    if (servers === undefined) this.#delivered.set(key, new Set([server]));
    else servers.add(server);
  }
}

/** A copy of an older version of the path does not count. */
function keyOf({ path, version }: { readonly path: string; readonly version: string }): string {
  return `${version} ${path}`;
}
