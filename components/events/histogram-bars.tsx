import { memo } from 'react';
import { SOURCES, type Source } from '../../core/events/event.ts';
import type { Gap, Histogram } from '../../core/wire/events.ts';
import { SOURCE_MARK } from '../ui/source.tsx';
import { type Axis, timeToX } from './brush.ts';

/** Bottom to top: rare and severe sources stand on top. */
const STACK: readonly Source[] = [
  'posture',
  'resources',
  'file_integrity',
  'pod_log',
  'node_log',
  'k8s_audit',
  'syscall',
];

/** Stacked bars and hatched gaps; `top` is the value at the upper edge. */
export const HistogramBars = memo(function HistogramBars(props: {
  readonly data: Histogram;
  readonly axis: Axis;
  readonly height: number;
  readonly top: number;
}) {
  const { data, axis, height, top } = props;
  const barWidth = Math.max(1, timeToX(axis, axis.fromMs + data.stepMs) - 1);
  const lastIndex = data.bins.length - 1;
  return (
    <>
      {data.gaps.map((gap) => (
        <GapBand key={gap.id} gap={gap} axis={axis} height={height} />
      ))}
      {data.bins.map((bin, index) => {
        const x = timeToX(axis, Date.parse(bin.time));
        let y = height;
        return (
          <g key={bin.time} opacity={index === lastIndex ? 0.5 : undefined}>
            {STACK.map((source) => {
              const n = bin.bySource[SOURCES.indexOf(source)] ?? 0;
              if (n === 0) return null;
              const full = (n / top) * height;
              y -= full;
              return (
                <rect
                  key={source}
                  className={`f-${SOURCE_MARK[source].cls}`}
                  x={x}
                  y={y}
                  width={barWidth}
                  height={Math.max(1, full - 0.7)}
                />
              );
            })}
          </g>
        );
      })}
    </>
  );
});

function GapBand({ gap, axis, height }: { readonly gap: Gap; readonly axis: Axis; readonly height: number }) {
  const x0 = Math.max(0, timeToX(axis, Date.parse(gap.start)));
  const x1 = Math.min(axis.width, timeToX(axis, Date.parse(gap.end)));
  if (x1 < 0 || x0 > axis.width) return null;
  return (
    <rect className="gapx" x={x0} y={0} width={Math.max(2, x1 - x0)} height={height} fill="url(#p-gap)" />
  );
}
