'use client';

import { HistogramPanel } from './histogram-panel.tsx';
import { KpiTiles } from './kpi-tiles.tsx';
import { LiveFeed } from './live-feed.tsx';
import { OpenIncidents } from './open-incidents.tsx';
import { Tactics } from './tactics.tsx';
import { TopRules } from './top-rules.tsx';
import { WorkloadsAtRisk } from './workloads-at-risk.tsx';

/** First page: how much, where, how bad, what is open, what happens now. */
export function Overview() {
  return (
    <>
      <KpiTiles />
      <div className="ov">
        <div className="ovl">
          <HistogramPanel />
          <Tactics />
          <div className="tri">
            <TopRules />
            <OpenIncidents />
          </div>
        </div>
        <div className="ovl">
          <WorkloadsAtRisk />
          <LiveFeed />
        </div>
      </div>
    </>
  );
}
