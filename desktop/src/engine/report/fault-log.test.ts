import { expect, it } from 'vitest';
import { FleetError } from '@imagefleet/shared/common/errors/fleet-error.ts';
import { FaultLog } from './fault-log.ts';
import { Scrubber } from './scrubber.ts';

function faultLog(): FaultLog {
  const scrubber = new Scrubber({ secrets: [], home: '' });
  let now = 0;
  return new FaultLog({ now: () => (now += 1), scrub: (text) => scrubber.text(text) });
}

it('keeps the last hundred faults, the oldest first', () => {
  const log = faultLog();
  for (let number = 1; number <= 130; number += 1) log.add(new FleetError('DISK_FULL', `fault ${String(number)}`));
  expect(log.list()).toHaveLength(100);
  expect(log.list()[0]).toEqual({ at: 31, code: 'DISK_FULL', message: 'fault 31' });
  expect(log.list()[99]?.message).toBe('fault 130');
});

it('tells the cause, scrubs both, and names whatever was thrown', () => {
  const log = faultLog();
  log.add(new FleetError('PEER_UNREACHABLE', 'no answer', { cause: new Error('sent Bearer abc') }));
  log.add(new TypeError('x is no function'));
  log.add('SecurityKey=abc');
  log.add(new Error('a'.repeat(5000)));
  expect(log.list().slice(0, 3)).toEqual([
    { at: 1, code: 'PEER_UNREACHABLE', message: 'no answer (sent Bearer [removed])' },
    { at: 2, code: 'INTERNAL', message: 'x is no function' },
    { at: 3, code: 'INTERNAL', message: 'SecurityKey=[removed]' },
  ]);
  expect(log.list()[3]?.message).toHaveLength(1000);
});
