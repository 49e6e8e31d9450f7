import { ArrowDown, ArrowUp, Minus } from 'lucide-react';
import Link from 'next/link';
import type { ReactNode } from 'react';
import { count } from './format.ts';
import { SeverityShape } from './severity.tsx';

export type KpiTileProps = {
  readonly label: string;
  readonly value: number;
  readonly previous: number;
  readonly aboveNormal: boolean;
  /** Highest priority among the counted; colours the tag, never the number. */
  readonly priority: number | null;
  /** Quiet addition to the change: the share of all requests. */
  readonly note?: string | undefined;
  /** What the reader must know to judge the number; stands where nothing changed, else in a line of its own. */
  readonly caption?: string | undefined;
  readonly href: string;
  readonly chart: ReactNode;
};

/** One number with its change and trend; the whole tile opens the list that produced the number. */
export function KpiTile(props: KpiTileProps) {
  const { label, value, previous, aboveNormal, priority, note, caption, href, chart } = props;
  const level = priority ?? 4;
  return (
    <Link prefetch={false} className="kpi" href={href}>
      <span className="l">
        <span className="el" title={label}>
          {label}
        </span>
        {aboveNormal ? (
          <span className={`abn s${level}`} title="More than 3 standard deviations above the 14-day baseline">
            <SeverityShape priority={level} label />
            <span>Above normal</span>
          </span>
        ) : null}
      </span>
      <span className="b">
        <span className="v">{count(value)}</span>
        {caption !== undefined && value === previous ? (
          <span className="cap muted">{caption}</span>
        ) : (
          <Change value={value} previous={previous} note={note} />
        )}
        <span className="sp">{chart}</span>
      </span>
      {caption !== undefined && value !== previous ? <span className="cap muted">{caption}</span> : null}
    </Link>
  );
}

function Change({
  value,
  previous,
  note,
}: {
  readonly value: number;
  readonly previous: number;
  readonly note: string | undefined;
}) {
  const delta = value - previous;
  const Icon = delta > 0 ? ArrowUp : delta < 0 ? ArrowDown : Minus;
  return (
    <span className="d">
      <Icon className="i sm" aria-hidden="true" />
      <span className="vh">{delta > 0 ? 'up by' : delta < 0 ? 'down by' : ''}</span>
      {delta === 0 ? (
        <span className="muted">no change</span>
      ) : (
        <>
          {count(Math.abs(delta))} <span className="muted long">from {count(previous)}</span>
        </>
      )}
      {note === undefined ? null : (
        <span className="muted long" title="Share of all audit requests">
          · {note}
        </span>
      )}
    </span>
  );
}
