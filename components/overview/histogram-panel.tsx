'use client';

import { useQuery } from '@tanstack/react-query';
import { Table2 } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useRouter } from 'next/navigation';
import { useCallback, useState } from 'react';
import { SOURCES, type Source } from '../../core/events/event.ts';
import type { Histogram, Scope } from '../../core/wire/events.ts';
import type { IncidentRow } from '../../core/wire/incidents.ts';
import { histogramQuery } from '../api/event-queries.ts';
import { openIncidentsQuery } from '../api/incident-queries.ts';
import { QueryPanel } from '../api/query-panel.tsx';
import { stepLabel } from '../charts/axis.ts';
import { Legend } from '../charts/legend.tsx';
import type { Series } from '../charts/stacked-bars.tsx';
import { useScope } from '../shell/scope.tsx';
import { useShortcuts } from '../shell/shortcuts.ts';
import { IconButton } from '../ui/button.tsx';
import { clockUtc, count } from '../ui/format.ts';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { SOURCE_MARK } from '../ui/source.tsx';
import { HistogramTable } from './histogram-table.tsx';

const HEIGHT = 166;
const StackedBars = dynamic(() => import('../charts/stacked-bars.tsx').then((module) => module.StackedBars), {
  ssr: false,
  loading: () => <SkeletonRows rows={1} height={HEIGHT} what="chart" />,
});

/** Bottom to top: rare and severe sources lie on top. The legend reads the other way round. */
const STACK: readonly Source[] = [
  'posture',
  'resources',
  'file_integrity',
  'pod_log',
  'node_log',
  'k8s_audit',
  'syscall',
];
const LEGEND: readonly Source[] = SOURCES;
const seriesOf = (source: Source): Series => {
  const { letter, cls } = SOURCE_MARK[source];
  const patterned = cls === 'audit' || cls === 'node' || cls === 'fim';
  return {
    key: source,
    label: source,
    letter,
    cls,
    fill: patterned ? `url(#p-${cls})` : `var(--fill-${cls})`,
  };
};

export function HistogramPanel() {
  const { scope } = useScope();
  const query = useQuery(histogramQuery(scope));
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const [table, setTable] = useState(false);
  useShortcuts({ t: () => setTable(!table) });
  const totals = totalsOf(query.data);
  const total = [...totals.values()].reduce((sum, n) => sum + n, 0);
  return (
    <QueryPanel
      title="Events by source"
      detail={query.data ? `${count(total)} · ${stepLabel(query.data.stepMs)}` : undefined}
      what="events"
      query={query}
      live
      skeleton={<div style={{ height: HEIGHT }} />}
      aside={
        query.data === undefined ? undefined : (
          <>
            <Legend series={LEGEND.map(seriesOf)} totals={totals} hidden={hidden} onHidden={setHidden} />
            <IconButton
              label={table ? 'Show chart (T)' : 'Show table (T)'}
              aria-pressed={table}
              onClick={() => setTable(!table)}
            >
              <Table2 className="i sm" aria-hidden="true" />
            </IconButton>
          </>
        )
      }
    >
      {(data) =>
        table ? <HistogramTable data={data} /> : <Chart data={data} hidden={hidden} total={total} />
      }
    </QueryPanel>
  );
}

function Chart({
  data,
  hidden,
  total,
}: {
  readonly data: Histogram;
  readonly hidden: ReadonlySet<string>;
  readonly total: number;
}) {
  const router = useRouter();
  const { scope, href, range } = useScope();
  // Only the marks: incidents change with every alert, and drawing the chart is the page's dearest work.
  const marksOf = useCallback(
    (page: { readonly rows: readonly IncidentRow[] }) => incidentMarks(page.rows, scope),
    [scope],
  );
  const marks = useQuery({ ...openIncidentsQuery(), select: marksOf }).data ?? [];
  const end = Date.parse(scope.to);
  const bins = data.bins.map((bin) => {
    const time = Date.parse(bin.time);
    return {
      time,
      values: STACK.map((source) => bin.bySource[SOURCES.indexOf(source)] ?? 0),
      partial: range.kind === 'relative' && time + data.stepMs > end,
    };
  });
  return (
    <StackedBars
      series={STACK.map(seriesOf)}
      hidden={hidden}
      bins={bins}
      stepMs={data.stepMs}
      gaps={data.gaps.map((gap) => ({ start: Date.parse(gap.start), end: Date.parse(gap.end) }))}
      marks={marks}
      height={HEIGHT}
      label={`${count(total)} events by source, ${stepLabel(data.stepMs)}. Press T for a table.`}
      onBin={(time) => {
        const query = new URLSearchParams({
          from: new Date(time).toISOString(),
          to: new Date(time + data.stepMs).toISOString(),
        });
        const shown = STACK.filter((source) => !hidden.has(source));
        if (shown.length < STACK.length) for (const source of shown) query.append('f.source', source);
        router.push(href(`/events?${query}`));
      }}
    />
  );
}

/** Labels closer than a third of the range would overlap on a phone: the more urgent one stays. */
function incidentMarks(incidents: readonly IncidentRow[], scope: Scope) {
  const distance = (Date.parse(scope.to) - Date.parse(scope.from)) * 0.35;
  const marks: { readonly time: number; readonly label: string }[] = [];
  for (const incident of incidents.toSorted((a, b) => a.priority - b.priority)) {
    const time = Date.parse(incident.firstEventAt);
    if (incident.firstEventAt < scope.from || incident.firstEventAt >= scope.to) continue;
    if (marks.some((mark) => Math.abs(mark.time - time) < distance)) continue;
    marks.push({ time, label: `INC-${incident.id} starts ${clockUtc(incident.firstEventAt).slice(0, 5)}` });
  }
  return marks;
}

function totalsOf(data: Histogram | undefined): ReadonlyMap<string, number> {
  return new Map(
    SOURCES.map((source, index) => [
      source,
      (data?.bins ?? []).reduce((sum, bin) => sum + (bin.bySource[index] ?? 0), 0),
    ]),
  );
}
