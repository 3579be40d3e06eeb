import type { ServerState } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import type { ProbeCause } from '@imagefleet/shared/common/health/observation.ts';
import type { Verdict } from '@imagefleet/shared/common/health/verdict.ts';
import type { HistoryAnswer } from '@imagefleet/shared/common/operator/history-schemas.ts';

/** One watched server as lists show it. */
export interface WatchedState {
  /** Unique; an agent's name, or what the configuration calls it. */
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly state: ServerState;
  /** When it came into this state, epoch milliseconds. */
  readonly sinceAt: number | null;
  /** Milliseconds until it is up if it goes on answering; null when it is not warming up. */
  readonly warmUpLeftMs: number | null;
  /** Why it is not up, where that is known. */
  readonly cause: ProbeCause | null;
  readonly weight: number;
  /** An agent of the fleet, and not a server that was listed. */
  readonly isAgent: boolean;
}

/** Both in epoch milliseconds, `to` not part of it. */
export interface HistoryRange {
  readonly from: number;
  readonly to: number;
  /** Latency points at most. */
  readonly points: number;
}

/** What the services see of a monitor. Names are those of `states`; another one is the caller's to refuse. */
export interface MonitorView {
  states(): readonly WatchedState[];
  verdict(name: string): Verdict | undefined;
  /** Resolves when it holds and would hold after a restart. */
  setMaintenance(name: string, isOn: boolean): Promise<void>;
  history(name: string, range: HistoryRange): Promise<HistoryAnswer>;
}

/** For an agent that watches nobody: no server is known to it. */
export const NOTHING_WATCHED: MonitorView = {
  states: () => [],
  verdict: () => undefined,
  setMaintenance: async () => undefined,
  history: async (server, { from, to }) => unwatchedHistory(server, { from, to }),
};

/** Of a range in which nothing was seen. */
export function unwatchedHistory(server: string, { from, to }: Omit<HistoryRange, 'points'>): HistoryAnswer {
  const uptime = { upMs: 0, downMs: 0, warmingMs: 0, maintenanceMs: 0, unknownMs: to - from, ratio: null };
  return { server, from, to, uptime, transitions: [], latency: [] };
}
