import { describe, expect, it } from 'vitest';
import { addCounts, countLine, countReport, type VitestReport } from './test-count.ts';

function report(files: Record<string, string[]>, success = true): VitestReport {
  return {
    success,
    testResults: Object.entries(files).map(([status, tests]) => ({
      status,
      assertionResults: tests.map((test) => ({ status: test })),
    })),
  };
}

describe('the count of a test run', () => {
  it('counts passed, failed and skipped tests of all files', () => {
    const count = countReport(report({ passed: ['passed', 'skipped', 'todo'], failed: ['failed', 'passed'] }, false));
    expect(count).toEqual({ passed: 2, failed: 1, skipped: 2 });
  });

  it('counts a file that could not be loaded as a failure', () => {
    expect(countReport(report({ failed: [] }, false))).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  it('counts an error outside every test as a failure', () => {
    expect(countReport(report({ passed: ['passed'] }, false))).toEqual({ passed: 1, failed: 1, skipped: 0 });
  });

  it('adds what several runs came to', () => {
    const sum = addCounts({ passed: 1, failed: 2, skipped: 3 }, { passed: 10, failed: 20, skipped: 30 });
    expect(sum).toEqual({ passed: 11, failed: 22, skipped: 33 });
  });

  it('ends with one line, which names skipped tests only when there are some', () => {
    expect(countLine({ passed: 12, failed: 0, skipped: 0 })).toBe('12 passed, 0 failed');
    expect(countLine({ passed: 12, failed: 1, skipped: 3 })).toBe('12 passed, 1 failed, 3 skipped');
  });
});
