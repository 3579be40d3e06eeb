import type { EngineOutput } from '#bridge/engine-api.ts';

export type QueueStatus = EngineOutput<'readStatus'>;
export type QueueItem = EngineOutput<'listItems'>['items'][number];
export type CheckReport = EngineOutput<'checkFolders'>;
export type AddedReport = EngineOutput<'addFolders'>;
