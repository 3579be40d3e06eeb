import type { EngineHandlers } from '#engine/api/call-engine.ts';
import { ENGINE_API, type EngineMethodName } from '#bridge/engine-api.ts';
import type { CallTracker } from './call-tracker.ts';
import type { QueueService } from './queue-service.ts';
import type { ReportService } from './report-service.ts';

/** Every call of ENGINE_API, by whom it is answered; `tracker` knows of each that is under way. */
export function engineHandlers(queue: QueueService, report: ReportService, tracker: CallTracker): EngineHandlers {
  const { addFolders, readStatus, listItems, pause, resume, cancel, retry, sendAnyway, setLimits, clearHistory } =
    queue;
  const { checkFolders, readCheck, readLinks, writeLinks, writeTable, writeDiagnostics, readFleet } = report;
  return tracked(
    {
      ...{ addFolders, readStatus, listItems, pause, resume, cancel, retry, sendAnyway, setLimits, clearHistory },
      ...{ checkFolders, readCheck, readLinks, writeLinks, writeTable, writeDiagnostics, readFleet },
    },
    tracker,
  );
}

function tracked(handlers: EngineHandlers, tracker: CallTracker): EngineHandlers {
  const methods = Object.keys(ENGINE_API) as EngineMethodName[];
  const calls = methods.map((method) => {
    const call = handlers[method] as (input: unknown, signal: AbortSignal) => Promise<unknown>;
    return [method, (input: unknown, signal: AbortSignal) => tracker.run(() => call(input, signal))] as const;
  });
  return Object.fromEntries(calls) as unknown as EngineHandlers;
}
