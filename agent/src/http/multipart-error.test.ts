import { describe, expect, it } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { multipartError } from './multipart-error.ts';

function coded(code: string): Error {
  return Object.assign(new Error('limit'), { code });
}

describe("multer's and busboy's errors", () => {
  it.each([
    [coded('LIMIT_FILE_SIZE'), 'FILE_TOO_LARGE'],
    [coded('LIMIT_FILE_COUNT'), 'TOO_MANY_FILES'],
    [coded('LIMIT_PART_COUNT'), 'TOO_MANY_FILES'],
    [coded('LIMIT_FIELD_COUNT'), 'TOO_MANY_FILES'],
    [coded('LIMIT_FIELD_KEY'), 'INPUT_INVALID'],
    [coded('LIMIT_FIELD_VALUE'), 'INPUT_INVALID'],
    [coded('MISSING_FIELD_NAME'), 'BODY_MALFORMED'],
    [coded('ECONNRESET'), 'BODY_MALFORMED'],
    [new Error('Unexpected end of form'), 'BODY_MALFORMED'],
    [new Error('Malformed part header'), 'BODY_MALFORMED'],
    [new Error('Multipart: Boundary not found'), 'BODY_MALFORMED'],
    [new Error('Request closed'), 'BODY_MALFORMED'],
  ])('%o become %s, with their cause', (error, code) => {
    expect(multipartError(error)).toMatchObject({ code, cause: error });
  });

  it('leaves our own and all others as they are', () => {
    const own = new FleetError('EMPTY_FILE', 'x');
    const other = new TypeError('a defect');
    expect([multipartError(own), multipartError(other)]).toEqual([own, other]);
  });
});
