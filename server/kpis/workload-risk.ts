import { priorityName } from '../../core/events/priority.ts';

export type RuleCount = { readonly rule: string; readonly priority: number; readonly count: number };
export type Weighed = RuleCount & { readonly namespace: string; readonly workload: string };

export type Risk = {
  readonly namespace: string;
  readonly workload: string;
  readonly score: number;
  readonly priority: number;
  readonly reason: string;
};

/** Weight of one rule that fired, by priority Emergency … Debug. */
const WEIGHTS = [40, 35, 30, 18, 10, 4, 1, 0] as const;

/**
 * Ranks workloads by their alerts. Score = 100 × (1 − e^(−sum/60)), sum over the rules that fired of
 * weight(priority) × (1 + log10(count)): several different rules weigh more than one rule that repeats, and
 * no number of them exceeds 100.
 */
export function riskOf(rows: readonly Weighed[]): Risk[] {
  const byWorkload = new Map<string, Weighed[]>();
  for (const row of rows) {
    const key = `${row.namespace}\0${row.workload}`;
    const known = byWorkload.get(key);
    if (known === undefined) byWorkload.set(key, [row]);
    else known.push(row);
  }
  const risks = [...byWorkload.values()].flatMap((mine) => {
    const [first] = mine;
    return first === undefined ? [] : [weigh(first, mine)];
  });
  return risks.sort((a, b) => b.score - a.score || a.workload.localeCompare(b.workload));
}

function weigh({ namespace, workload }: Weighed, rows: readonly Weighed[]): Risk {
  const parts = rows
    .map((row) => ({ ...row, part: (WEIGHTS[row.priority] ?? 0) * (1 + Math.log10(row.count)) }))
    .sort((a, b) => b.part - a.part);
  const sum = parts.reduce((total, { part }) => total + part, 0);
  const priority = Math.min(...rows.map((row) => row.priority));
  return {
    namespace,
    workload,
    score: Math.round(100 * (1 - Math.exp(-sum / 60))),
    priority,
    reason: reasonOf(parts),
  };
}

function reasonOf(parts: readonly RuleCount[]): string {
  const [top] = parts;
  if (top === undefined) return '';
  const times = top.count === 1 ? 'once' : `${top.count} times`;
  const others = parts.length - 1;
  const more = others === 0 ? '' : `, and ${others} other ${others === 1 ? 'rule' : 'rules'}`;
  return `${top.rule} (${priorityName(top.priority)}) ${times}${more}`;
}
