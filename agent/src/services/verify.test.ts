import { expect, it } from 'vitest';
import { FakeRepair } from './testing/fake-repair.ts';
import { aVerifyReport } from './testing/verify-report.ts';
import { verifyHandlers } from './verify.ts';

function handlersWith(report = aVerifyReport()) {
  const repair = new FakeRepair();
  repair.report = report;
  return { repair, handlers: verifyHandlers({ repair }) };
}

it('starts a run with every peer that also looks at the own files, and answers how far it is', async () => {
  const { repair, handlers } = handlersWith(aVerifyReport({ state: 'running' }));
  expect(await handlers.startVerify({ waitSeconds: 0 })).toMatchObject({ state: 'running' });
  expect(repair.requests).toEqual([{ reason: 'command', withCopies: true }]);
});

it('waits for the end of the run when it is asked to', async () => {
  const { repair, handlers } = handlersWith(aVerifyReport({ state: 'running' }));
  const gate = Promise.withResolvers<undefined>();
  repair.ended = gate.promise;
  const answer = handlers.startVerify({ waitSeconds: 25 });
  repair.report = aVerifyReport();
  gate.resolve(undefined);
  expect(await answer).toMatchObject({ state: 'done', isEqual: true });
});

it('does not wait longer than it is asked to', async () => {
  const { repair, handlers } = handlersWith(aVerifyReport({ state: 'running' }));
  repair.ended = new Promise(() => undefined);
  expect(await handlers.startVerify({ waitSeconds: 0.01 })).toMatchObject({ state: 'running' });
});

it('reads the last report, or that of one run', async () => {
  const { handlers } = handlersWith();
  expect(await handlers.readVerify({})).toMatchObject({ report: { id: 'run-1' } });
  expect(await handlers.readVerify({ id: 'run-1' })).toMatchObject({ report: { id: 'run-1' } });
  expect(await handlers.readVerify({ id: 'another' })).toEqual({ report: null });
});
