'use client';

import { useQueryClient } from '@tanstack/react-query';
import { fetchVoid } from '../api/fetch-json.ts';

/** Ends the session and forgets everything the page had loaded. */
export function useSignOut(): () => void {
  const queries = useQueryClient();
  return () => {
    fetchVoid('/api/v1/logout', { method: 'POST' }).finally(() => {
      queries.clear();
      window.location.assign('/login');
    });
  };
}
