import type { EventDetail } from '../../core/wire/events.ts';
import { SeverityShape } from '../ui/severity.tsx';
import { treePrefixes } from './tree-prefix.ts';

/** Oldest ancestor first; the event's own process is marked, flagged children follow. */
export function ProcessAncestry({ detail }: { readonly detail: EventDetail }) {
  const { ancestry } = detail;
  if (ancestry.length === 0) return null;
  const prefixes = treePrefixes(ancestry.map((one) => one.depth));
  return (
    <section className="sec">
      <h3>Process ancestry</h3>
      <ul className="pt">
        {ancestry.map((process, index) => (
          <li
            key={`${process.pid}-${process.depth}-${process.cmdline}`}
            className={process.self ? `me s${detail.row.priority}` : undefined}
            aria-current={process.self || undefined}
            title={`${process.cmdline}${process.self && process.note !== null ? `\n${process.note}` : ''}${process.user === null ? '' : `\nas ${process.user}`}`}
          >
            {prefixes[index] === '' ? null : <span className="pre">{prefixes[index]}</span>}
            {process.priority === null ? null : <SeverityShape priority={process.priority} label />}
            {process.self ? (
              <b className="el">{process.cmdline || process.name}</b>
            ) : (
              <span className="el">{process.cmdline || process.name}</span>
            )}
            {process.note === null || process.self ? null : <span className="muted el">{process.note}</span>}
            <span className="pid">{process.pid}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
