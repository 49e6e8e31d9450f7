import { describe, expect, it } from 'vitest';
import { countPlaywright, countVitest } from './test-counts.ts';

describe('test counts', () => {
  it('counts a runner that crashed before its report as one failure', () => {
    expect(countVitest('', 1)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  it('counts a run without any test as a failure', () => {
    expect(countVitest('{"numPassedTests":0}', 0).failed).toBe(1);
  });

  it('counts a file that did not load although all tests passed', () => {
    expect(countVitest('{"numPassedTests":3}', 1)).toEqual({ passed: 3, failed: 1, skipped: 0 });
  });

  it('counts a flaky browser test as failed', () => {
    const text = JSON.stringify({ stats: { expected: 4, unexpected: 0, flaky: 1, skipped: 2 } });
    expect(countPlaywright(text, 0)).toEqual({ passed: 4, failed: 1, skipped: 2 });
  });
});
