import { queryOptions } from '@tanstack/react-query';
import {
  type ActionRow,
  actionRowSchema,
  type ExecuteRequest,
  type Preview,
  previewSchema,
} from '../../core/wire/actions.ts';
import { fetchJson } from '../api/fetch-json.ts';
import type { ActionRequest } from './action-url.ts';

export type ActionOptions = { readonly allowDns: boolean };

/** A preview is a server dry run: always asked anew, never served from the cache of an earlier opening. */
export const previewQuery = (request: ActionRequest, options: ActionOptions) =>
  queryOptions({
    queryKey: ['preview', request, options],
    queryFn: ({ signal }): Promise<Preview> =>
      fetchJson(previewSchema, '/api/v1/actions/preview', {
        method: 'POST',
        body: bodyOf(request, options),
        signal,
      }),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    retry: false,
    refetchOnWindowFocus: false,
  });

export function executeAction(
  request: ActionRequest,
  options: ActionOptions,
  confirm: Pick<ExecuteRequest, 'token' | 'reason' | 'idempotencyKey'>,
): Promise<ActionRow> {
  return fetchJson(actionRowSchema, '/api/v1/actions', {
    method: 'POST',
    body: { ...bodyOf(request, options), ...confirm },
  });
}

export const undoAction = (id: string): Promise<ActionRow> =>
  fetchJson(actionRowSchema, `/api/v1/actions/${encodeURIComponent(id)}/undo`, { method: 'POST', body: {} });

/** Random UUID v4, also on plain-HTTP origins where `crypto.randomUUID` is absent. */
export function newIdempotencyKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

const bodyOf = (request: ActionRequest, options: ActionOptions) => ({
  action: request.action,
  target: request.target,
  options,
  ...(request.incidentId === undefined ? {} : { incidentId: request.incidentId }),
});
