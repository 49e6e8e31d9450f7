import { useMutation, useQueryClient } from '@tanstack/react-query';
import { z } from 'zod';
import type { PatchIncident } from '../../core/wire/incidents.ts';
import { describeError } from '../api/api-error.ts';
import { fetchJson, fetchVoid } from '../api/fetch-json.ts';
import { incidentKeys } from '../api/incident-queries.ts';
import { useToast } from '../ui/toast.tsx';

/** Changes one incident; every change is a line of its timeline. */
export function useIncidentChange(id: number) {
  const queries = useQueryClient();
  const toast = useToast();
  return useMutation({
    mutationFn: (body: PatchIncident) =>
      fetchJson(z.unknown(), `/api/v1/incidents/${id}`, { method: 'PATCH', body }),
    onError: (err) => toast({ title: 'The incident was not changed', detail: describeError(err).message }),
    onSettled: () => queries.invalidateQueries({ queryKey: incidentKeys.all }),
  });
}

export function useAddNote(id: number, onAdded: () => void) {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (text: string) =>
      fetchVoid(`/api/v1/incidents/${id}/notes`, { method: 'POST', body: { text } }),
    onSuccess: onAdded,
    onSettled: () => queries.invalidateQueries({ queryKey: incidentKeys.detail(id) }),
  });
}
