import type { EventDetail } from '../../core/wire/events.ts';
import { count } from '../ui/format.ts';
import { SeverityShape } from '../ui/severity.tsx';
import { Time } from '../ui/time.tsx';

/** Connections of the same container around the event. */
export function NetworkBlock({ detail }: { readonly detail: EventDetail }) {
  if (detail.network.length === 0) return null;
  return (
    <section className="sec">
      <h3>
        Network <span className="ct">this container, ±5 min</span>
      </h3>
      <dl className="kv">
        {(['out', 'in'] as const).map((direction) => {
          const peers = detail.network.filter((one) => one.direction === direction);
          if (peers.length === 0) return null;
          return (
            <div key={direction} className="kvr">
              <dt>{direction === 'out' ? 'Outbound' : 'Inbound'}</dt>
              <dd>
                {peers.map((one) => (
                  <div key={`${one.peer}:${one.port}:${one.process}`} className="mono netl">
                    {one.priority < 6 ? <SeverityShape priority={one.priority} label /> : null}
                    <span>
                      {one.peer.includes(':') ? `[${one.peer}]` : one.peer}
                      {one.port === null ? '' : `:${one.port}`}
                    </span>
                    <span className="muted">
                      {one.process ?? ''}
                      {one.count > 1 ? ` ×${count(one.count)}` : ''}, last <Time iso={one.lastAt} />
                    </span>
                  </div>
                ))}
              </dd>
            </div>
          );
        })}
      </dl>
    </section>
  );
}
