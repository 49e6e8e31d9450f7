export type Counts = { passed: number; failed: number; skipped: number };

type VitestReport = {
  readonly numPassedTests?: number;
  readonly numFailedTests?: number;
  readonly numPendingTests?: number;
  readonly numTodoTests?: number;
  readonly numFailedTestSuites?: number;
};

function parse<T>(text: string): Partial<T> | undefined {
  try {
    return JSON.parse(text) as Partial<T>;
  } catch {
    return undefined;
  }
}

/** A runner that failed without a failed test (a file that did not load, a crash) counts as one failure. */
function settle(counts: Counts, exitCode: number): Counts {
  if (exitCode !== 0 && counts.failed === 0) return { ...counts, failed: 1 };
  if (counts.passed + counts.failed + counts.skipped === 0) return { passed: 0, failed: 1, skipped: 0 };
  return counts;
}

/** Counts of vitest's JSON report. */
export function countVitest(text: string, exitCode: number): Counts {
  const report = parse<VitestReport>(text) ?? {};
  return settle(
    {
      passed: report.numPassedTests ?? 0,
      failed: report.numFailedTests ?? 0,
      skipped: (report.numPendingTests ?? 0) + (report.numTodoTests ?? 0),
    },
    exitCode,
  );
}

/** Counts of Playwright's JSON report. A flaky test (passed on retry) counts as failed. */
export function countPlaywright(text: string, exitCode: number): Counts {
  const report = parse<{ stats: { expected: number; unexpected: number; flaky: number; skipped: number } }>(
    text,
  );
  const stats = report?.stats ?? { expected: 0, unexpected: 0, flaky: 0, skipped: 0 };
  return settle(
    { passed: stats.expected, failed: stats.unexpected + stats.flaky, skipped: stats.skipped },
    exitCode,
  );
}
