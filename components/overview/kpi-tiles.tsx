'use client';

import { useQuery } from '@tanstack/react-query';
import { KPI_KEYS, type KpisReply } from '../../core/wire/overview.ts';
import { kpisQuery } from '../api/overview-queries.ts';
import { QueryError } from '../api/query-panel.tsx';
import { Sparkline } from '../charts/sparkline.tsx';
import { useScope } from '../shell/scope.tsx';
import { count } from '../ui/format.ts';
import { KpiTile } from '../ui/kpi-tile.tsx';
import { useDelayed } from '../ui/skeleton.tsx';
import { gapSpans } from './gap-spans.ts';

const LARGE = 4;

/** Four large numbers and the small ones; each opens the list of exactly those events. */
export function KpiTiles() {
  const { scope } = useScope();
  const query = useQuery(kpisQuery(scope));
  const late = useDelayed(query.isPending);
  if (query.data === undefined) {
    if (query.error !== null) {
      return (
        <section className="pn" aria-label="Key figures">
          <QueryError query={query} what="key figures" />
        </section>
      );
    }
    return (
      <div className="kpi-rows" role="status" style={late ? undefined : { visibility: 'hidden' }}>
        <span className="vh">Loading key figures</span>
        <Blocks className="kpis" tiles={LARGE} height={92} />
        <Blocks className="kpis m" tiles={KPI_KEYS.length - LARGE} height={52} />
      </div>
    );
  }
  return (
    <section className="kpi-rows" aria-label="Key figures" aria-busy={query.isPlaceholderData || undefined}>
      <TileRow className="kpis" tiles={query.data.tiles.slice(0, LARGE)} reply={query.data} />
      <TileRow className="kpis m" tiles={query.data.tiles.slice(LARGE)} reply={query.data} />
    </section>
  );
}

function TileRow({
  className,
  tiles,
  reply,
}: {
  readonly className: string;
  readonly tiles: KpisReply['tiles'];
  readonly reply: KpisReply;
}) {
  const { scope, href } = useScope();
  const gaps = gapSpans(reply.gaps, scope);
  return (
    <div className={className}>
      {tiles.map((tile) => (
        <KpiTile
          key={tile.key}
          label={tile.label}
          value={tile.value}
          previous={tile.previous}
          aboveNormal={tile.aboveNormal}
          priority={tile.priority}
          note={tile.rate === null ? undefined : `${(tile.rate * 100).toFixed(tile.rate < 0.01 ? 2 : 1)} %`}
          caption={captionOf(tile)}
          href={href(tile.filter)}
          chart={<Sparkline series={tile.series} band={tile.baseline} gaps={gaps} />}
        />
      ))}
    </div>
  );
}

/** None of the connections of a workload counts as anomalous while it has less than a day of history. */
function captionOf({ learning }: KpisReply['tiles'][number]): string | undefined {
  if (learning === null || learning.learning === 0) return undefined;
  return `learning: ${count(learning.learning)} of ${count(learning.workloads)} workloads`;
}

function Blocks(props: { readonly className: string; readonly tiles: number; readonly height: number }) {
  const { className, tiles, height } = props;
  return (
    <div className={className}>
      {KPI_KEYS.slice(0, tiles).map((i) => (
        <span key={i} className="sk" style={{ height }} />
      ))}
    </div>
  );
}
