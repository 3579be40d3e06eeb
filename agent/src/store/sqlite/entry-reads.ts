import type { DatabaseSync, StatementSync } from 'node:sqlite';
import type { ImageRecord } from '@imagefleet/shared/common/image/record.ts';
import { ENTRY_BYTES, isInView, type EntryPage, type EntryRange } from '../repair-reads.ts';
import { entryHash } from '../set-digest.ts';
import type { BucketScan, ScannedRow } from './bucket-scan.ts';
import { recordOf } from './image-row.ts';
import type { Cursor, Slice } from './protocol.ts';

/** Records that one question looks at, so that its answer comes before the one who asks gives up. */
const MAX_LOOKED = 500_000;
const MAX_FOUND = 1000;
const HASH_DIGITS = 2 * ENTRY_BYTES;

/** Records of some buckets, as short hashes or whole. */
export class EntryReads {
  readonly #scan: BucketScan;
  readonly #hasOpen: StatementSync;
  readonly #isOpen: StatementSync;

  constructor(database: DatabaseSync, scan: BucketScan) {
    this.#scan = scan;
    this.#hasOpen = database.prepare('SELECT 1 FROM delivery WHERE server = ? LIMIT 1');
    // A dead delivery is on no way: what it lacks must come from another server.
    this.#isOpen = database.prepare(
      "SELECT 1 FROM delivery WHERE fold = ? AND server = ? AND version = ? AND state <> 'dead'",
    );
  }

  /** The cursor is `records found:records looked at:position`. */
  list(
    cursor: Cursor | null,
    { limit, server, ...range }: EntryRange & { readonly limit: number; readonly server: string },
  ): Slice<EntryPage> {
    const place = parsePlace(cursor, range.after);
    const { rows, looked, next } = this.#scan.slice({ ...range, after: place.position });
    const hasOpen = this.#hasOpen.get(server) !== undefined;
    let settled = '';
    let open = '';
    for (const { fold, record, hash } of inView(rows, range)) {
      const isOpen = hasOpen && this.#isOpen.get(fold, server, record.version) !== undefined;
      if (isOpen) open += hash;
      else settled += hash;
    }
    const found = place.found + (settled.length + open.length) / HASH_DIGITS;
    const all = place.looked + looked;
    const isDone = next === null || found >= limit || all >= MAX_LOOKED;
    const page = { settled: Buffer.from(settled, 'hex'), open: Buffer.from(open, 'hex'), next: isDone ? next : null };
    return { items: [page], next: isDone ? null : formatPlace(found, all, next) };
  }

  find(
    cursor: Cursor | null,
    { hashes, ...range }: EntryRange & { readonly hashes: readonly string[] },
  ): Slice<ImageRecord> {
    const place = parsePlace(cursor, range.after);
    const wanted = new Set(hashes);
    const { rows, next } = this.#scan.slice({ ...range, after: place.position });
    const items = inView(rows, range)
      .filter(({ hash }) => wanted.has(hash))
      .map(({ record }) => record)
      .slice(0, MAX_FOUND - place.found);
    const found = place.found + items.length;
    const isDone = next === null || found >= Math.min(wanted.size, MAX_FOUND);
    return { items, next: isDone ? null : formatPlace(found, 0, next) };
  }
}

interface Hashed {
  readonly fold: string;
  readonly record: ImageRecord;
  readonly hash: string;
}

function inView(rows: readonly ScannedRow[], { view }: EntryRange): readonly Hashed[] {
  return rows.flatMap(({ fold, row }) => {
    const { stagingName: _stagingName, ...record } = recordOf(row);
    return isInView(record, view) ? [{ fold, record, hash: entryHash(record).slice(0, HASH_DIGITS) }] : [];
  });
}

function parsePlace(cursor: Cursor | null, after: string) {
  if (cursor === null) return { found: 0, looked: 0, position: after };
  const [, found = '0', looked = '0', position = ''] = /^(\d+):(\d+):(.*)$/s.exec(String(cursor)) ?? [];
  return { found: Number(found), looked: Number(looked), position };
}

function formatPlace(found: number, looked: number, position: string): string {
  return `${String(found)}:${String(looked)}:${position}`;
}
