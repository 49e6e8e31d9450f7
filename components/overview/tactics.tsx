'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import { overviewQuery } from '../api/overview-queries.ts';
import { QueryPanel } from '../api/query-panel.tsx';
import { useScope } from '../shell/scope.tsx';
import { rangeLabel } from '../shell/scope-params.ts';
import { count } from '../ui/format.ts';
import { SeverityShape } from '../ui/severity.tsx';
import { TACTICS, tacticKey } from './tactic-names.ts';

/** How many events carry each tactic, with the worst priority among them. */
export function Tactics() {
  const { scope, range, href } = useScope();
  const query = useQuery(overviewQuery(scope));
  return (
    <QueryPanel
      title="MITRE ATT&CK tactics"
      detail={`events tagged, ${range.kind === 'absolute' ? 'chosen time range' : rangeLabel(range).toLowerCase()}`}
      what="tactics"
      query={query}
      live
      className="low"
      skeleton={<div style={{ height: 62 }} />}
    >
      {(data) => {
        const found = new Map(data.tactics.map((tactic) => [tacticKey(tactic.tactic), tactic]));
        return (
          <div className="mitre">
            {TACTICS.map(([key, name]) => {
              const tactic = found.get(key);
              const n = tactic?.count ?? 0;
              return (
                <Link
                  prefetch={false}
                  key={key}
                  className={n === 0 ? 'z' : undefined}
                  href={href(`/events?f.tactic=${encodeURIComponent(tactic?.tactic ?? key)}`)}
                >
                  <b>
                    {count(n)}
                    {tactic?.priority == null ? null : <SeverityShape priority={tactic.priority} label />}
                  </b>
                  <span>{name}</span>
                </Link>
              );
            })}
          </div>
        );
      }}
    </QueryPanel>
  );
}
