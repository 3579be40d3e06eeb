import { ITEM_STATES, type ItemState } from '#bridge/engine-words.ts';
import type { DatabaseSync, StatementSync } from 'node:sqlite';
import { HISTORY_STATES, RENEWING_CODES } from './queue-item.ts';
import { ITEM_COLUMNS } from './queue-row.ts';
import { DAMAGED_STATE, IS_UNSETTLED, safeInteger } from './queue-schema.ts';

export interface QueueStatements {
  /** file, path, size, time, inode */
  readonly add: StatementSync;
  /** key */
  readonly item: StatementSync;
  /** state, after, now, limit */
  readonly due: StatementSync;
  /** state, after, limit */
  readonly pageOfState: StatementSync;
  /** after, limit */
  readonly pageOfAll: StatementSync;
  /** state, after, place behind it from 1 */
  readonly keyAtOfState: StatementSync;
  /** after, place behind it from 1 */
  readonly keyAtOfAll: StatementSync;
  /** state, now */
  readonly nextDueAt: StatementSync;
  /** hash */
  readonly idOf: StatementSync;
  readonly tally: StatementSync;
  /** from, limit, to */
  readonly move: StatementSync;
  /** from, limit, to: hash and id go where the last failure says that they hold no more. */
  readonly moveRenewed: StatementSync;
  /** state, limit */
  readonly retryNow: StatementSync;
  /** state, limit */
  readonly remove: StatementSync;
  /** limit: the oldest of all history states. */
  readonly trimHistory: StatementSync;
  /** key */
  readonly passOver: StatementSync;
}

/** Of files that were sent, perhaps in vain, and are not known to be in the fleet. */
const SENT_STATES = ['queued', 'uploading', 'inDoubt', 'paused', 'cancelled'] as const satisfies readonly ItemState[];

/** Puts the items in doubt or back into the queue that the end of a process left in the middle, and counts all anew. */
export const RECOVER = `
  UPDATE item SET state = 'inDoubt' WHERE state = 'uploading';
  UPDATE item SET state = 'queued' WHERE state = 'hashing';
  UPDATE item SET state = '${DAMAGED_STATE}'
    WHERE state NOT IN (${ITEM_STATES.map((state) => `'${state}'`).join(', ')}, '${DAMAGED_STATE}');
  DELETE FROM tally;
  INSERT INTO tally SELECT state, count(*), sum(ifnull(${safeInteger('size_bytes')}, 0)) FROM item GROUP BY state;`;

/** Keys of a state in their order. Both halves come from an index of their own, and at most `limit` rows of each are read. */
function keysOf({ waiting, limit }: { readonly waiting: string; readonly limit: string }): string {
  const half = (condition: string): string =>
    `SELECT key FROM (SELECT key FROM item WHERE state = ?1 AND ${condition} AND key > ?2 ORDER BY key LIMIT ${limit})`;
  return `${half('retry_at IS NULL')} UNION ALL ${half(waiting)}`;
}

function itemsOf(keys: string, limit: string): string {
  return `SELECT ${ITEM_COLUMNS} FROM item WHERE key IN (${keys}) ORDER BY key LIMIT ${limit}`;
}

function moved(more = ''): string {
  // An update changes the index that it would read from, so the keys are chosen first.
  const keys = `${keysOf({ waiting: 'retry_at IS NOT NULL', limit: '?3' })} LIMIT ?3`;
  return `UPDATE item SET state = ?4, retry_at = NULL${more} WHERE key IN (${keys})`;
}

/** From the index of each state, so that the rows between them are not read. None of these files waits for anything. */
function oldestOfHistory(): string {
  const oldest = HISTORY_STATES.map(
    (state) =>
      `SELECT key FROM (SELECT key FROM item WHERE state = '${state}' AND retry_at IS NULL ORDER BY key LIMIT ?1)`,
  );
  return `${oldest.join(' UNION ALL ')} ORDER BY key LIMIT ?1`;
}

export function prepareStatements(database: DatabaseSync): QueueStatements {
  const isRenewed = `failure_code IN (${RENEWING_CODES.map((code) => `'${code}'`).join(', ')})`;
  const renewed = (column: string): string => `, ${column} = CASE WHEN ${isRenewed} THEN NULL ELSE ${column} END`;
  const allOf = keysOf({ waiting: 'retry_at IS NOT NULL', limit: '?3' });
  return {
    add: database.prepare(`INSERT INTO item (file, path, size_bytes, mtime_ms, inode) SELECT ?1, ?2, ?3, ?4, ?5
      WHERE NOT EXISTS (SELECT 1 FROM item WHERE file = ?1 AND ${IS_UNSETTLED})`),
    item: database.prepare(`SELECT ${ITEM_COLUMNS} FROM item WHERE key = ? AND state <> '${DAMAGED_STATE}'`),
    due: database.prepare(itemsOf(keysOf({ waiting: 'retry_at <= ?3', limit: '?4' }), '?4')),
    pageOfState: database.prepare(itemsOf(allOf, '?3')),
    pageOfAll: database.prepare(
      `SELECT ${ITEM_COLUMNS} FROM item WHERE key > ? AND state <> '${DAMAGED_STATE}' ORDER BY key LIMIT ?`,
    ),
    keyAtOfState: database.prepare(`SELECT key FROM (${allOf}) ORDER BY key LIMIT 1 OFFSET ?3 - 1`),
    keyAtOfAll: database.prepare(
      `SELECT key FROM item WHERE key > ?1 AND state <> '${DAMAGED_STATE}' ORDER BY key LIMIT 1 OFFSET ?2 - 1`,
    ),
    nextDueAt: database.prepare('SELECT min(retry_at) AS at FROM item WHERE state = ? AND retry_at > ?'),
    idOf: database.prepare(`SELECT id FROM item WHERE sha256 = ? AND id IS NOT NULL AND is_forced = 0
      AND state IN (${SENT_STATES.map((state) => `'${state}'`).join(', ')}) LIMIT 1`),
    tally: database.prepare('SELECT state, files, bytes FROM tally'),
    move: database.prepare(moved()),
    moveRenewed: database.prepare(moved(`, attempts = 0${renewed('sha256')}${renewed('id')}`)),
    retryNow: database.prepare(
      `UPDATE item SET retry_at = NULL WHERE key IN
       (SELECT key FROM item WHERE state = ?1 AND retry_at IS NOT NULL LIMIT ?2)`,
    ),
    remove: database.prepare(`DELETE FROM item WHERE key IN (${allOf} LIMIT ?3)`),
    trimHistory: database.prepare(`DELETE FROM item WHERE key IN (${oldestOfHistory()})`),
    passOver: database.prepare(`UPDATE item SET state = '${DAMAGED_STATE}' WHERE key = ?`),
  };
}
