import { homedir } from 'node:os';
import { resolve } from 'node:path';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { EngineHandlers } from '#engine/api/call-engine.ts';
import type { EngineOutput } from '#bridge/engine-api.ts';
import { either } from './either-signal.ts';
import type { EngineSettingsFile } from './engine-settings.ts';
import type { EngineFleet } from './fleet/engine-fleet.ts';
import type { HashSome } from './queue/cached-hashes.ts';
import type { UploadQueueStore } from './queue/upload-queue-store.ts';
import { diagnostics, writeDiagnostics } from './report/diagnostics.ts';
import { dryRun } from './report/dry-run.ts';
import { linksText, writeLinks, writeQueueTable } from './report/export-queue.ts';
import type { FaultLog } from './report/fault-log.ts';
import type { LookupAnywhere } from './report/lookup-with-fail-over.ts';
import { scanFolders } from './scan/scan-folders.ts';
import type { ProgressMeter } from './upload/progress-meter.ts';

export interface ReportServiceDeps {
  readonly queue: UploadQueueStore;
  readonly queueFile: string;
  readonly settings: EngineSettingsFile;
  readonly hash: HashSome;
  readonly lookup: LookupAnywhere;
  readonly meter: ProgressMeter;
  readonly fleet: Pick<EngineFleet, 'snapshot' | 'incidents'>;
  readonly faults: FaultLog;
  readonly access: { readonly servers: readonly string[]; readonly key: string | undefined };
  /** Of this program. */
  readonly version: string;
  readonly now: () => number;
  /** Ends with the engine. */
  readonly signal: AbortSignal;
}

type Reports =
  'checkFolders' | 'readCheck' | 'readLinks' | 'writeLinks' | 'writeTable' | 'writeDiagnostics' | 'readFleet';

/** What the engine tells without changing anything (ENGINE_API). */
export class ReportService implements Pick<EngineHandlers, Reports> {
  readonly #deps: ReportServiceDeps;
  #check: EngineOutput<'readCheck'> = null;

  constructor(deps: ReportServiceDeps) {
    this.#deps = deps;
  }

  readonly checkFolders: EngineHandlers['checkFolders'] = async ({ roots, include = [], exclude = [] }, gone) => {
    if (this.#check !== null)
      throw new FleetError('RATE_LIMITED', 'a check is under way already', { hint: 'Wait for it.' });
    const { hash, lookup, queue, meter } = this.#deps;
    this.#check = { files: 0, bytes: 0 };
    try {
      const report = await dryRun({
        ...{ roots: roots.map((root) => resolve(root)), rules: { include, exclude }, scan: scanFolders, store: queue },
        ...{ hash, lookup, signal: either(this.#deps.signal, gone), rate: meter.rate },
        onProgress: ({ files, bytes }) => (this.#check = { files, bytes }),
      });
      // The report is read only, the answer of a call is its reader's own.
      return structuredClone(report) as EngineOutput<'checkFolders'>;
    } finally {
      this.#check = null;
    }
  };

  readonly readCheck: EngineHandlers['readCheck'] = () => Promise.resolve(this.#check);

  readonly readLinks: EngineHandlers['readLinks'] = async ({ format, template, limit }) => {
    const { queue, signal } = this.#deps;
    return linksText(queue, { choice: { format, template }, limit, signal });
  };

  readonly writeLinks: EngineHandlers['writeLinks'] = async ({ format, template, file }) => {
    const { queue, signal } = this.#deps;
    return { lines: await writeLinks(queue, { choice: { format, template }, file: resolve(file), signal }) };
  };

  readonly writeTable: EngineHandlers['writeTable'] = async ({ file }) => {
    const { queue, signal } = this.#deps;
    return { rows: await writeQueueTable(queue, { file: resolve(file), signal }) };
  };

  readonly writeDiagnostics: EngineHandlers['writeDiagnostics'] = async ({ file }) => {
    const { access, settings, faults, fleet, queue, queueFile, version, now, signal } = this.#deps;
    const document = await diagnostics({
      ...{ version, settings: settings.settings, servers: access.servers, home: homedir(), store: queue, queueFile },
      secrets: access.key === undefined ? [] : [access.key],
      fleet: { ...fleet.snapshot(), incidents: fleet.incidents() },
      ...{ faults, now, signal },
    });
    await writeDiagnostics(resolve(file), document);
    return {};
  };

  readonly readFleet: EngineHandlers['readFleet'] = () => {
    const { fleet } = this.#deps;
    const report = { ...fleet.snapshot(), incidents: fleet.incidents() };
    return Promise.resolve(structuredClone(report) as EngineOutput<'readFleet'>);
  };
}
