'use client';

import { useSearchParams } from 'next/navigation';
import { useCallback } from 'react';

export type ParamPatch = Readonly<Record<string, string | readonly string[] | null>>;

/** Copy of `params` with the patch applied: null removes a key, a list repeats it. */
export function patchParams(params: URLSearchParams, patch: ParamPatch): URLSearchParams {
  const next = new URLSearchParams(params);
  for (const [key, value] of Object.entries(patch)) {
    next.delete(key);
    if (value === null) continue;
    for (const item of typeof value === 'string' ? [value] : value) next.append(key, item);
  }
  return next;
}

/**
 * Search parameters as state. Typing replaces history; deliberate steps (run, facet, brush) push it.
 * The update starts from the address bar, so several updates in one tick add up.
 */
export function useUrlParams() {
  const params = useSearchParams();
  const update = useCallback((patch: ParamPatch, mode: 'push' | 'replace' = 'push') => {
    const next = patchParams(new URLSearchParams(window.location.search), patch).toString();
    const url = `${window.location.pathname}${next === '' ? '' : `?${next}`}`;
    if (mode === 'push') window.history.pushState(null, '', url);
    else window.history.replaceState(null, '', url);
  }, []);
  return { params, update } as const;
}
