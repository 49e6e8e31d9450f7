'use client';

import clsx from 'clsx';
import { type CSSProperties, useMemo } from 'react';
import type { IncidentDetail, TimelineEntry } from '../../core/wire/incidents.ts';
import { clockTicks } from '../events/time-ticks.ts';
import { useWidth } from '../events/use-width.ts';
import { clockUtc, middle } from '../ui/format.ts';
import { SeverityShape } from '../ui/severity.tsx';
import { barsOf, type Lane, type LaneAxis, laneAxis, lanesOf, type Marker, markersOf, xOf } from './lanes.ts';
import { EntityIcon, EntryIcon } from './marks.tsx';

const TICK_PX = 110;

type Props = {
  readonly detail: IncidentDetail;
  readonly hot: ReadonlySet<string>;
  readonly onHot: (ids: ReadonlySet<string>) => void;
};

/** One lane per entity and one for the response; the list below has the same lines as text. */
export function SwimLanes({ detail, hot, onHot }: Props) {
  const [ref, width] = useWidth<HTMLDivElement>();
  const { lanes, hidden } = useMemo(() => lanesOf(detail.timeline), [detail.timeline]);
  const axis = useMemo(() => laneAxis(detail.timeline, width), [detail.timeline, width]);
  const ticks = clockTicks(axis.fromMs, axis.toMs, Math.max(2, Math.floor(width / TICK_PX)));
  const fine = axis.toMs - axis.fromMs < 5 * 60_000;
  return (
    <div className="lanew">
      <div className="lanes">
        <div className="axis" aria-hidden="true">
          <span />
          <div ref={ref} className="trk">
            {ticks.map((ms) => (
              <span key={ms} style={tickStyle(axis, xOf(axis, ms))}>
                {clockUtc(new Date(ms).toISOString()).slice(0, fine ? 8 : 5)}
              </span>
            ))}
          </div>
        </div>
        {width === 0
          ? null
          : lanes.map((lane) => (
              <LaneRow key={lane.key} lane={lane} axis={axis} detail={detail} hot={hot} onHot={onHot} />
            ))}
        {hidden > 0 ? <p className="muted lnm">{hidden} more entities are in the timeline.</p> : null}
      </div>
    </div>
  );
}

/** `--room` keeps a label at the end inside the panel. */
const tickStyle = (axis: LaneAxis, left: number): CSSProperties & Record<'--room', string> => ({
  left,
  '--room': `${axis.width - left}px`,
});

function LaneRow({
  lane,
  axis,
  detail,
  hot,
  onHot,
}: Props & { readonly lane: Lane; readonly axis: LaneAxis }) {
  const markers = useMemo(() => markersOf(lane.entries, axis), [lane, axis]);
  const bars = useMemo(() => barsOf(lane.entries, axis), [lane, axis]);
  const gaps = lane.kind === 'node' ? detail.gaps.filter((gap) => gap.node === lane.name) : [];
  return (
    <div className="ln">
      <span className="nm">
        <EntityIcon kind={lane.kind} />
        <span className="el" title={lane.name}>
          {middle(lane.name.split('/').at(-1) ?? lane.name, 19)}
        </span>
      </span>
      <div className="trk">
        <svg className="lnsvg" width={axis.width} height={30} aria-hidden="true">
          {gaps.map((gap) => {
            const x0 = Math.max(0, xOf(axis, Date.parse(gap.start)));
            const x1 = Math.min(axis.width, xOf(axis, Date.parse(gap.end)));
            return x1 <= x0 ? null : (
              <rect
                key={gap.id}
                x={x0}
                y={5}
                width={Math.max(3, x1 - x0)}
                height={20}
                fill="url(#p-gap)"
                opacity={0.6}
              />
            );
          })}
          {bars.map((bar) => (
            <line
              key={bar.x0}
              className={bar.hot ? 'bar hot' : 'bar'}
              x1={bar.x0}
              x2={bar.x1}
              y1={15}
              y2={15}
            />
          ))}
        </svg>
        {markers.map((marker) => (
          <MarkerButton
            key={marker.x}
            marker={marker}
            response={lane.kind === 'response'}
            hot={hot}
            onHot={onHot}
          />
        ))}
      </div>
    </div>
  );
}

function MarkerButton(props: {
  readonly marker: Marker;
  readonly response: boolean;
  readonly hot: ReadonlySet<string>;
  readonly onHot: (ids: ReadonlySet<string>) => void;
}) {
  const { marker, response, hot, onHot } = props;
  const first = marker.entries[0];
  if (first === undefined) return null;
  const ids = marker.entries.map((entry) => entry.id);
  const on = (): void => onHot(new Set(ids));
  const off = (): void => onHot(new Set());
  return (
    <button
      type="button"
      className={clsx('mk', response && 'rsp', ids.some((id) => hot.has(id)) && 'hot')}
      style={{ left: marker.x }}
      title={marker.entries.slice(0, 6).map(lineText).join('\n')}
      aria-label={`${marker.count > 1 ? `${marker.count} lines, first ` : ''}${lineText(first)}`}
      onMouseEnter={on}
      onMouseLeave={off}
      onFocus={on}
      onBlur={off}
      onClick={() => showLine(first.id)}
    >
      {marker.priority === null ? (
        <EntryIcon kind={first.kind} />
      ) : (
        <SeverityShape priority={marker.priority} />
      )}
      {marker.count > 1 ? marker.count : null}
    </button>
  );
}

function showLine(id: string): void {
  const line = document.getElementById(`line-${id}`);
  line?.scrollIntoView({ block: 'center' });
  line?.focus({ preventScroll: true });
}

const lineText = (entry: TimelineEntry): string =>
  `${clockUtc(entry.time)} UTC · ${entry.actor === null ? '' : `${entry.actor} `}${entry.summary}`;
