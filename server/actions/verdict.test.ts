import { describe, expect, it } from 'vitest';
import { judge, type Observation, SETTLE_MS, WATCH_MS } from './verdict.ts';

const seen = (over: Partial<Observation>): Observation => ({
  sinceMs: 10_000,
  podRuns: true,
  portsBefore: [],
  portsNow: [],
  sensor: 'healthy',
  flowsBefore: 0,
  flowsAfter: 0,
  refusedAfter: 0,
  ...over,
});

describe('judge', () => {
  it('claims nothing without an observation', () => {
    expect(judge(seen({})).proof).toBe('unproven');
    expect(judge(seen({ sensor: 'none', flowsBefore: 1_000, sinceMs: WATCH_MS })).proof).toBe('unproven');
    expect(judge(seen({ sensor: 'silent', flowsBefore: 1_000, sinceMs: WATCH_MS })).proof).toBe('unproven');
  });

  it('is enforced when a port that answered stops answering', () => {
    expect(judge(seen({ portsBefore: [8080], portsNow: [] }))).toMatchObject({
      proof: 'enforced',
      final: true,
    });
  });

  it('is not enforced while one port still answers, or before the policy settled', () => {
    expect(judge(seen({ portsBefore: [80, 8080], portsNow: [80] })).proof).toBe('unproven');
    expect(judge(seen({ portsBefore: [80], sinceMs: SETTLE_MS - 1 })).proof).toBe('unproven');
  });

  it('is never enforced when new connections were seen or the pod died', () => {
    expect(judge(seen({ portsBefore: [80], flowsAfter: 1 })).proof).toBe('unproven');
    expect(judge(seen({ portsBefore: [80], podRuns: false }))).toMatchObject({
      proof: 'unproven',
      final: true,
    });
  });

  it('takes silence as proof only when traffic was due in it', () => {
    expect(judge(seen({ flowsBefore: 60, sinceMs: SETTLE_MS + 4_000 })).proof).toBe('unproven');
    expect(judge(seen({ flowsBefore: 60, sinceMs: SETTLE_MS + 5_000 })).proof).toBe('enforced');
    expect(judge(seen({ flowsBefore: 2, sinceMs: WATCH_MS })).proof).toBe('unproven');
  });

  it('takes failed attempts after successful ones as proof', () => {
    expect(judge(seen({ flowsBefore: 1, refusedAfter: 2 })).proof).toBe('enforced');
    expect(judge(seen({ flowsBefore: 0, refusedAfter: 2 })).proof).toBe('unproven');
  });
});
