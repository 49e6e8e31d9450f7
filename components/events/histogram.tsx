// The plot is one focus stop that takes arrow keys for its selection; a fieldset cannot be drawn as one.
// biome-ignore-all lint/a11y/useSemanticElements: see above
// biome-ignore-all lint/a11y/noNoninteractiveTabindex: see above
'use client';

import type { Histogram as HistogramData } from '../../core/wire/events.ts';
import { tickCount } from '../charts/axis.ts';
import { clockUtc, count, duration } from '../ui/format.ts';
import type { Axis } from './brush.ts';
import type { TimeSpan } from './events-url.ts';
import { HistogramBars } from './histogram-bars.tsx';
import { clockTicks } from './time-ticks.ts';
import { useBrush } from './use-brush.ts';
import { useWidth } from './use-width.ts';

const HEIGHT = 84;
const TICK_PX = 90;
const DAY_MS = 86_400_000;

type Props = {
  readonly data: HistogramData;
  readonly window: TimeSpan;
  readonly selection: TimeSpan | undefined;
  readonly onSelect: (span: TimeSpan | undefined) => void;
};

/** Events over time by source; drag selects a part, double-click clears it, arrow keys move it. */
export function Histogram({ data, window, selection, onSelect }: Props) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const axis: Axis = {
    fromMs: Date.parse(data.bins[0]?.time ?? window.from),
    toMs: Date.parse(window.to),
    stepMs: data.stepMs,
    width: Math.max(1, width),
  };
  const brush = useBrush(axis, selection, onSelect);
  const totals = data.bins.map((bin) => bin.bySource.reduce((sum, n) => sum + n, 0));
  const total = totals.reduce((sum, n) => sum + n, 0);
  const top = niceTop(Math.max(1, ...totals));
  const ticks = clockTicks(axis.fromMs, axis.toMs, Math.max(2, Math.floor(width / TICK_PX)));
  return (
    <div className="hist" style={{ '--hh': `${HEIGHT}px` } as React.CSSProperties}>
      <div className="hy" aria-hidden="true">
        {[0, 0.5, 1].map((part) => (
          <span key={part} style={{ bottom: `${part * 100}%` }}>
            {tickCount(top * part)}
          </span>
        ))}
      </div>
      <div
        ref={ref}
        className="hp"
        role="group"
        aria-label="Time selection"
        tabIndex={0}
        {...brush.plotProps}
      >
        {[0, 50, 100].map((part) => (
          <i key={part} className="gl" style={{ bottom: `${part}%` }} />
        ))}
        <svg
          viewBox={`0 0 ${axis.width} ${HEIGHT}`}
          preserveAspectRatio="none"
          role="img"
          aria-label={summary(data, total)}
        >
          <HistogramBars data={data} axis={axis} height={HEIGHT} top={top} />
        </svg>
        {brush.box === undefined ? null : (
          <span className="brush" style={{ left: brush.box.x, width: brush.box.width }}>
            <b {...brush.handleProps('from')} />
            <b {...brush.handleProps('to')} />
            <em>{spanLabel(brush.box.span)}</em>
          </span>
        )}
      </div>
      <div className="hx" aria-hidden="true">
        {ticks.map((ms) => (
          <span key={ms} style={{ left: `${((ms - axis.fromMs) / (axis.toMs - axis.fromMs)) * 100}%` }}>
            {tickLabel(ms, axis)}
          </span>
        ))}
      </div>
    </div>
  );
}

/** Smallest of 1, 2, 4, 5, 6, 8, 10 × 10ⁿ that holds the largest bar and is even to halve. */
function niceTop(largest: number): number {
  const power = 10 ** Math.floor(Math.log10(largest));
  const factor = [1, 2, 4, 5, 6, 8, 10].find((one) => one * power >= largest && (one * power) % 2 === 0);
  return factor === undefined ? power * 10 : factor * power;
}

function tickLabel(ms: number, axis: Axis): string {
  const iso = new Date(ms).toISOString();
  if (axis.toMs - axis.fromMs > 2 * DAY_MS) return `${iso.slice(5, 10)} ${iso.slice(11, 16)}`;
  return axis.toMs - axis.fromMs < 5 * 60_000 ? iso.slice(11, 19) : iso.slice(11, 16);
}

export function spanLabel(span: TimeSpan): string {
  const length = Date.parse(span.to) - Date.parse(span.from);
  return `${clockUtc(span.from)}–${clockUtc(span.to)} · ${duration(length)}`;
}

function summary(data: HistogramData, total: number): string {
  const gaps = data.gaps.length === 0 ? '' : ` ${data.gaps.length} stretches were not fully observed.`;
  return `${count(total)} events in bars of ${duration(data.stepMs)}, by source.${gaps}`;
}
