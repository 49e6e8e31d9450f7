'use client';

import { useQueryClient } from '@tanstack/react-query';
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useState,
  useSyncExternalStore,
} from 'react';
import type { EventRow } from '../../core/wire/events.ts';
import { actionKeys } from './action-queries.ts';
import { clusterKeys } from './cluster-queries.ts';
import { incidentKeys } from './incident-queries.ts';
import { type Changed, StreamClient, type StreamPhase, type StreamState } from './stream-client.ts';

const StreamContext = createContext<StreamClient | undefined>(undefined);

/** Opens the stream and refetches what it says has changed; events are refetched by the scope clock. */
export function StreamProvider({ children }: { readonly children: ReactNode }) {
  const [client] = useState(() => new StreamClient());
  const queries = useQueryClient();
  useEffect(() => {
    const stop = client.onChanged((message) => {
      for (const queryKey of changedKeys(message)) void queries.invalidateQueries({ queryKey });
    });
    client.open();
    return () => {
      stop();
      client.close();
    };
  }, [client, queries]);
  return <StreamContext.Provider value={client}>{children}</StreamContext.Provider>;
}

/** Connection state of the live stream. Draws again with every message: most want the phase alone. */
export function useStream(): StreamState {
  const client = useStreamClient();
  return useSyncExternalStore(client.watch, client.getState, client.getStartState);
}

export function useStreamPhase(): StreamPhase {
  const client = useStreamClient();
  return useSyncExternalStore(
    client.watch,
    () => client.getState().phase,
    () => client.getStartState().phase,
  );
}

/** The switch that pauses the stream. */
export function useSetPaused(): (paused: boolean) => void {
  const client = useStreamClient();
  return useCallback((paused) => client.setPaused(paused), [client]);
}

/** Calls `listener` with new feed rows, newest last; it must be stable (useCallback). */
export function useFeed(listener: (feed: { rows: readonly EventRow[]; skipped: number }) => void): void {
  const client = useStreamClient();
  useEffect(() => client.onFeed(listener), [client, listener]);
}

/** Calls `listener` whenever the server reports a change; it must be stable. */
export function useChanged(listener: (message: Changed) => void): void {
  const client = useStreamClient();
  useEffect(() => client.onChanged(listener), [client, listener]);
}

function useStreamClient(): StreamClient {
  const client = useContext(StreamContext);
  if (!client) throw new Error('useStream stands outside of StreamProvider');
  return client;
}

function changedKeys(message: Changed): readonly (readonly unknown[])[] {
  return message.what.flatMap((what): readonly (readonly unknown[])[] => {
    if (what === 'incidents') {
      const { incidentId } = message;
      const lists = [incidentKeys.open, ['incidents', 'list']];
      return [...lists, incidentId === undefined ? ['incidents', 'detail'] : incidentKeys.detail(incidentId)];
    }
    if (what === 'actions') return [actionKeys.all, clusterKeys.nodes, clusterKeys.pods];
    if (what === 'agents') return [clusterKeys.agents, clusterKeys.nodes];
    if (what === 'cluster') return [['cluster']];
    return [];
  });
}
