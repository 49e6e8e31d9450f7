import { clockUtc, count } from '../ui/format.ts';
import type { Bin, Series } from './stacked-bars.tsx';

/** Time range, one row per series in legend order, total, and what a click does. */
export function BarTooltip({
  bin,
  series,
  stepMs,
}: {
  readonly bin: Bin | undefined;
  readonly series: readonly (Series & { readonly index: number })[];
  readonly stepMs: number;
}) {
  if (!bin) return null;
  const start = new Date(bin.time).toISOString();
  const end = new Date(bin.time + stepMs).toISOString();
  const rows = series.toReversed().map((one) => ({ ...one, value: bin.values[one.index] ?? 0 }));
  const total = rows.reduce((sum, row) => sum + row.value, 0);
  return (
    <div className="tip bar-tip">
      <b>
        {stepMs >= 86_400_000
          ? start.slice(0, 10)
          : `${clockUtc(start).slice(0, 5)}–${clockUtc(end).slice(0, 5)}`}{' '}
        UTC
      </b>
      <ul>
        {rows.map((row) => (
          <li key={row.key} className={row.value === 0 ? 'muted' : ''}>
            <span className={`src ${row.cls}`}>
              <b>{row.letter}</b>
              <span>{row.label}</span>
            </span>
            <span className="num">{count(row.value)}</span>
          </li>
        ))}
        <li>
          <span>Total{bin.partial ? ', incomplete' : ''}</span>
          <span className="num">{count(total)}</span>
        </li>
      </ul>
      <span className="muted">Click to open these events</span>
    </div>
  );
}
