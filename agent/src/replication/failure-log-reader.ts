import { open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import type { OperatorOutput } from '@imagefleet/shared/common/operator/operator-api.ts';
import { failureFileOf } from './failure-log.ts';

/** The newest part of a day's file that one answer carries. */
const MAX_BYTES = 1024 * 1024;
const MAX_LINES = 5_000;
/** Days that are listed, the newest of them. */
const MAX_DAYS = 1_000;
const FILE = /^failures-(\d{4}-\d{2}-\d{2})\.log$/;

type FailureLogPage = OperatorOutput<'readFailureLog'>;

/** One day of the failure log (yyyy-MM-dd), oldest line first, and which days there are, newest first. A day without failures is empty. Throws INPUT_INVALID, IO_FAILED. */
export async function readFailureLog(options: {
  readonly logDir: string;
  readonly day: string;
}): Promise<FailureLogPage> {
  const { logDir, day } = options;
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) throw new FleetError('INPUT_INVALID', 'a day is written yyyy-MM-dd');
  try {
    const days = await listDays(logDir);
    const tail = days.includes(day) ? await readTail(join(logDir, failureFileOf(day))) : { text: '', isCut: false };
    const all = tail.text.split('\n').flatMap(parseLine);
    const lines = all.slice(-MAX_LINES);
    return { day, days: days.slice(0, MAX_DAYS), lines, truncated: tail.isCut || lines.length < all.length };
  } catch (error) {
    if (error instanceof FleetError) throw error;
    throw new FleetError('IO_FAILED', `the failure log in ${logDir} cannot be read`, { cause: error });
  }
}

async function listDays(logDir: string): Promise<string[]> {
  const names = await readdir(logDir).catch((error: unknown) => {
    // Nothing has failed yet.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return [];
    throw error;
  });
  return names
    .flatMap((name) => FILE.exec(name)?.[1] ?? [])
    .sort()
    .reverse();
}

async function readTail(file: string): Promise<{ readonly text: string; readonly isCut: boolean }> {
  const handle = await open(file, 'r');
  try {
    const { size } = await handle.stat();
    const start = Math.max(0, size - MAX_BYTES);
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(size - start), 0, size - start, start);
    const text = buffer.toString('utf8', 0, bytesRead);
    // The first line of a cut file is a piece of one.
    return start === 0 ? { text, isCut: false } : { text: text.slice(text.indexOf('\n') + 1), isCut: true };
  } finally {
    await handle.close();
  }
}

/** Lines that are not ours, or that a crash cut short, are passed over. */
function parseLine(line: string): FailureLogPage['lines'] {
  const [at, path, server, code, message] = line.split('\t');
  if (at === undefined || path === undefined || server === undefined || message === undefined) return [];
  return isErrorCode(code) ? [{ at, path, server, code, message }] : [];
}
