'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import type { OverviewReply } from '../../core/wire/overview.ts';
import { overviewQuery } from '../api/overview-queries.ts';
import { QueryPanel } from '../api/query-panel.tsx';
import { useScope } from '../shell/scope.tsx';
import { ScopeEmpty } from '../shell/scope-empty.tsx';
import { SeverityShape } from '../ui/severity.tsx';

const ROWS = 6;

export function WorkloadsAtRisk() {
  const { scope, href } = useScope();
  const query = useQuery(overviewQuery(scope));
  return (
    <QueryPanel
      title="Workloads at risk"
      what="workloads"
      query={query}
      live
      aside={<span className="muted small">score 0–100</span>}
    >
      {(data) =>
        data.workloads.length === 0 ? (
          <ScopeEmpty what="No workload has alerts" />
        ) : (
          <table>
            <tbody>
              {data.workloads.slice(0, ROWS).map((row) => (
                <tr key={`${row.namespace}/${row.workload}`}>
                  <td className="w-score">
                    <span className="score num">{Math.round(row.score)}</span>
                  </td>
                  <td className="w-shape">
                    <SeverityShape priority={row.priority} label />
                  </td>
                  <td className="el wide" title={`${row.namespace}/${row.workload}: ${row.reason}`}>
                    <Link prefetch={false} href={href(workloadEvents(row))}>
                      {row.namespace}/{row.workload.replace(/^[^/]*\//, '')}
                    </Link>{' '}
                    <span className="muted">
                      {row.reason}
                      {row.incidentId === null ? null : (
                        <>
                          ,{' '}
                          <Link prefetch={false} href={href(`/incidents/${row.incidentId}`)}>
                            INC-{row.incidentId}
                          </Link>
                        </>
                      )}
                    </span>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        )
      }
    </QueryPanel>
  );
}

/** The events that the score counts: alerts of this workload. */
function workloadEvents(row: OverviewReply['workloads'][number]): string {
  const query = new URLSearchParams({
    'f.namespace': row.namespace,
    'f.workload': row.workload,
    'f.rule': '*',
  });
  return `/events?${query}`;
}
