import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { countLine, countReport, NO_TESTS, type TestCount, type VitestReport } from './test-count.ts';

const ROOT = join(import.meta.dirname, '..');
const REPORT = join(ROOT, 'dist/test-reports/durability.json');

/**
 * The tests that break disks and networks, and those of what comes back by itself. In full they take some ten minutes;
 * `npm test` runs a few rounds of each.
 */
const TESTS = [
  'agent/test/syscalls.test.ts',
  'agent/test/powercut.test.ts',
  'agent/test/disk-faults.test.ts',
  'agent/test/full-disk.test.ts',
  'agent/test/replaced-disk.test.ts',
  'agent/test/lying-network.test.ts',
  'agent/test/network-cuts.test.ts',
  'agent/test/status-files-crash.test.ts',
  'agent/test/verify.test.ts',
];

function count(succeeded: boolean): TestCount {
  try {
    return countReport(JSON.parse(readFileSync(REPORT, 'utf8')) as VitestReport);
  } catch {
    return succeeded ? NO_TESTS : { ...NO_TESTS, failed: 1 };
  }
}

if (import.meta.main) {
  mkdirSync(join(REPORT, '..'), { recursive: true });
  rmSync(REPORT, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${REPORT}`];
  const { status } = spawnSync(
    'vitest',
    ['run', '--project', 'scenarios', '--no-file-parallelism', ...reporters, ...TESTS],
    {
      cwd: ROOT,
      stdio: 'inherit',
      env: { ...process.env, IMAGEFLEET_DURABILITY: 'full' },
      shell: process.platform === 'win32',
    },
  );
  const counted = count(status === 0);
  // A proof that nobody ran proves nothing.
  const isProved = status === 0 && counted.passed > 0;
  console.log(`\n${countLine(counted)}`);
  process.exitCode = isProved ? 0 : (status ?? 1) || 1;
}
