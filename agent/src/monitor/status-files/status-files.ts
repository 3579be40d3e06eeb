import { formatHostPort } from '@imagefleet/shared/common/address/server-address.ts';
import type { FleetSnapshot } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import { isOnline } from '@imagefleet/shared/common/health/fleet-snapshot.ts';
import type { Logger } from '@imagefleet/shared/common/log/logger.ts';
import { keptGeneration } from '@imagefleet/shared/common/status-file/kept-generation.ts';
import {
  hasSameAvailability,
  statusContent,
  type StatusContent,
} from '@imagefleet/shared/common/status-file/status-content.ts';
import {
  LOOK_LIMIT_MS,
  mergeLooks,
  NOTHING_FOUND,
  type FileLook,
  type HeldStatus,
  type StatusFileSetting,
} from './held-status.ts';
import { LeaseWriter } from './lease-writer.ts';
import { localStatusDisk } from './local-status-disk.ts';
import type { StatusDisk } from './status-disk.ts';
import { StatusFileWriter } from './status-file-writer.ts';
import type { StatusFileProblem } from './status-problem.ts';
import { withinLimit } from '../within-limit.ts';

const LEASE_PERIOD_MS = 2000;
const STOP_LIMIT_MS = 2000;

export interface StatusFilesDeps {
  readonly files: readonly StatusFileSetting[];
  readonly logger: Logger;
  /** Epoch milliseconds, for people. */
  readonly now: () => number;
  readonly disk?: StatusDisk;
  /** Default 2 s: a reader knows after three of them that the monitor is dead. */
  readonly leasePeriodMs?: number;
}

interface KeptFile {
  readonly setting: StatusFileSetting;
  readonly writer: StatusFileWriter;
  readonly lease: LeaseWriter;
  look: FileLook;
  content: StatusContent | null;
}

/**
 * Keeps all status files and their leases. Every file says the same of one generation, and none is touched while
 * availability stays as it is; each has its own line to the disk, so that none waits for another.
 */
export class StatusFiles {
  readonly #files: readonly KeptFile[];
  readonly #leasePeriodMs: number;
  /** The last verdict on each server: a server that is unknown now stays what it was in all files. */
  readonly #verdicts = new Map<string, boolean>();
  #held: HeldStatus = { online: new Map(), generation: 0, weights: new Map() };
  #timer: NodeJS.Timeout | undefined;

  constructor({ files, leasePeriodMs = LEASE_PERIOD_MS, disk = localStatusDisk, logger, now }: StatusFilesDeps) {
    this.#leasePeriodMs = leasePeriodMs;
    this.#files = files.map((setting) => ({
      setting,
      writer: new StatusFileWriter(setting, { disk, logger, now }),
      lease: new LeaseWriter(setting.path, leasePeriodMs, { disk, logger, now }),
      look: NOTHING_FOUND,
      content: null,
    }));
  }

  /** Reads what the files say, within a limit, and begins the leases. Nothing that a disk does makes it fail. */
  async start(): Promise<void> {
    await Promise.all(
      this.#files.map(async (file) => {
        file.look = await withinLimit(file.writer.start(), LOOK_LIMIT_MS, () => NOTHING_FOUND);
        await withinLimit(file.lease.sweep(), LOOK_LIMIT_MS, () => undefined);
        file.lease.goOnFrom(file.look.lease?.counter ?? 0);
      }),
    );
    this.#held = mergeLooks(this.#files.map(({ look }) => look));
    this.#renewLeases();
    this.#timer = setInterval(() => this.#tick(), this.#leasePeriodMs);
  }

  /** What the files said at the start. */
  get held(): HeldStatus {
    return this.#held;
  }

  /** Brings a new verdict into the files, beginning at once; does nothing where it changes nothing that files tell. */
  apply(snapshot: FleetSnapshot): void {
    for (const server of snapshot.servers) {
      const online = isOnline(server.state);
      if (online !== null) this.#verdicts.set(formatHostPort(server), online);
    }
    const contents = this.#files.map((file) => this.#contentOf(file, snapshot));
    if (this.#files.every(({ content }, index) => isSame(content, contents[index]))) return;
    const generation = this.#generationOf(snapshot, contents);
    for (const [index, file] of this.#files.entries()) {
      const content = contents[index];
      if (content === undefined) continue;
      file.content = { ...content, generation };
      file.writer.want(file.content);
    }
  }

  /** What keeps files and leases from saying what they should, at this moment. */
  problems(): readonly StatusFileProblem[] {
    return this.#files
      .flatMap(({ writer, lease }) => [writer.problem, lease.problem])
      .filter((problem) => problem !== null);
  }

  /** Resolves when every file has the newest content, or has failed to get it. */
  async tried(): Promise<void> {
    await Promise.all(this.#files.map(({ writer }) => writer.tried()));
  }

  /** Writes what still waits, within a limit. The files stay, and readers see from the leases that nobody keeps them. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    const all = Promise.all(this.#files.flatMap(({ writer, lease }) => [writer.stop(), lease.stop()]));
    await withinLimit(
      all.then(() => undefined),
      STOP_LIMIT_MS,
      () => undefined,
    );
  }

  #contentOf({ look }: KeptFile, snapshot: FleetSnapshot): StatusContent {
    const own = new Map(look.decoded?.servers.map((server) => [formatHostPort(server), server.online]));
    return statusContent(snapshot, (key) => this.#verdicts.get(key) ?? own.get(key) ?? this.#held.online.get(key));
  }

  /**
   * The snapshot's own; but when a monitor starts and finds the fleet as all files that are whole have it, theirs goes on,
   * so that a restart touches no file.
   */
  #generationOf(snapshot: FleetSnapshot, contents: readonly StatusContent[]): number {
    if (this.#files.some(({ content }) => content !== null)) return snapshot.generation;
    const kept = this.#files.flatMap(({ look, setting }, index) => {
      const content = contents[index];
      if (look.decoded === undefined || look.text === undefined || content === undefined) return [];
      return [keptGeneration(look.text, content, setting)];
    });
    const [first] = kept;
    return first !== undefined && kept.every((generation) => generation === first) ? first : snapshot.generation;
  }

  #tick(): void {
    for (const { writer } of this.#files) writer.check();
    this.#renewLeases();
  }

  #renewLeases(): void {
    for (const { writer, lease } of this.#files) lease.renew(writer.generation);
  }
}

function isSame(before: StatusContent | null, after: StatusContent | undefined): boolean {
  return before !== null && after !== undefined && hasSameAvailability(before, after);
}
