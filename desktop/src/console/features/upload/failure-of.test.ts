import { describe, expect, it } from 'vitest';
import { ERROR_CODES, type ErrorCode } from '@imagefleet/shared/common/errors/error-codes.ts';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { failureOf, judge } from './failure-of.ts';
import { failureSentence } from './failure-sentence.ts';

describe('a failed attempt', () => {
  it.each<[ErrorCode, string]>([
    ['PEER_UNREACHABLE', 'retry'],
    ['PEER_TIMEOUT', 'retry'],
    ['DISK_FULL', 'retry'],
    ['RATE_LIMITED', 'retry'],
    ['KEY_MISSING', 'retry'],
    ['SESSION_MISSING', 'retry'],
    ['NOT_AN_IMAGE', 'fail'],
    ['FILE_TOO_LARGE', 'fail'],
    ['ROLE_MISSING', 'fail'],
  ])('with %s is to %s, however often', (code, verdict) => {
    expect(judge(new FleetError(code, 'x'), 100)).toBe(verdict);
  });

  it('is not repeated for ever where the file may be the cause', () => {
    const error = new FleetError('PEER_ANSWER_INVALID', '413');
    expect([judge(error, 4), judge(error, 5)]).toEqual(['retry', 'fail']);
  });

  it('of the own disk is told from one of the fleet', () => {
    expect(failureOf(new DOMException('gone', 'NotFoundError')).code).toBe('FILE_UNREADABLE');
    expect(failureOf(new TypeError('a bug')).code).toBe('INTERNAL');
  });

  it('has a sentence in both languages whatever it is', () => {
    for (const code of [...(Object.keys(ERROR_CODES) as ErrorCode[]), 'FILE_UNREADABLE'] as const) {
      expect(failureSentence(code, 'en').title).not.toBe('');
      expect(failureSentence(code, 'zh').title).toMatch(/\p{Script=Han}/u);
    }
  });
});
