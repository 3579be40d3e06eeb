import { describe, expect, it } from 'vitest';
import type { ErrorCodeEntry } from './error-code-entry.ts';
import { ERROR_CODES, isErrorCode, type ErrorCode } from './error-codes.ts';
import { FleetError } from './fleet-error.ts';

const ENTRIES = Object.entries(ERROR_CODES) as readonly [ErrorCode, ErrorCodeEntry][];

describe('the table of codes', () => {
  it.each(ENTRIES)('has for %s a status of a failure, and a hint that is a sentence', (code, { status, hint }) => {
    expect(code).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
    if (hint !== undefined) expect(hint).toMatch(/^(?:[A-Z]|ack |do\.ashx ).*[.?]$/s);
  });

  it('holds the codes that old clients and peers decide by', () => {
    const statusOf = (code: ErrorCode) => [ERROR_CODES[code].status, ERROR_CODES[code].retryable];
    expect(statusOf('KEY_WRONG')).toEqual([401, false]);
    expect(statusOf('FILE_TOO_LARGE')).toEqual([413, false]);
    expect(statusOf('NOT_AN_IMAGE')).toEqual([415, false]);
    expect(statusOf('DISK_FULL')).toEqual([507, true]);
    expect(statusOf('PEER_UNREACHABLE')).toEqual([502, true]);
    expect(statusOf('OWN_COPY_MISSING')).toEqual([500, false]);
  });

  it('knows its codes from other text', () => {
    expect(isErrorCode('DISK_FULL')).toBe(true);
    for (const other of ['disk_full', 'NOPE', '', 'toString', '__proto__', 7, null, undefined]) {
      expect(isErrorCode(other)).toBe(false);
    }
  });
});

describe('an error', () => {
  it('crosses a border as its code, message and the hint of its code', () => {
    const error = new FleetError('KEY_WRONG', 'The key is not the one of s1.');
    expect(error.toBody()).toEqual({ code: 'KEY_WRONG', message: error.message, hint: ERROR_CODES.KEY_WRONG.hint });
    expect([error.status, error.isRetryable, error.name]).toEqual([401, false, 'FleetError']);
  });

  it('has a hint of its own where the code’s is not the point, and no key for it where there is none', () => {
    expect(new FleetError('KEY_WRONG', 'm', { hint: 'Ask Li.' }).toBody().hint).toBe('Ask Li.');
    expect(new FleetError('PATH_INVALID', 'm').toBody()).toEqual({ code: 'PATH_INVALID', message: 'm' });
  });

  it('keeps its cause to itself', () => {
    const cause = new Error('ENOSPC at /srv/data');
    const error = new FleetError('DISK_FULL', 'The disk is full.', { cause });
    expect(error.cause).toBe(cause);
    expect(JSON.stringify(error.toBody())).not.toContain('/srv');
    expect('cause' in new FleetError('DISK_FULL', 'm')).toBe(false);
  });
});
