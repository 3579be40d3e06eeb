import { expect, it } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { diskError } from './disk-error.ts';

function errno(code: string): Error {
  return Object.assign(new Error(code), { code });
}

it.each(['ENOSPC', 'EDQUOT'])('takes %s for a full disk', (code) => {
  const cause = errno(code);
  expect(diskError(cause, 'write x')).toMatchObject({ code: 'DISK_FULL', cause });
});

it.each(['EMFILE', 'EIO', 'EACCES'])('takes %s for a failure of the disk and names what was tried', (code) => {
  const cause = errno(code);
  const error = diskError(cause, 'write x');
  expect(error).toMatchObject({ code: 'IO_FAILED', cause });
  expect(error.message).toContain('write x');
  expect(error.message).toContain(code);
});

it('leaves alone what is translated already', () => {
  const error = new FleetError('PATH_TAKEN', 'x');
  expect(diskError(error, 'write y')).toBe(error);
});
