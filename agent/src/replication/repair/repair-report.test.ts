import { expect, it } from 'vitest';
import { FailureList, type RepairFailure } from './failure-list.ts';
import { newComparison, type Comparison } from './reconcile.ts';
import { newServerProgress, reportOf, stateOf, type RunProgress, type ServerProgress } from './repair-report.ts';

const FAILURE: RepairFailure = { path: 'a.png', code: 'DIGEST_MISMATCH', message: 'damaged' };

function failures(count: number): FailureList {
  const list = new FailureList();
  for (let index = 0; index < count; index += 1) list.add(FAILURE);
  return list;
}

function progressOf(comparison: Partial<Comparison>, more: Partial<ServerProgress> = {}): ServerProgress {
  return {
    ...{ ...newServerProgress('s2'), state: 'done', isSettled: true },
    comparison: { ...newComparison(), ...comparison },
    ...more,
  };
}

const pushed = (pulled: number, failed: readonly RepairFailure[] = []) => ({ pulled, bytes: pulled, failed });

it.each<[ReturnType<typeof stateOf>, string, ServerProgress]>([
  ['waiting', 'before its turn', newServerProgress('s2')],
  ['equal', 'when nothing differs', progressOf({ isEqual: true })],
  ['healed', 'when something was pulled', progressOf({ pulled: 1 })],
  ['healed', 'when it took what it lacked', progressOf({}, { pushed: pushed(2) })],
  ['healed', 'when a second look finds nothing after a pull', progressOf({ isEqual: true, pulled: 1 })],
  ['onTheWay', 'when only open deliveries differ', progressOf({ onTheWay: 3 })],
  ['differs', 'when an image failed', progressOf({ pulled: 5, failed: failures(1) })],
  ['differs', 'when an image failed there', progressOf({ lacking: 1 }, { pushed: pushed(0, [FAILURE]) })],
  ['differs', 'when it did not take what it lacks', progressOf({ lacking: 1 }, { isSettled: false })],
  [
    'differs',
    'when it took a part of what it lacks',
    progressOf({ lacking: 10 }, { isSettled: false, pushed: pushed(3) }),
  ],
  ['differs', 'when nobody looked again after a pull', progressOf({ pulled: 1 }, { isSettled: false })],
  ['differs', 'when this server could go on no more', progressOf({}, { cause: { code: 'DISK_FULL', message: '' } })],
  ['silent', 'when it did not answer', progressOf({}, { cause: { code: 'PEER_TIMEOUT', message: '' } })],
])('says %s %s', (state, _when, progress) => {
  expect(stateOf(progress)).toBe(state);
});

it('is equal only when every server and every own file is, and lists no more failures than people read', () => {
  const run: RunProgress = {
    ...{ id: '1', reason: 'command', server: 's1', state: 'done', startedAt: 1, finishedAt: 2 },
    servers: [progressOf({ isEqual: true, records: 7 }), progressOf({ pulled: 1, records: 7 })],
    copies: { checked: 7, missing: 1, restored: 1, failed: failures(0) },
  };
  expect(reportOf(run)).toMatchObject({ isEqual: true, records: 7 });
  expect(reportOf({ ...run, state: 'running' }).isEqual).toBe(false);
  expect(reportOf({ ...run, copies: { checked: 7, missing: 1, restored: 0, failed: failures(0) } }).isEqual).toBe(
    false,
  );
  const report = reportOf({ ...run, servers: [progressOf({ failed: failures(150) })] });
  expect(report).toMatchObject({ isEqual: false, servers: [{ failedCount: 150 }] });
  expect(report.servers[0]?.failed).toHaveLength(100);
});
