import type { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { VerifyReport } from '@imagefleet/shared/common/operator/repair-schemas.ts';
import type { RunRequest, StartedRun } from '#replication/repair/repair.ts';
import type { DigestView } from '#store/repair-reads.ts';
import { sumDigests, type SetDigest } from '#store/set-digest.ts';

/** Repair that compares nothing: a test says what runs report, and what the peers answer for a proof. */
export class FakeRepair {
  readonly requests: RunRequest[] = [];
  readonly views: DigestView[] = [];
  report: VerifyReport | null = null;
  ended: Promise<void> = Promise.resolve();
  own: SetDigest = sumDigests([]);
  roots = new Map<string, SetDigest | FleetError>();

  start(request: RunRequest): StartedRun {
    this.requests.push(request);
    return { report: () => this.#known(), ended: this.ended };
  }

  last(): VerifyReport | null {
    return this.report;
  }

  reportOf(id: string): VerifyReport | null {
    return this.report?.id === id ? this.report : null;
  }

  view(untilMs: number | null): DigestView {
    return { untilMs, tombstonesFromMs: 0 };
  }

  ownRoot(view: DigestView): Promise<SetDigest> {
    this.views.push(view);
    return Promise.resolve(this.own);
  }

  peerRoots(): Promise<ReadonlyMap<string, SetDigest | FleetError>> {
    return Promise.resolve(this.roots);
  }

  #known(): VerifyReport {
    if (this.report === null) throw new Error('the test has set no report');
    return this.report;
  }
}
