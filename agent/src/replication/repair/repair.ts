import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import type { VerifyReport } from '@imagefleet/shared/common/operator/repair-schemas.ts';
import type { Catalog } from '#store/catalog.ts';
import type { ImageStore } from '#store/image-store.ts';
import { PathLocks } from '#store/path-locks.ts';
import type { DigestView } from '#store/repair-reads.ts';
import { sumDigests, type SetDigest } from '#store/set-digest.ts';
import { encodeBatch } from '../batch-encoder.ts';
import { asFleetError } from '../batch-intake.ts';
import type { PeerCall } from '../peer-endpoint.ts';
import { STAGING_LIMITS, StagingSlots } from '../staging-slots.ts';
import { FailureList } from './failure-list.ts';
import { pullRecords } from './pull-records.ts';
import { reconcile, type Comparison } from './reconcile.ts';
import { recount } from './recount.ts';
import { repairCalls } from './repair-calls.ts';
import type { RepairPeer } from './repair-peer.ts';
import { newServerProgress, reportOf, type RunProgress } from './repair-report.ts';
import { RequestedRuns } from './requested-runs.ts';
import { restoreCopies } from './restore-copies.ts';
import { verifyServer } from './verify-server.ts';

/** Runs whose reports are kept. */
const MAX_KNOWN = 50;
/** Tombstones in one message. */
const GIVEN_BACK = 200;

export interface RepairDeps {
  readonly name: string;
  readonly peers: ReadonlyMap<string, RepairPeer>;
  readonly store: ImageStore;
  readonly catalog: Catalog;
  /** The same locks as local writes take. */
  readonly locks: PathLocks;
  /** Tombstones older than this are compared no more; they may have been thrown away. */
  readonly tombstonePeriodMs: number;
  /** Deliveries may go out again. */
  readonly wake: () => void;
  readonly now: () => number;
  readonly logger: Logger;
}

export interface RunRequest {
  readonly reason: VerifyReport['reason'];
  /** Names of peers; all of them unless given. */
  readonly servers?: readonly string[];
  /** Also looks whether every image has its file. */
  readonly withCopies: boolean;
}

export interface StartedRun {
  readonly report: () => VerifyReport;
  readonly ended: Promise<void>;
}

/**
 * Finds what this server and its peers do not have alike, and heals it. Runs go one after another, and so does whatever
 * pulls: two peers would bring the same image twice. Waiting for a peer that pulls is not pulling, so two servers that
 * wait for each other never block each other.
 */
export class Repair {
  readonly #deps: RepairDeps;
  readonly #slots = new StagingSlots(STAGING_LIMITS);
  readonly #turns = new PathLocks();
  readonly #requested: RequestedRuns;
  readonly #stopped = new AbortController();
  readonly #runs = new Set<Promise<void>>();
  /** Runs by id, the newest last. */
  readonly #known = new Map<string, RunProgress>();
  /** Runs that have not begun; who asks for the same gets the same. */
  readonly #waiting = new Map<string, StartedRun>();
  #count = 0;
  #last: RunProgress | null = null;

  constructor(deps: RepairDeps) {
    this.#deps = deps;
    this.#requested = new RequestedRuns({
      newId: () => this.#newId(),
      reconcile: async (name, progress, onBegin) => {
        const peer = deps.peers.get(name);
        if (peer !== undefined) await this.#reconcile(peer, progress, onBegin);
      },
    });
  }

  /** Stops where it is; the next run finds what is left. */
  async stop(): Promise<void> {
    this.#stopped.abort(new FleetError('SHUTTING_DOWN', 'this server is stopping'));
    await Promise.all([...this.#runs, this.#requested.idle()]);
  }

  /** What peers may ask; for the peer endpoint. */
  calls(): ReadonlyMap<string, PeerCall> {
    const { catalog, store, peers } = this.#deps;
    return repairCalls({
      ...{ catalog, store },
      peerNamed: (name) => [...peers.keys()].find((known) => known.toLowerCase() === name.toLowerCase()),
      requestRun: (peer) => this.#requested.request(peer),
      runStatus: (run) => this.#requested.status(run),
    });
  }

  /** The run that is going on or was the last; null before the first. */
  last(): VerifyReport | null {
    return this.#last === null ? null : reportOf(this.#last);
  }

  /** A run that was started here; null when it is too long ago. */
  reportOf(id: string): VerifyReport | null {
    const run = this.#known.get(id);
    return run === undefined ? null : reportOf(run);
  }

  /** For others that pull: nothing of this pulls meanwhile, so no image is brought twice. */
  takeTurn<T>(work: () => Promise<T>): Promise<T> {
    return this.#turns.run(['pull'], work);
  }

  /** Begins when the runs before it are at their end. `ended` never rejects. */
  start(request: RunRequest): StartedRun {
    const key = JSON.stringify(request);
    const waiting = this.#waiting.get(key);
    if (waiting !== undefined) return waiting;
    const started = this.#start(request, () => this.#waiting.delete(key));
    this.#waiting.set(key, started);
    return started;
  }

  #start(request: RunRequest, onBegin: () => void): StartedRun {
    const { name, peers, now } = this.#deps;
    const run: RunProgress = {
      ...{ id: this.#newId(), reason: request.reason, server: name },
      ...{ state: 'waiting', startedAt: null, finishedAt: null },
      servers: (request.servers ?? [...peers.keys()]).map(newServerProgress),
      copies: request.withCopies ? { checked: 0, missing: 0, restored: 0, failed: new FailureList() } : null,
    };
    this.#remember(run);
    const ended = this.#turns
      .run(['run'], async () => {
        onBegin();
        this.#last = run;
        run.startedAt = now();
        run.state = 'running';
        await this.#work(run);
      })
      .catch((error: unknown) => this.#deps.logger.error('repair.runFailed', { error }))
      .finally(() => {
        run.state = 'done';
        run.finishedAt = now();
        this.#runs.delete(ended);
        this.#logEnd(run);
      });
    this.#runs.add(ended);
    return { report: () => reportOf(run), ended };
  }

  /** The set that this server has. */
  async ownRoot(view: DigestView): Promise<SetDigest> {
    return sumDigests(await this.#deps.catalog.digestDays(view));
  }

  /** The sets of the peers; the error of one that did not answer. */
  async peerRoots(view: DigestView, signal: AbortSignal): Promise<ReadonlyMap<string, SetDigest | FleetError>> {
    const answers = [...this.#deps.peers.values()].map(async (peer): Promise<[string, SetDigest | FleetError]> => {
      try {
        await peer.probe(signal);
        return [peer.name, await peer.root(view, signal)];
      } catch (error) {
        const late = new FleetError('PEER_TIMEOUT', `${peer.name} did not answer in time`, { cause: error });
        return [peer.name, signal.aborted ? late : asFleetError(error)];
      }
    });
    return new Map(await Promise.all(answers));
  }

  /** `untilMs` null: all that there is. */
  view(untilMs: number | null): DigestView {
    return { untilMs, tombstonesFromMs: (untilMs ?? this.#deps.now()) - this.#deps.tombstonePeriodMs };
  }

  async #work(run: RunProgress): Promise<void> {
    const { signal } = this.#stopped;
    if (run.copies !== null) {
      const corrected = await recount(this.#deps.catalog, signal);
      if (corrected > 0) this.#deps.logger.warn('repair.recounted', { buckets: corrected });
    }
    for (const progress of run.servers) {
      const peer = this.#deps.peers.get(progress.server);
      if (peer === undefined || signal.aborted) continue;
      const pull = (comparison: Comparison): Promise<void> => this.#reconcile(peer, comparison, () => undefined);
      await verifyServer({ peer, reconcile: pull }, progress, signal);
    }
    if (run.copies === null || signal.aborted) return;
    const silent = new Set(run.servers.filter(({ cause }) => cause !== null).map(({ server }) => server));
    const peers = [...this.#deps.peers.values()].filter(({ name }) => !silent.has(name));
    try {
      await restoreCopies({ ...this.#deps, peers }, run.copies, signal);
    } catch (error) {
      const { code, message } = asFleetError(error);
      run.copies.failed.add({ path: '', code, message });
    }
  }

  async #reconcile(peer: RepairPeer, progress: Comparison, onBegin: () => void): Promise<void> {
    const { signal } = this.#stopped;
    await this.#turns.run(['pull'], async () => {
      onBegin();
      signal.throwIfAborted();
      const deps = { ...this.#deps, slots: this.#slots };
      const pull: Parameters<typeof reconcile>[0]['pull'] = async (records, pulled) => {
        await pullRecords(records, peer, deps, { progress: pulled, signal });
        await this.#giveBack(peer, pulled.older.splice(0));
      };
      await reconcile({ peer, own: deps.catalog, view: this.view(null), pull }, progress, signal);
    });
  }

  /**
   * What is newer here and too old to be compared: tombstones. The peer has the image still and would spread it again, so
   * it is told.
   */
  async #giveBack(peer: RepairPeer, paths: readonly string[]): Promise<void> {
    for (let start = 0; start < paths.length; start += GIVEN_BACK) {
      const records = await this.#deps.catalog.findMany(paths.slice(start, start + GIVEN_BACK));
      const entries = [...records.values()].flatMap(({ stagingName: _stagingName, ...record }) =>
        record.kind === 'tombstone' ? [{ record, body: null }] : [],
      );
      if (entries.length > 0) await peer.push(encodeBatch(entries), entries.length, this.#stopped.signal);
    }
  }

  #remember(run: RunProgress): void {
    this.#known.set(run.id, run);
    for (const id of this.#known.keys()) {
      if (this.#known.size <= MAX_KNOWN) return;
      this.#known.delete(id);
    }
  }

  #newId(): string {
    this.#count += 1;
    return `${this.#deps.now().toString(36)}-${this.#count.toString(36)}`;
  }

  #logEnd(run: RunProgress): void {
    const { id, reason, isEqual, servers } = reportOf(run);
    const states = servers.map(({ server, state, pulled, pushed }) => ({ server, state, pulled, pushed }));
    this.#deps.logger.info('repair.ran', { id, reason, isEqual, servers: states });
  }
}
