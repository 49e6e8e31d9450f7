import type { CaptureEvent } from '../../core/scap/capture-event.ts';
import { table } from './inspect-table.ts';

export type SummaryRow = {
  readonly syscall: string;
  readonly calls: number;
  readonly errors: number;
  /** Between enter and exit, of calls of which both were seen. */
  readonly totalNs: number;
  readonly meanNs: number | null;
};

type Sum = { calls: number; errors: number; timed: number; totalNs: number };

/** Threads whose call is under way; a capture of more forgets the oldest. */
const PENDING_MAX = 100_000;

/** Counts and times system calls like `strace -c`: a call is its exit event, its time runs from its enter event. */
export class SummaryCounter {
  readonly #sums = new Map<string, Sum>();
  readonly #pending = new Map<number, { readonly type: string; readonly timeNs: bigint }>();

  /** Sees every event, so that filters over exits still find their enters. */
  see(event: CaptureEvent): void {
    if (event.dir !== '>') return;
    if (this.#pending.size >= PENDING_MAX) {
      const [oldest] = this.#pending.keys();
      if (oldest !== undefined) this.#pending.delete(oldest);
    }
    this.#pending.set(event.tid, { type: event.type, timeNs: event.timeNs });
  }

  take(event: CaptureEvent): void {
    if (event.dir !== '<') return;
    let sum = this.#sums.get(event.type);
    if (!sum) {
      sum = { calls: 0, errors: 0, timed: 0, totalNs: 0 };
      this.#sums.set(event.type, sum);
    }
    sum.calls++;
    if (event.res !== undefined && event.res < 0) sum.errors++;
    const enter = this.#pending.get(event.tid);
    if (enter?.type !== event.type) return;
    this.#pending.delete(event.tid);
    sum.timed++;
    sum.totalNs += Number(event.timeNs - enter.timeNs);
  }

  /** By total time, then by calls. */
  rows(): readonly SummaryRow[] {
    return [...this.#sums]
      .map(([syscall, { calls, errors, timed, totalNs }]) => {
        const meanNs = timed > 0 ? Math.round(totalNs / timed) : null;
        return { syscall, calls, errors, totalNs, meanNs };
      })
      .sort((a, b) => b.totalNs - a.totalNs || b.calls - a.calls);
  }
}

export function summaryText(rows: readonly SummaryRow[]): string {
  const all = rows.reduce((sum, row) => sum + row.totalNs, 0);
  const lines = rows.map((row) => [
    all > 0 ? ((100 * row.totalNs) / all).toFixed(2) : '0.00',
    (row.totalNs / 1e9).toFixed(6),
    row.meanNs === null ? '-' : (row.meanNs / 1e3).toFixed(1),
    String(row.calls),
    row.errors > 0 ? String(row.errors) : '',
    row.syscall,
  ]);
  return table(['% time', 'seconds', 'usecs/call', 'calls', 'errors', 'syscall'], lines, 5);
}
