import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query';
import {
  type CommandParams,
  type CommandPreview,
  type CommandRow,
  commandPageSchema,
  commandPreviewSchema,
  commandRowSchema,
} from '../../core/wire/commands.ts';
import { actionKeys } from '../api/action-queries.ts';
import { fetchJson } from '../api/fetch-json.ts';
import type { CommandAsk } from './command-url.ts';
import { isOpen } from './command-words.ts';

const POLL_MS = 1_000;
/** Below the keys of actions, so that the stream's news of an action refreshes these too. */
const keys = {
  list: [...actionKeys.all, 'commands', 'list'] as const,
  one: (id: string) => [...actionKeys.all, 'commands', id] as const,
};

export const commandsQuery = () =>
  infiniteQueryOptions({
    queryKey: keys.list,
    queryFn: ({ pageParam, signal }) =>
      fetchJson(commandPageSchema, '/api/v1/commands', {
        query: new URLSearchParams(pageParam === null ? {} : { cursor: pageParam }),
        signal,
      }),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
  });

/** Bytes on their way are announced by nobody, so an open command is asked for each second. */
export const commandQuery = (id: string) =>
  queryOptions({
    queryKey: keys.one(id),
    queryFn: ({ signal }) =>
      fetchJson(commandRowSchema, `/api/v1/commands/${encodeURIComponent(id)}`, { signal }),
    refetchInterval: ({ state }) => (state.data === undefined || isOpen(state.data) ? POLL_MS : false),
  });

export const commandPreviewQuery = (ask: CommandAsk, params: CommandParams) =>
  queryOptions({
    queryKey: ['command-preview', ask, params],
    queryFn: ({ signal }): Promise<CommandPreview> =>
      fetchJson(commandPreviewSchema, '/api/v1/commands/preview', {
        method: 'POST',
        body: { ...bodyOf(ask), params },
        signal,
      }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
  });

export const requestCommand = (
  ask: CommandAsk,
  more: { params: CommandParams; token: string; reason: string; idempotencyKey: string },
): Promise<CommandRow> =>
  fetchJson(commandRowSchema, '/api/v1/commands', { method: 'POST', body: { ...bodyOf(ask), ...more } });

export const cancelCommand = (id: string): Promise<CommandRow> =>
  fetchJson(commandRowSchema, `/api/v1/commands/${encodeURIComponent(id)}/cancel`, {
    method: 'POST',
    body: {},
  });

const bodyOf = ({ kind, target, incidentId, undoOf }: CommandAsk) => ({
  kind,
  target,
  ...(incidentId === undefined ? {} : { incidentId }),
  ...(undoOf === undefined ? {} : { undoOf }),
});
