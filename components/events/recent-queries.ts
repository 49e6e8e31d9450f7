import { useCallback, useSyncExternalStore } from 'react';

const KEY = 'eyrie.events.recent';
const KEPT_MAX = 8;
const CHARS_MAX = 2_048;

/** The list after a query was run: newest first, no repeats, no empty ones. */
export function addRecent(recent: readonly string[], query: string): string[] {
  const text = query.trim();
  if (text === '' || text.length > CHARS_MAX) return [...recent];
  return [text, ...recent.filter((one) => one !== text)].slice(0, KEPT_MAX);
}

/** Stored queries; anything that is not a list of short strings counts as none. */
export function readRecent(stored: string | null): string[] {
  try {
    const value: unknown = JSON.parse(stored ?? '[]');
    if (!Array.isArray(value)) return [];
    return value
      .filter((one): one is string => typeof one === 'string' && one.length <= CHARS_MAX)
      .slice(0, KEPT_MAX);
  } catch {
    return [];
  }
}

const watchers = new Set<() => void>();
const NONE: readonly string[] = [];
let cache: { readonly stored: string | null; readonly list: readonly string[] } = {
  stored: null,
  list: NONE,
};

/** Queries run in this browser, newest first. */
export function useRecentQueries(): readonly [readonly string[], (query: string) => void] {
  const list = useSyncExternalStore(watch, snapshot, () => NONE);
  const add = useCallback((query: string) => {
    try {
      localStorage.setItem(KEY, JSON.stringify(addRecent(snapshot(), query)));
    } catch {
      // Storage can be full or forbidden; recent queries are a convenience.
    }
    for (const notify of watchers) notify();
  }, []);
  return [list, add];
}

function watch(notify: () => void): () => void {
  watchers.add(notify);
  window.addEventListener('storage', notify);
  return () => {
    watchers.delete(notify);
    window.removeEventListener('storage', notify);
  };
}

function snapshot(): readonly string[] {
  let stored: string | null = null;
  try {
    stored = localStorage.getItem(KEY);
  } catch {
    // Treated as empty, see above.
  }
  if (stored !== cache.stored) cache = { stored, list: readRecent(stored) };
  return cache.list;
}
