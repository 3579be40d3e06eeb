import { stat } from 'node:fs/promises';
import { FleetError, type ErrorBody } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { QUEUE_SCHEMA_VERSION } from '#engine/queue/queue-schema.ts';
import type { QueueCounts } from '#engine/queue/queue-item.ts';
import type { UploadQueueStore } from '#engine/queue/upload-queue-store.ts';
import { writeExport } from './export-file.ts';
import { failureGroups, type FailureGroup } from './failure-groups.ts';
import type { Fault, FaultLog } from './fault-log.ts';
import { machineFacts, type MachineFacts } from './machine-facts.ts';
import { Scrubber, type Scrubbed } from './scrubber.ts';

export interface DiagnosticsOptions {
  /** Version of this program. */
  readonly version: string;
  /** As they are kept; fields that are named like secrets are emptied. */
  readonly settings: unknown;
  /** Addresses of the fleet's servers. */
  readonly servers: readonly string[];
  /** Every key and token that this program knows: none of them is in the document, wherever it stood. */
  readonly secrets: readonly string[];
  /** The operator's home folder, which is shortened to `~`. */
  readonly home: string;
  readonly store: Pick<UploadQueueStore, 'counts' | 'passedOver' | 'page'>;
  /** Where the queue lies. */
  readonly queueFile: string;
  readonly faults: Pick<FaultLog, 'list'>;
  /** What the engine knows of the servers; whatever it is, it is scrubbed. */
  readonly fleet: unknown;
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** What is asked of an operator whose uploads do not work. All of it is JSON, and scrubbed. */
export interface Diagnostics {
  readonly version: 1;
  /** ISO 8601. */
  readonly at: string;
  readonly program: { readonly name: string; readonly version: string };
  readonly machine: MachineFacts;
  readonly settings: Scrubbed;
  readonly servers: readonly string[];
  readonly queue: QueueFacts;
  readonly faults: readonly (Omit<Fault, 'at'> & { readonly at: string })[];
  readonly fleet: Scrubbed;
}

interface QueueFacts {
  readonly file: string;
  readonly schemaVersion: number;
  /** Null when there is no such file, or nobody may look at it. */
  readonly sizeBytes: number | null;
  /** Of the log beside it, likewise. */
  readonly logBytes: number | null;
  /** Null when the queue cannot be read: `problem` says why. */
  readonly content: QueueContent | null;
  readonly problem: ErrorBody | null;
}

interface QueueContent {
  readonly counts: QueueCounts;
  readonly passedOver: number;
  readonly failures: readonly FailureGroup[];
}

/**
 * What there is to know of this program and its queue, without secrets. A queue that fails is told as such: that is when this
 * is asked for. Fails only with what `signal` was aborted with.
 */
export async function diagnostics(options: DiagnosticsOptions): Promise<Diagnostics> {
  const { version, settings, servers, secrets, home, faults, fleet, now } = options;
  const scrubber = new Scrubber({ secrets, home });
  const document = {
    ...{ version: 1, at: isoOf(now()), program: { name: 'imagefleet-desktop', version } },
    ...{ machine: machineFacts(), settings, queue: await queueFacts(options) },
    // Before it is read as an address: that would write a key in another way.
    servers: servers.map((server) => bareAddress(scrubber.text(server))),
    faults: faults.list().map((fault) => ({ ...fault, at: isoOf(fault.at) })),
    fleet,
  };
  // As a whole, so that no field can be forgotten; scrubbing keeps the shape of everything that is ours.
  return scrubber.value(document) as unknown as Diagnostics;
}

/** It names files and servers: nobody else on this computer reads it. */
const OWNER_ONLY = 0o600;

/** Errors: those of `writeExport`. */
export async function writeDiagnostics(file: string, document: Diagnostics): Promise<void> {
  await writeExport(file, [[`${JSON.stringify(document, null, 2)}\n`]], { mode: OWNER_ONLY });
}

async function queueFacts({ store, queueFile, signal }: DiagnosticsOptions): Promise<QueueFacts> {
  const [sizeBytes, logBytes] = await Promise.all([sizeOf(queueFile), sizeOf(`${queueFile}-wal`)]);
  const facts = { file: queueFile, schemaVersion: QUEUE_SCHEMA_VERSION, sizeBytes, logBytes };
  try {
    const failures = await failureGroups(store, signal);
    const content = { counts: store.counts(), passedOver: store.passedOver(), failures };
    return { ...facts, content, problem: null };
  } catch (error) {
    signal.throwIfAborted();
    if (!(error instanceof FleetError)) throw error;
    return { ...facts, content: null, problem: error.toBody() };
  }
}

async function sizeOf(file: string): Promise<number | null> {
  return stat(file).then(
    ({ size }) => size,
    () => null,
  );
}

/** Without user, query and fragment, in which people carry keys along; null would hide that there is a server at all. */
function bareAddress(server: string): string {
  const url = URL.parse(server.trim());
  return url === null ? 'no address' : `${url.protocol}//${url.host}${url.pathname}`;
}

function isoOf(at: number): string {
  return new Date(at).toISOString();
}
