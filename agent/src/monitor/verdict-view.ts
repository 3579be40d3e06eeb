import type { WatchTarget } from '@imagefleet/shared/common/config/watch-targets.ts';
import type { ProbeCause } from '@imagefleet/shared/common/health/observation.ts';
import type { Verdict } from '@imagefleet/shared/common/health/verdict.ts';
import type { HistoryAnswer } from '@imagefleet/shared/common/operator/history-schemas.ts';
import type { Maintenance } from './maintenance.ts';
import type { HistoryRange, MonitorView, WatchedState } from './monitor-view.ts';

export interface VerdictViewDeps {
  readonly targets: readonly WatchTarget[];
  /** The monitor's loop. */
  readonly monitor: {
    verdict(name: string): Verdict | undefined;
    setMaintenance(name: string, isOn: boolean): void;
  };
  readonly history: { read(server: string, range: HistoryRange): Promise<HistoryAnswer> };
  readonly maintenance: Maintenance;
}

/** The view over a running monitor. */
export class VerdictView implements MonitorView {
  readonly #deps: VerdictViewDeps;
  readonly #targets: ReadonlyMap<string, WatchTarget>;

  constructor(deps: VerdictViewDeps) {
    this.#deps = deps;
    this.#targets = new Map(deps.targets.map((target) => [target.name, target]));
  }

  states(): readonly WatchedState[] {
    return this.#deps.targets.map((target) => this.#stateOf(target));
  }

  /** Of one server; undefined when it is not watched. */
  state(name: string): WatchedState | undefined {
    const target = this.#targets.get(name);
    return target === undefined ? undefined : this.#stateOf(target);
  }

  verdict(name: string): Verdict | undefined {
    return this.#deps.monitor.verdict(name);
  }

  /** On the disk first: what was answered holds after a power cut too. */
  async setMaintenance(name: string, isOn: boolean): Promise<void> {
    await this.#deps.maintenance.set(name, isOn);
    // Asked anew, because a later call may have been written meanwhile.
    this.#deps.monitor.setMaintenance(name, this.#deps.maintenance.has(name));
  }

  history(name: string, range: HistoryRange): Promise<HistoryAnswer> {
    return this.#deps.history.read(name, range);
  }

  #stateOf({ name, host, port, weight, isAgent }: WatchTarget): WatchedState {
    const verdict = this.verdict(name);
    return {
      ...{ name, host, port, weight, isAgent },
      state: verdict?.state ?? 'unknown',
      sinceAt: verdict?.sinceAt ?? null,
      warmUpLeftMs: verdict?.warmUpLeftMs ?? null,
      cause: verdict === undefined ? null : causeOf(verdict),
    };
  }
}

/** Of a server that nobody can say is up: the last probe that failed. */
function causeOf({ state, probes }: Verdict): ProbeCause | null {
  if (state !== 'down' && state !== 'unknown') return null;
  const last = probes.findLast(({ observation }) => observation.kind !== 'success')?.observation;
  return last === undefined || last.kind === 'success' ? null : last.cause;
}
