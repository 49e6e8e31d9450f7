import type { Heartbeat } from '../../core/wire/agents.ts';

/** The heartbeat of a healthy agent. */
export function makeHeartbeat(change: Partial<Heartbeat> & { readonly agentId: string }): Heartbeat {
  return {
    node: 'node-1',
    version: '0.1.0',
    kernel: '6.1.0',
    startedAt: '2026-01-01T00:00:00.000Z',
    now: new Date().toISOString(),
    epoch: 1,
    preflight: [{ name: 'syscall', state: 'ok', detail: 'tracepoints attached' }],
    counters: { events_total: 10, probe_dropped_total: 0 },
    spool: { bytes: 0, bytesMax: 1_000_000, lastSeq: 0, ackedSeq: 0 },
    residentBytes: 80_000_000,
    cpuFraction: 0.02,
    ruleset: { version: '' },
    ...change,
  };
}
