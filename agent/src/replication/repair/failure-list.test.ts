import { expect, it } from 'vitest';
import { FailureList } from './failure-list.ts';

it('keeps the first hundred failures and counts all, by code too', () => {
  const failures = new FailureList();
  for (let index = 0; index < 250; index += 1) {
    failures.add({ path: `${String(index)}.png`, code: 'OWN_COPY_MISSING', message: 'gone' });
  }
  failures.add({ path: 'last.png', code: 'DISK_FULL', message: 'no space' });
  expect(failures.listed).toHaveLength(100);
  expect(failures.listed.at(-1)?.path).toBe('99.png');
  expect(failures.count).toBe(251);
  expect(failures.countOf('OWN_COPY_MISSING')).toBe(250);
  expect(failures.countOf('DIGEST_MISMATCH')).toBe(0);
  expect(failures.firstOf('DISK_FULL')?.path).toBe('last.png');
});
