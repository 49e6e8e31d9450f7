'use client';

import {
  Bar,
  BarChart,
  CartesianGrid,
  ReferenceArea,
  ReferenceLine,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { niceTicks, roundTicks, tickCount, tickLabel } from './axis.ts';
import { BarTooltip } from './bar-tooltip.tsx';

export type Series = {
  readonly key: string;
  readonly label: string;
  readonly letter: string;
  /** Colour class of the legend mark, and SVG paint of the bar. */
  readonly cls: string;
  readonly fill: string;
};
export type Bin = { readonly time: number; readonly values: readonly number[]; readonly partial: boolean };
export type Mark = { readonly time: number; readonly label: string };

export type StackedBarsProps = {
  /** Order of the stack, bottom first; `values` of a bin align with it. */
  readonly series: readonly Series[];
  readonly hidden: ReadonlySet<string>;
  readonly bins: readonly Bin[];
  readonly stepMs: number;
  readonly gaps: readonly { readonly start: number; readonly end: number }[];
  readonly marks: readonly Mark[];
  readonly height: number;
  /** One sentence for screen readers. */
  readonly label: string;
  readonly onBin: (time: number) => void;
};

const AXIS = { fontSize: 11, fill: 'var(--text-3)' } as const;

/** Stacked bars over time; nothing moves, patterns repeat what colours say, gaps are hatched. */
export function StackedBars(props: StackedBarsProps) {
  const { series, hidden, bins, stepMs, gaps, marks, height, label, onBin } = props;
  const shown = series.map((one, index) => ({ ...one, index })).filter((one) => !hidden.has(one.key));
  const sum = (bin: Bin) => shown.reduce((total, one) => total + (bin.values[one.index] ?? 0), 0);
  const times = bins.map((bin) => bin.time);
  const ticks = niceTicks(Math.max(0, ...bins.map(sum)));
  const spanMs = times.length * stepMs;
  const binOf = (time: number) => times.findLast((start) => start <= time) ?? times[0] ?? 0;
  return (
    <div className="bars" role="img" aria-label={label} style={{ height }}>
      <ResponsiveContainer width="100%" height="100%">
        <BarChart
          data={[...bins]}
          margin={{ top: 16, right: 12, bottom: 0, left: 0 }}
          barCategoryGap={1}
          accessibilityLayer
          onClick={(state) => {
            const time = Number(state.activeLabel);
            if (Number.isFinite(time)) onBin(time);
          }}
        >
          <CartesianGrid vertical={false} stroke="var(--line)" />
          <XAxis
            dataKey="time"
            ticks={[...roundTicks(times)]}
            interval={0}
            tickFormatter={(time: number) => tickLabel(time, spanMs)}
            tick={AXIS}
            tickLine={false}
            axisLine={{ stroke: 'var(--line)' }}
            height={20}
          />
          <YAxis
            ticks={[...ticks]}
            domain={[0, ticks.at(-1) ?? 1]}
            tick={AXIS}
            tickLine={false}
            axisLine={false}
            width={40}
            tickFormatter={tickCount}
          />
          {gaps.map((gap) => (
            <ReferenceArea
              key={`${gap.start}-${gap.end}`}
              x1={binOf(gap.start)}
              x2={binOf(gap.end)}
              fill="url(#p-gap)"
              fillOpacity={0.6}
              ifOverflow="hidden"
            />
          ))}
          <Tooltip
            isAnimationActive={false}
            cursor={{ fill: 'var(--text)', fillOpacity: 0.06 }}
            content={({ active, label: time }) =>
              active ? (
                <BarTooltip bin={bins.find((bin) => bin.time === time)} series={shown} stepMs={stepMs} />
              ) : null
            }
          />
          {shown.map((one) => (
            <Bar
              key={one.key}
              dataKey={(bin: Bin) => bin.values[one.index] ?? 0}
              name={one.label}
              stackId="all"
              fill={one.fill}
              isAnimationActive={false}
              shape={drawBar}
            />
          ))}
          {/* On a narrow screen two labels would overlap: the first mark is the most urgent one. */}
          {marks.slice(0, window.innerWidth < 768 ? 1 : undefined).map((mark) => {
            const late = times.indexOf(binOf(mark.time)) > times.length / 2;
            return (
              <ReferenceLine
                key={mark.label}
                x={binOf(mark.time)}
                stroke="var(--line-ctl)"
                strokeDasharray="3 2"
                label={{
                  value: mark.label,
                  position: late ? 'insideTopRight' : 'insideTopLeft',
                  offset: 4,
                  dy: -16,
                  fontSize: 11,
                  fontWeight: 500,
                  fill: 'var(--text-2)',
                }}
              />
            );
          })}
        </BarChart>
      </ResponsiveContainer>
    </div>
  );
}

type Drawn = {
  readonly x?: number;
  readonly y?: number;
  readonly width?: number;
  readonly height?: number;
  readonly fill?: string;
  readonly payload?: Bin;
};

/** A rectangle with a hairline above it, so that neighbours in the stack stay apart; half opaque while incomplete. */
function drawBar(drawn: unknown) {
  const { x = 0, y = 0, width = 0, height = 0, fill, payload } = drawn as Drawn;
  if (height <= 0) return <g />;
  return (
    <rect
      x={x}
      y={y + Math.min(0.8, height / 3)}
      width={Math.max(1, width)}
      height={Math.max(0.8, height - 0.8)}
      fill={fill}
      opacity={payload?.partial ? 0.5 : 1}
    />
  );
}
