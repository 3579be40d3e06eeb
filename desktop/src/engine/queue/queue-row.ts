import { FILE_FAILURE_CODES, ITEM_STATES, type FailureCode, type ItemState } from '#bridge/engine-words.ts';
import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';
import { isErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import { type ItemChange, type ItemFailure, type ItemImage, type QueueItem } from './queue-item.ts';
import { safeInteger } from './queue-schema.ts';

type Row = Readonly<Record<string, SQLOutputValue>>;
type Field = Exclude<keyof ItemChange, 'key'>;

/** What `itemOf` reads. */
export const ITEM_COLUMNS = `key, file, path, ${safeInteger('size_bytes')} AS size_bytes, mtime_ms, inode, state, sha256, id,
  ${safeInteger('attempts')} AS attempts, retry_at, failure_code, failure_message, image_path, image_link,
  ${safeInteger('is_forced')} AS is_forced`;

const SHA256_BYTES = 32;
const STATES: ReadonlySet<unknown> = new Set(ITEM_STATES);
const FILE_CODES: ReadonlySet<string> = new Set(FILE_FAILURE_CODES);

/** The columns of each field that can change, in the order of `valuesOf`. */
const COLUMNS: Readonly<Record<Field, readonly string[]>> = {
  state: ['state'],
  sha256: ['sha256'],
  id: ['id'],
  attempts: ['attempts'],
  retryAt: ['retry_at'],
  failure: ['failure_code', 'failure_message'],
  image: ['image_path', 'image_link'],
  isForced: ['is_forced'],
  sizeBytes: ['size_bytes'],
  mtimeMs: ['mtime_ms'],
  inode: ['inode'],
};
const FIELDS = Object.keys(COLUMNS) as readonly Field[];

/** The item that a row holds; undefined when it makes no sense, because it is read like foreign input. */
export function itemOf(row: Row): QueueItem | undefined {
  const {
    key,
    file,
    path,
    size_bytes: sizeBytes,
    mtime_ms: mtimeMs,
    inode,
    state,
    id,
    attempts,
    retry_at: retryAt,
  } = row;
  const sha256 = hashOf(row['sha256']);
  const image = imageOf(row);
  if (typeof key !== 'number' || !isName(file) || !isName(path) || !isState(state)) return undefined;
  if (typeof sizeBytes !== 'number' || typeof mtimeMs !== 'number' || typeof inode !== 'number') return undefined;
  if (typeof attempts !== 'number' || !isNumberOrNull(retryAt) || !isTextOrNull(id)) return undefined;
  if (sha256 === undefined || image === undefined) return undefined;
  const isForced = row['is_forced'] === 1;
  const failure = failureOf(row);
  return { key, file, path, sizeBytes, mtimeMs, inode, state, sha256, id, attempts, retryAt, failure, image, isForced };
}

/** The assignments of a change and their values; undefined when nothing is named. */
export function assignmentsOf(
  change: ItemChange,
): { readonly columns: string; readonly values: readonly SQLInputValue[] } | undefined {
  const named = FIELDS.filter((field) => change[field] !== undefined);
  if (named.length === 0) return undefined;
  const columns = named.flatMap((field) => COLUMNS[field]).map((column) => `${column} = ?`);
  return { columns: columns.join(', '), values: named.flatMap((field) => valuesOf(change, field)) };
}

function valuesOf(change: ItemChange, field: Field): readonly SQLInputValue[] {
  switch (field) {
    case 'sha256':
      return [typeof change.sha256 === 'string' ? Buffer.from(change.sha256, 'hex') : null];
    case 'failure':
      return [change.failure?.code ?? null, change.failure?.message ?? null];
    case 'image':
      return [change.image?.path ?? null, change.image?.link ?? null];
    case 'isForced':
      return [change.isForced === true ? 1 : 0];
    default:
      return [change[field] ?? null];
  }
}

/** Of 32 bytes in lower-case hex; undefined of anything else that is not null. */
export function hashOf(value: SQLOutputValue | undefined): string | null | undefined {
  if (value === null) return null;
  if (!(value instanceof Uint8Array) || value.length !== SHA256_BYTES) return undefined;
  return Buffer.from(value.buffer, value.byteOffset, value.length).toString('hex');
}

/** A code that we do not know any more, or not yet, must not cost the row: it is shown in the message. */
function failureOf({ failure_code: code, failure_message: message }: Row): ItemFailure | null {
  if (typeof code !== 'string') return null;
  const text = typeof message === 'string' ? message : '';
  return isFailureCode(code) ? { code, message: text } : { code: 'INTERNAL', message: `${code}: ${text}` };
}

function imageOf({ image_path: path, image_link: link }: Row): ItemImage | null | undefined {
  if (path === null && link === null) return null;
  return typeof path === 'string' && typeof link === 'string' ? { path, link } : undefined;
}

function isFailureCode(code: string): code is FailureCode {
  return isErrorCode(code) || FILE_CODES.has(code);
}

function isState(value: SQLOutputValue | undefined): value is ItemState {
  return STATES.has(value);
}

function isName(value: SQLOutputValue | undefined): value is string {
  return typeof value === 'string' && value !== '';
}

function isNumberOrNull(value: SQLOutputValue | undefined): value is number | null {
  return value === null || typeof value === 'number';
}

function isTextOrNull(value: SQLOutputValue | undefined): value is string | null {
  return value === null || typeof value === 'string';
}
