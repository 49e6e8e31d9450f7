import type { EventDetail } from '../../core/wire/events.ts';
import { SeverityShape } from '../ui/severity.tsx';
import { treePrefixes } from './tree-prefix.ts';

type Props = {
  readonly detail: EventDetail;
  readonly onOpen: (event: { id: string; time: string }) => void;
};

/** Who started it where that is known; oldest ancestor first, the event's own process marked, flagged children last. */
export function ProcessAncestry({ detail, onOpen }: Props) {
  const { ancestry } = detail;
  if (ancestry.length === 0) return null;
  const prefixes = treePrefixes(ancestry.map((one) => one.depth));
  return (
    <section className="sec">
      <h3>Process ancestry</h3>
      <StartedBy detail={detail} onOpen={onOpen} />
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

function StartedBy({ detail: { fields }, onOpen }: Props) {
  const { 'k8s.user': user, 'k8s.user.confidence': confidence, 'k8s.user.audit': audit } = fields;
  if (typeof user !== 'string') return null;
  const [id, time] = typeof audit === 'string' ? audit.split('@') : [];
  const ip = fields['k8s.user.ip'];
  return (
    <p className="t2">
      Started by kubectl exec of <b>{user}</b>
      {typeof ip === 'string' ? ` from ${ip}` : ''}, confidence {String(confidence)}
      {id === undefined || time === undefined ? null : (
        <>
          {'. '}
          <button type="button" className="mo" onClick={() => onOpen({ id, time })}>
            Audit event
          </button>
        </>
      )}
    </p>
  );
}
