import { queryOptions } from '@tanstack/react-query';
import { agentListSchema } from '../../core/wire/agents.ts';
import { clusterStatusSchema, nodeListSchema, podStateSchema } from '../../core/wire/cluster.ts';
import { fetchJson } from './fetch-json.ts';

const REFRESH_MS = 15_000;

export const clusterKeys = {
  status: ['cluster', 'status'] as const,
  nodes: ['cluster', 'nodes'] as const,
  pods: ['cluster', 'pods'] as const,
  pod: (namespace: string, name: string) => ['cluster', 'pods', namespace, name] as const,
  agents: ['agents'] as const,
};

export const clusterQuery = () =>
  queryOptions({
    queryKey: clusterKeys.status,
    queryFn: ({ signal }) => fetchJson(clusterStatusSchema, '/api/v1/cluster', { signal }),
    refetchInterval: REFRESH_MS * 4,
  });

export const nodesQuery = () =>
  queryOptions({
    queryKey: clusterKeys.nodes,
    queryFn: ({ signal }) => fetchJson(nodeListSchema, '/api/v1/nodes', { signal }),
    refetchInterval: REFRESH_MS,
  });

export const podQuery = (namespace: string, name: string) =>
  queryOptions({
    queryKey: clusterKeys.pod(namespace, name),
    queryFn: ({ signal }) =>
      fetchJson(podStateSchema, `/api/v1/pods/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`, {
        signal,
      }),
  });

/** Heartbeats come every 5 s; silence must show although no message announces it. */
export const agentsQuery = () =>
  queryOptions({
    queryKey: clusterKeys.agents,
    queryFn: ({ signal }) => fetchJson(agentListSchema, '/api/v1/agents', { signal }),
    refetchInterval: REFRESH_MS,
  });
