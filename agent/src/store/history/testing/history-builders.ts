import type { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { tempFolder } from '../../testing/temp-folder.ts';
import { HistoryEngine } from '../history-engine.ts';
import { openHistory } from '../history-schema.ts';

/** A new history in a folder that goes when the running test ends. */
export async function historyEngine(): Promise<{ readonly engine: HistoryEngine; readonly database: DatabaseSync }> {
  const database = openHistory(join(await tempFolder(), 'monitor.sqlite'));
  onTestFinished(() => database.close());
  return { engine: new HistoryEngine(database), database };
}

/** The same without a disk, for properties, which need many; the caller closes the database. */
export function historyInMemory(): { readonly engine: HistoryEngine; readonly database: DatabaseSync } {
  const database = openHistory(':memory:');
  return { engine: new HistoryEngine(database), database };
}
