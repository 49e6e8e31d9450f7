'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { useState } from 'react';
import { kpisQuery, overviewQuery } from '../api/overview-queries.ts';
import { QueryPanel } from '../api/query-panel.tsx';
import { useScope } from '../shell/scope.tsx';
import { ScopeEmpty } from '../shell/scope-empty.tsx';
import { count } from '../ui/format.ts';
import { Segmented } from '../ui/segmented.tsx';
import { Severity } from '../ui/severity.tsx';

const ROWS = 7;
const ORDERS = [
  { value: 'severity', label: 'Severity' },
  { value: 'count', label: 'Count' },
] as const;

export function TopRules() {
  const { scope, href } = useScope();
  const query = useQuery(overviewQuery(scope));
  const [order, setOrder] = useState<'severity' | 'count'>('severity');
  const rules = (query.data?.topRules ?? []).toSorted((a, b) =>
    order === 'severity' ? a.priority - b.priority || b.count - a.count : b.count - a.count,
  );
  // The list is cut off, so its own sum would contradict the tile.
  const hits = useQuery(kpisQuery(scope)).data?.tiles.find((tile) => tile.key === 'rule_hits')?.value;
  const most = Math.max(1, ...rules.map((rule) => rule.count));
  return (
    <QueryPanel
      title="Top rules"
      detail={hits === undefined ? undefined : `${count(hits)} ${hits === 1 ? 'hit' : 'hits'}`}
      what="rules"
      query={query}
      live
      aside={<Segmented label="Sort rules" options={ORDERS} value={order} onChange={setOrder} />}
    >
      {() =>
        rules.length === 0 ? (
          <ScopeEmpty what="No rule matched" />
        ) : (
          <table>
            <tbody>
              {rules.slice(0, ROWS).map((rule) => (
                <tr key={rule.rule}>
                  <td className="w-sev">
                    <Severity priority={rule.priority} />
                  </td>
                  <td className="el wide" title={rule.rule}>
                    <Link
                      prefetch={false}
                      className="plain"
                      href={href(`/events?f.rule=${encodeURIComponent(rule.rule)}`)}
                    >
                      {rule.rule}
                    </Link>
                  </td>
                  <td className="hide-s w-bar">
                    <span className="bar1" style={{ width: `${(rule.count / most) * 100}%` }} />
                  </td>
                  <td className="r num">{count(rule.count)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        )
      }
    </QueryPanel>
  );
}
