import type { ServerEntry } from '@imagefleet/shared/common/operator/operator-schemas.ts';

/** An agent that is up and lacks nothing. */
export function anAgent(name: string, overrides: Partial<ServerEntry> = {}): ServerEntry {
  return {
    ...{ name, url: `http://127.0.0.1/${name}`, state: 'up', since: 0, warmUpLeftMs: null, isAgent: true },
    ...{ address: null, lagSeconds: 0, backlog: open(0), disk: null, images: 100, unencrypted: false },
    ...{ cause: null, reseed: null },
    ...overrides,
  };
}

/** A backlog of so many copies. */
export function open(parked: number): NonNullable<ServerEntry['backlog']> {
  return { pending: 0, inflight: 0, failed: 0, parked, dead: 0 };
}
