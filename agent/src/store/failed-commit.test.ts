import { expect, it } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { judgeFailedCommit } from './failed-commit.ts';

const spaceOf = (freeBytes: number) => ({ space: () => Promise.resolve({ freeBytes, totalBytes: 1e12 }) });

it('knows a full disk behind a sync that failed, and that the commit may be on it all the same', async () => {
  const failed = new FleetError('IO_FAILED', 'disk I/O error');
  const { mayBeDone, error } = await judgeFailedCommit(failed, spaceOf(4096));
  expect(error).toMatchObject({ code: 'DISK_FULL', status: 507, cause: failed });
  expect(mayBeDone).toBe(true);
});

it('leaves the failure as it is while the disk has room, or does not say', async () => {
  const failed = new FleetError('IO_FAILED', 'disk I/O error');
  expect(await judgeFailedCommit(failed, spaceOf(1e9))).toEqual({ mayBeDone: true, error: failed });
  const silent = { space: () => Promise.reject(new Error('statfs')) };
  expect(await judgeFailedCommit(failed, silent)).toEqual({ mayBeDone: true, error: failed });
});

it('knows of a disk that was full when the log was written that nothing is committed', async () => {
  const full = new FleetError('DISK_FULL', 'no room');
  expect(await judgeFailedCommit(full, spaceOf(0))).toEqual({ mayBeDone: false, error: full });
});
