import { describe, expect, it } from 'vitest';
import { judge, type Observation, SETTLE_MS } from './verdict.ts';

const seen = (over: Partial<Observation>): Observation => ({
  sinceMs: 130_000,
  podRuns: true,
  portsBefore: [],
  portsNow: [],
  onPodsNode: false,
  sensor: 'healthy',
  steady: 0,
  establishedAfter: 0,
  wholeMinute: true,
  ...over,
});

describe('judge', () => {
  it('claims nothing without an observation', () => {
    expect(judge(seen({}))).toMatchObject({ proof: 'unproven', final: true });
    expect(judge(seen({ sensor: 'none', steady: 5 }))).toMatchObject({ proof: 'unproven', final: true });
    expect(judge(seen({ sensor: 'silent', steady: 5 })).proof).toBe('unproven');
    expect(judge(seen({ sensor: 'degraded', steady: 5 })).proof).toBe('unproven');
  });

  it('is enforced when a port that answered stops answering', () => {
    const verdict = judge(seen({ portsBefore: [8080], portsNow: [], wholeMinute: false, sensor: 'none' }));
    expect(verdict).toMatchObject({ proof: 'enforced', final: true });
  });

  it('is not enforced while one port still answers, or before the policy settled', () => {
    expect(judge(seen({ portsBefore: [80, 8080], portsNow: [80] })).proof).toBe('unproven');
    expect(judge(seen({ portsBefore: [80], sinceMs: SETTLE_MS - 1 }))).toMatchObject({
      proof: 'unproven',
      final: false,
    });
  });

  it('is never enforced when new connections were seen or the pod died', () => {
    expect(judge(seen({ portsBefore: [80], establishedAfter: 1 })).proof).toBe('unproven');
    expect(judge(seen({ steady: 1, establishedAfter: 1 })).proof).toBe('unproven');
    expect(judge(seen({ portsBefore: [80], podRuns: false }))).toMatchObject({
      proof: 'unproven',
      final: true,
    });
  });

  it('says that ports are no evidence on the pod’s own node, and takes the sensor’s instead', () => {
    expect(judge(seen({ onPodsNode: true, sensor: 'none' })).detail).toContain('runs on the pod’s node');
    expect(judge(seen({ onPodsNode: true, steady: 1 })).proof).toBe('enforced');
  });

  it('takes silence as proof only for steady connections and after a whole minute', () => {
    expect(judge(seen({ steady: 1, wholeMinute: false }))).toMatchObject({ proof: 'unproven', final: false });
    expect(judge(seen({ steady: 1 }))).toMatchObject({ proof: 'enforced', final: true });
  });
});
