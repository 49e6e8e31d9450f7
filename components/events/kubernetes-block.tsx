'use client';

import { useQuery } from '@tanstack/react-query';
import type { EventDetail } from '../../core/wire/events.ts';
import { QuarantineBadge } from '../actions/quarantine-badge.tsx';
import { useCanAct } from '../actions/use-can.ts';
import { podQuery } from '../api/cluster-queries.ts';
import { Tag } from '../ui/chip.tsx';
import { SeverityShape } from '../ui/severity.tsx';

/** Where it happened: stored facts of the event, and live state where the cluster can be asked. */
export function KubernetesBlock({ detail }: { readonly detail: EventDetail }) {
  const { row, image, serviceAccount } = detail;
  const hasPod = row.namespace !== null && row.pod !== null;
  const act = useCanAct();
  const pod = useQuery({ ...podQuery(row.namespace ?? '', row.pod ?? ''), enabled: hasPod && act.allowed });
  const facts: readonly (readonly [string, React.ReactNode])[] = [
    ['Pod', hasPod ? <PodName key="p" detail={detail} state={pod.data} /> : null],
    ['Namespace', !hasPod ? row.namespace : null],
    ['Workload', row.workload],
    [
      'Container',
      row.container === null && row.containerId === null ? null : (
        <ContainerName key="c" detail={detail} image={image} />
      ),
    ],
    [
      'Node',
      row.node === null ? null : (
        <NodeName key="n" name={row.node} cordoned={pod.data?.nodeUnschedulable === true} />
      ),
    ],
    ['Service account', serviceAccount],
    ['User', row.user],
  ];
  const known = facts.filter(([, value]) => value !== null);
  if (known.length === 0 && detail.enrichment !== 'failed') return null;
  return (
    <section className="sec">
      <h3>Kubernetes</h3>
      <dl className="kv">
        {known.map(([name, value]) => (
          <div key={name} className="kvr">
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
      {detail.enrichment === 'failed' ? (
        <p className="muted why">
          <SeverityShape priority={4} label /> The container’s metadata could not be looked up when this was
          recorded.
        </p>
      ) : null}
    </section>
  );
}

function PodName({
  detail,
  state,
}: {
  readonly detail: EventDetail;
  readonly state: Parameters<typeof QuarantineBadge>[0]['state'];
}) {
  const { namespace, pod } = detail.row;
  return (
    <span className="fxw">
      <span>
        {namespace}/{pod}
      </span>
      {state?.exists === false ? <Tag>gone</Tag> : null}
      <QuarantineBadge state={state} />
    </span>
  );
}

function ContainerName({ detail, image }: { readonly detail: EventDetail; readonly image: string | null }) {
  const { container, containerId } = detail.row;
  return (
    <>
      {container}
      {image === null ? null : (
        <>
          {container === null ? '' : ', '}
          <code>{image}</code>
        </>
      )}
      {containerId === null ? null : (
        <>
          {' '}
          <code className="muted" title={containerId}>
            {containerId.slice(0, 12)}
          </code>
        </>
      )}
    </>
  );
}

function NodeName({ name, cordoned }: { readonly name: string; readonly cordoned: boolean }) {
  return (
    <span className="fxw">
      {name}
      {cordoned ? <Tag>cordoned</Tag> : null}
    </span>
  );
}
