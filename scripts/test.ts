import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { realImages } from './real-images.ts';
import { addCounts, countLine, countReport, NO_TESTS, type TestCount, type VitestReport } from './test-count.ts';

const ROOT = join(import.meta.dirname, '..');
const REPORTS = join(ROOT, 'dist/test-reports');
/** A step that takes longer hangs. */
const STEP_LIMIT_MS = 30 * 60_000;

/** Checks that pass or fail as a whole, in the order of how soon they tell. */
const CHECKS: readonly (readonly [name: string, command: readonly string[]])[] = [
  ['format', ['prettier', '--check', '--cache', '--log-level', 'warn', '.']],
  ['types', ['tsc', '-b']],
  ['lint', ['npm', 'run', '--silent', 'lint']],
  ['layers', ['node', 'scripts/layers.ts']],
];

function run(command: readonly string[]): boolean {
  const [file = '', ...args] = command;
  const { status, error } = spawnSync(file, args, {
    cwd: ROOT,
    stdio: 'inherit',
    timeout: STEP_LIMIT_MS,
    shell: process.platform === 'win32',
  });
  if (error !== undefined) console.error(`${file}: ${error.message}`);
  return status === 0;
}

function seconds(sinceMs: number): string {
  return `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;
}

function runCheck(name: string, command: readonly string[]): TestCount {
  const startMs = performance.now();
  const passed = run(command);
  console.log(`${passed ? 'ok    ' : 'FAILED'} ${name} (${seconds(startMs)})`);
  return { ...NO_TESTS, ...(passed ? { passed: 1 } : { failed: 1 }) };
}

function runVitest(project: string): TestCount {
  console.log(`\n${project} tests`);
  mkdirSync(REPORTS, { recursive: true });
  const file = join(REPORTS, `${project}.json`);
  rmSync(file, { force: true });
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${file}`];
  // Scenarios and browsers start whole fleets and look at the time they take: one file at a time, or they slow each other down.
  const pace = project !== 'unit' ? ['--no-file-parallelism'] : [];
  const succeeded = run(['vitest', 'run', '--project', project, ...pace, ...reporters]);
  const count = readCount(file);
  if (count.passed + count.failed === 0) {
    console.error(`no ${project} test ran`);
    return { ...count, failed: 1 };
  }
  // Vitest fails as well for what its report does not hold, such as a worker that died.
  return !succeeded && count.failed === 0 ? { ...count, failed: 1 } : count;
}

function readCount(file: string): TestCount {
  try {
    return countReport(JSON.parse(readFileSync(file, 'utf8')) as VitestReport);
  } catch (error) {
    console.error(`no report of the tests: ${error instanceof Error ? error.message : String(error)}`);
    return NO_TESTS;
  }
}

/** Runs the checks one after another, then the tests; `--quick` leaves the scenarios and the browser out. Goes on after a failure. */
function main(isQuick: boolean): TestCount {
  let count = NO_TESTS;
  for (const [name, command] of CHECKS) count = addCounts(count, runCheck(name, command));
  // One scenario keeps real images; where they are not to be had it says so and skips.
  if (!isQuick) realImages();
  for (const project of isQuick ? ['unit'] : ['unit', 'scenarios', 'browser'])
    count = addCounts(count, runVitest(project));
  return count;
}

if (import.meta.main) {
  const count = main(process.argv.includes('--quick'));
  console.log(`\n${countLine(count)}`);
  if (count.failed > 0) process.exitCode = 1;
}
