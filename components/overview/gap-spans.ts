import type { Gap, Scope } from '../../core/wire/events.ts';

/** Gaps as fractions of the time range, cut to it, overlapping ones merged. */
export function gapSpans(
  gaps: readonly Gap[],
  scope: Pick<Scope, 'from' | 'to'>,
): readonly (readonly [number, number])[] {
  const start = Date.parse(scope.from);
  const length = Date.parse(scope.to) - start;
  if (length <= 0) return [];
  const at = (iso: string) => Math.min(1, Math.max(0, (Date.parse(iso) - start) / length));
  const spans = gaps
    .map((gap) => [at(gap.start), at(gap.end)] as const)
    .filter(([a, b]) => b > a || (a > 0 && a < 1));
  const merged: (readonly [number, number])[] = [];
  for (const span of spans.toSorted((a, b) => a[0] - b[0])) {
    const last = merged.at(-1);
    if (last && span[0] <= last[1]) merged[merged.length - 1] = [last[0], Math.max(last[1], span[1])];
    else merged.push(span);
  }
  return merged;
}
