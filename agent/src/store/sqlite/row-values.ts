import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';

/** Columns read back from the disk are checked like input from outside: a damaged row is an error, not an odd value. */
export type Row = Readonly<Record<string, SQLOutputValue>>;

export function damaged(column: string): FleetError {
  return new FleetError('IO_FAILED', `the catalog holds a damaged value in the column ${column}`);
}

export function textOf(row: Row, column: string): string {
  const value = row[column];
  if (typeof value !== 'string') throw damaged(column);
  return value;
}

export function integerOf(row: Row, column: string): number {
  const value = row[column];
  if (typeof value !== 'number') throw damaged(column);
  return value;
}

export function bytesOf(row: Row, column: string): Uint8Array {
  const value = row[column];
  if (!(value instanceof Uint8Array)) throw damaged(column);
  return value;
}

export function nullableTextOf(row: Row, column: string): string | null {
  return row[column] === null ? null : textOf(row, column);
}

export function nullableIntegerOf(row: Row, column: string): number | null {
  return row[column] === null ? null : integerOf(row, column);
}

/** A pragma of the database that is a number. */
export function pragma(database: DatabaseSync, name: string): number {
  return integerOf(database.prepare(`PRAGMA ${name}`).get() ?? {}, name);
}
