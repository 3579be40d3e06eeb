import type { EngineHandlers } from './api/engine-api.ts';
import type { QueueService } from './queue-service.ts';
import type { ReportService } from './report-service.ts';

/** Every call of ENGINE_API, by whom it is answered. */
export function engineHandlers(queue: QueueService, report: ReportService): EngineHandlers {
  const { addFolders, readStatus, listItems, pause, resume, cancel, retry, sendAnyway, setLimits, clearHistory } =
    queue;
  const { checkFolders, readLinks, writeLinks, writeTable, writeDiagnostics, readFleet } = report;
  return {
    ...{ addFolders, readStatus, listItems, pause, resume, cancel, retry, sendAnyway, setLimits, clearHistory },
    ...{ checkFolders, readLinks, writeLinks, writeTable, writeDiagnostics, readFleet },
  };
}
