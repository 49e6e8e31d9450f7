import { SOURCES } from '../../core/events/event.ts';
import type { Histogram } from '../../core/wire/events.ts';
import { ScopeEmpty } from '../shell/scope-empty.tsx';
import { count, dateTimeUtc } from '../ui/format.ts';

/** The chart's numbers as a table, newest first; empty bars are left out. */
export function HistogramTable({ data }: { readonly data: Histogram }) {
  const rows = data.bins.filter((bin) => bin.bySource.some((n) => n > 0)).toReversed();
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard
    <section className="scrolly tall" tabIndex={0} aria-label="Events by source, table">
      <table>
        <thead>
          <tr>
            <th scope="col">From, UTC</th>
            {SOURCES.map((source) => (
              <th key={source} scope="col" className="r">
                {source}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((bin) => (
            <tr key={bin.time}>
              <td className="num">{dateTimeUtc(bin.time).slice(0, 16)}</td>
              {SOURCES.map((source, index) => (
                <td key={source} className="r num">
                  {count(bin.bySource[index] ?? 0)}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > 0 ? null : <ScopeEmpty what="No events" />}
    </section>
  );
}
