import { expect, it } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { RequestedRuns, type RequestedRunsDeps } from './requested-runs.ts';

function runsWith(reconcile: RequestedRunsDeps['reconcile']): RequestedRuns {
  let count = 0;
  return new RequestedRuns({ newId: () => `run-${String((count += 1))}`, reconcile });
}

it('serves everybody who asks before a run begins, and begins another for who asks later', async () => {
  const turn = Promise.withResolvers<undefined>();
  const end = Promise.withResolvers<undefined>();
  const runs = runsWith(async (_peer, progress, onBegin) => {
    await turn.promise;
    onBegin();
    progress.pulled = 3;
    await end.promise;
  });
  const first = runs.request('s2');
  expect(runs.request('s2')).toBe(first);
  expect(runs.request('s3')).not.toBe(first);
  expect(runs.status(first)).toMatchObject({ state: 'waiting' });
  turn.resolve(undefined);
  await turn.promise;
  await Promise.resolve();
  expect(runs.status(first)).toMatchObject({ state: 'running', pulled: 3 });
  expect(runs.request('s2')).not.toBe(first);
  end.resolve(undefined);
  await runs.idle();
  expect(runs.status(first)).toMatchObject({ state: 'done', pulled: 3, failed: [] });
});

it('tells the one who asked why a run broke off', async () => {
  const runs = runsWith(() => Promise.reject(new FleetError('DISK_FULL', 'no space')));
  const id = runs.request('s2');
  await runs.idle();
  expect(runs.status(id)).toMatchObject({ state: 'done', failed: [{ path: '', code: 'DISK_FULL' }] });
});

it('forgets runs that ended long ago, so that its memory has a limit', async () => {
  const runs = runsWith(() => Promise.resolve());
  const first = runs.request('s2');
  for (let index = 0; index < 110; index += 1) {
    await runs.idle();
    runs.request('s2');
  }
  await runs.idle();
  expect(runs.status(first)).toMatchObject({ state: 'unknown' });
});
