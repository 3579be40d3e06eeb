import { asFleetError } from '../batch-intake.ts';
import { newComparison, type Comparison } from './reconcile.ts';
import type { RunStatus } from './repair-messages.ts';

/** Runs that are remembered for those who asked for them. */
const MAX_REMEMBERED = 100;

interface RequestedRun {
  readonly peer: string;
  state: 'waiting' | 'running' | 'done';
  readonly comparison: Comparison;
}

export interface RequestedRunsDeps {
  /** Compares with the peer and pulls; `onBegin` is called when it is its turn. */
  readonly reconcile: (peer: string, progress: Comparison, onBegin: () => void) => Promise<void>;
  readonly newId: () => string;
}

/** Runs that peers asked for, because they have what this server lacks. Such a run asks nobody in turn. */
export class RequestedRuns {
  readonly #deps: RequestedRunsDeps;
  readonly #runs = new Map<string, RequestedRun>();
  readonly #working = new Set<Promise<void>>();

  constructor(deps: RequestedRunsDeps) {
    this.#deps = deps;
  }

  /** The id of a run that begins after this call; one that only waits serves everybody who asks meanwhile. */
  request(peer: string): string {
    for (const [id, run] of this.#runs) if (run.peer === peer && run.state === 'waiting') return id;
    const id = this.#deps.newId();
    const run: RequestedRun = { peer, state: 'waiting', comparison: newComparison() };
    this.#runs.set(id, run);
    this.#forgetOld();
    const working = this.#run(run).finally(() => this.#working.delete(working));
    this.#working.add(working);
    return id;
  }

  status(id: string): RunStatus {
    const run = this.#runs.get(id);
    if (run === undefined) return { state: 'unknown', pulled: 0, bytes: 0, failed: [] };
    const { pulled, bytes, failed } = run.comparison;
    return { state: run.state, pulled, bytes, failed: failed.listed };
  }

  /** Waits for those that run; the caller has aborted them. */
  async idle(): Promise<void> {
    await Promise.all(this.#working);
  }

  async #run(run: RequestedRun): Promise<void> {
    try {
      await this.#deps.reconcile(run.peer, run.comparison, () => (run.state = 'running'));
    } catch (error) {
      const { code, message } = asFleetError(error);
      run.comparison.failed.add({ path: '', code, message });
    }
    run.state = 'done';
  }

  #forgetOld(): void {
    for (const [id, { state }] of this.#runs) {
      if (this.#runs.size <= MAX_REMEMBERED) return;
      if (state === 'done') this.#runs.delete(id);
    }
  }
}
