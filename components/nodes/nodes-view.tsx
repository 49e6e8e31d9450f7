'use client';

import { useQuery } from '@tanstack/react-query';
import Link from 'next/link';
import type { ClusterStatus, NodeList, NodeRow } from '../../core/wire/cluster.ts';
import { nodesQuery } from '../api/cluster-queries.ts';
import { QueryPanel } from '../api/query-panel.tsx';
import { CollectMenu } from '../commands/collect-menu.tsx';
import { useScope } from '../shell/scope.tsx';
import { Tag } from '../ui/chip.tsx';
import { count, duration } from '../ui/format.ts';
import { EmptyState } from '../ui/message.tsx';
import { Severity, SeverityShape } from '../ui/severity.tsx';
import { NodeAction } from './node-action.tsx';

/** Every node: what the API server says, what the agent on it says, and the way to cordon it. */
export function NodesView() {
  const query = useQuery(nodesQuery());
  return (
    <>
      {query.data ? <ClusterNotice cluster={query.data.cluster} /> : null}
      <QueryPanel
        title="Nodes"
        detail={query.data?.nodes.length}
        what="nodes"
        query={query}
        live
        className="scroll-x"
      >
        {(data) =>
          data.nodes.length === 0 ? (
            <EmptyState>
              No node is known. Nodes appear once the Kubernetes API can be read or an agent reports.
            </EmptyState>
          ) : (
            <NodeTable data={data} />
          )
        }
      </QueryPanel>
    </>
  );
}

function ClusterNotice({ cluster }: { readonly cluster: ClusterStatus }) {
  if (cluster.reachable) return null;
  return (
    <section className="att plain" aria-label="Kubernetes API">
      <SeverityShape priority={cluster.configured ? 3 : 4} label size={16} />
      <p>
        <b>
          {cluster.configured
            ? 'The Kubernetes API cannot be reached.'
            : 'The Kubernetes API is not configured.'}
        </b>{' '}
        <span className="t2">
          {[cluster.error, cluster.help].filter((part) => part !== null).join(' ')} Nodes are listed as the
          agents report them; cordon and uncordon are off.
        </span>
      </p>
    </section>
  );
}

function NodeTable({ data }: { readonly data: NodeList }) {
  return (
    <table className="cards">
      <thead>
        <tr>
          <th scope="col">Node</th>
          <th scope="col">State</th>
          <th scope="col">Agent</th>
          <th scope="col">Alerts</th>
          <th scope="col" className="r">
            Pods
          </th>
          <th scope="col">Kubelet</th>
          <th scope="col" className="hide-m">
            Kernel
          </th>
          <th scope="col">Address</th>
          <th scope="col">Age</th>
          <th scope="col">
            <span className="vh">Action</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {data.nodes.map((node) => (
          <NodeLine key={node.name} node={node} cluster={data.cluster} />
        ))}
      </tbody>
    </table>
  );
}

function NodeLine({ node, cluster }: { readonly node: NodeRow; readonly cluster: ClusterStatus }) {
  const { href, now } = useScope();
  return (
    <tr>
      <td data-label="Node">
        <Link prefetch={false} href={href(`/events?f.node=${encodeURIComponent(node.name)}`)}>
          {node.name}
        </Link>
      </td>
      <td data-label="State">
        <span className="row-gap">
          <ReadyState ready={node.ready} />
          {node.unschedulable ? <Tag title="No new pods are scheduled here">cordoned</Tag> : null}
        </span>
      </td>
      <td data-label="Agent">
        <AgentState state={node.agentState} />
      </td>
      <td data-label="Alerts">
        {node.alerts === 0 ? (
          <span className="muted">0</span>
        ) : (
          <span className="row-gap">
            {node.highestPriority === null ? null : <Severity priority={node.highestPriority} />}
            <span className="num">{count(node.alerts)}</span>
          </span>
        )}
      </td>
      <td data-label="Pods" className="r num">
        {count(node.pods)}
      </td>
      <td data-label="Kubelet">{node.kubeletVersion ?? '–'}</td>
      <td data-label="Kernel" className="hide-m" title={node.osImage ?? undefined}>
        {node.kernelVersion ?? '–'}
      </td>
      <td data-label="Address" className="mono">
        {node.internalIp ?? '–'}
      </td>
      <td data-label="Age" className="num">
        {node.createdAt === null ? '–' : duration(now.getTime() - Date.parse(node.createdAt))}
      </td>
      <td className="r">
        <span className="row-gap end">
          {node.agentState === 'none' ? null : (
            <CollectMenu targets={[{ kind: 'node', name: node.name }]} node={node.name} label={node.name} />
          )}
          <NodeAction node={node} cluster={cluster} />
        </span>
      </td>
    </tr>
  );
}

function ReadyState({ ready }: { readonly ready: boolean | null }) {
  if (ready === null) return <span className="muted">Unknown</span>;
  if (ready) return <span>Ready</span>;
  return (
    <span className="row-gap">
      <SeverityShape priority={3} label />
      Not ready
    </span>
  );
}

/** Words for the agent's state; only trouble has a shape. */
export function AgentState({ state }: { readonly state: NodeRow['agentState'] }) {
  if (state === 'healthy') return <span>Healthy</span>;
  if (state === 'none') return <span className="muted">No agent</span>;
  return (
    <span className="row-gap">
      <SeverityShape priority={state === 'silent' ? 3 : 4} label />
      {state === 'silent' ? 'Silent' : 'Degraded'}
    </span>
  );
}
