import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** The tests that break disks and networks; in full they take some minutes, and `npm test` runs a few rounds of each. */
const TESTS = [
  'agent/test/powercut.test.ts',
  'agent/test/disk-faults.test.ts',
  'agent/test/full-disk.test.ts',
  'agent/test/network-cuts.test.ts',
  'agent/test/status-files-crash.test.ts',
];

if (import.meta.main) {
  const { status } = spawnSync('vitest', ['run', '--project', 'scenarios', '--no-file-parallelism', ...TESTS], {
    cwd: join(import.meta.dirname, '..'),
    stdio: 'inherit',
    env: { ...process.env, IMAGEFLEET_DURABILITY: 'full' },
    shell: process.platform === 'win32',
  });
  process.exitCode = status ?? 1;
}
