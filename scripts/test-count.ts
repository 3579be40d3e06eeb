/** What a run of tests came to. Steps that are no test (lint, types …) count as one each. */
export interface TestCount {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** The parts of Vitest's JSON report that are counted. */
export interface VitestReport {
  readonly success: boolean;
  readonly testResults: readonly {
    readonly status: string;
    readonly assertionResults: readonly { readonly status: string }[];
  }[];
}

export const NO_TESTS: TestCount = { passed: 0, failed: 0, skipped: 0 };

export function addCounts(a: TestCount, b: TestCount): TestCount {
  return { passed: a.passed + b.passed, failed: a.failed + b.failed, skipped: a.skipped + b.skipped };
}

/** Counts a report; a file that failed before its first test, or an error outside every test, is one failure. */
export function countReport(report: VitestReport): TestCount {
  let count = NO_TESTS;
  for (const { status, assertionResults } of report.testResults) {
    const failed = assertionResults.filter((test) => test.status === 'failed').length;
    const passed = assertionResults.filter((test) => test.status === 'passed').length;
    const skipped = assertionResults.length - failed - passed;
    count = addCounts(count, { passed, skipped, failed: failed === 0 && status === 'failed' ? 1 : failed });
  }
  return !report.success && count.failed === 0 ? { ...count, failed: 1 } : count;
}

/** The last line of every run, in the form that programs read. */
export function countLine({ passed, failed, skipped }: TestCount): string {
  const line = `${String(passed)} passed, ${String(failed)} failed`;
  return skipped === 0 ? line : `${line}, ${String(skipped)} skipped`;
}
