'use client';

import { useSearchParams } from 'next/navigation';
import {
  createContext,
  type ReactNode,
  useCallback,
  useContext,
  useEffect,
  useMemo,
  useRef,
  useState,
} from 'react';
import type { Scope } from '../../core/wire/events.ts';
import { useChanged, useStreamPhase } from '../api/stream.tsx';
import { rangeParams, readRange, resolveRange, type TimeRange } from './scope-params.ts';
import { useUrlParams } from './url-params.ts';

/** Least time between two refetches of the whole page while events stream in. */
const STEP_MS_MIN = 5_000;
/** The window moves on even when nothing happens. */
const STEP_MS_IDLE = 30_000;

const NowContext = createContext<{ readonly now: Date; readonly advance: () => void } | undefined>(undefined);

/**
 * One clock for every relative range on the page, so that all panels count the same window.
 * It steps when events arrive (at most every 5 s), every 30 s otherwise, and stands while paused.
 */
export function ScopeClock({ start, children }: { readonly start: string; readonly children: ReactNode }) {
  const [now, setNow] = useState(() => new Date(start));
  const phase = useStreamPhase();
  const due = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const steppedAt = useRef(0);
  const advance = useCallback(() => {
    clearTimeout(due.current);
    due.current = undefined;
    steppedAt.current = Date.now();
    setNow(new Date());
  }, []);
  const onChanged = useCallback(
    (message: { readonly what: readonly string[] }) => {
      if (phase === 'paused' || !message.what.includes('events') || due.current !== undefined) return;
      due.current = setTimeout(advance, Math.max(0, steppedAt.current + STEP_MS_MIN - Date.now()));
    },
    [advance, phase],
  );
  useChanged(onChanged);
  useEffect(() => {
    // News that arrives while the page loads would throw its first answers away.
    if (steppedAt.current === 0) steppedAt.current = Date.now();
    if (phase === 'paused') return;
    const timer = setInterval(advance, STEP_MS_IDLE);
    return () => {
      clearInterval(timer);
      clearTimeout(due.current);
      due.current = undefined;
    };
  }, [advance, phase]);
  const value = useMemo(() => ({ now, advance }), [now, advance]);
  return <NowContext.Provider value={value}>{children}</NowContext.Provider>;
}

export type ScopeState = {
  /** Resolved bounds and namespaces; `q` and `facets` are empty, Events adds its own. */
  readonly scope: Scope;
  readonly range: TimeRange;
  readonly namespaces: readonly string[];
  /** The range follows the present and is not paused. */
  readonly live: boolean;
  readonly now: Date;
  /** Steps the clock at once: "3 new, show". */
  readonly advance: () => void;
  readonly setRange: (range: TimeRange) => void;
  readonly setNamespaces: (namespaces: readonly string[]) => void;
  /** A link that keeps time range and namespaces; the query of `path` is kept and wins. */
  readonly href: (path: string) => string;
};

/** Time range and namespaces of the URL. */
export function useScope(): ScopeState {
  const clock = useContext(NowContext);
  if (!clock) throw new Error('useScope stands outside of ScopeClock');
  const search = useSearchParams();
  const { update } = useUrlParams();
  const phase = useStreamPhase();
  const { now, advance } = clock;
  return useMemo(() => {
    const range = readRange(search);
    const namespaces = search
      .getAll('ns')
      .filter((ns) => ns !== '' && ns.length <= 253)
      .slice(0, 50);
    return {
      scope: { ...resolveRange(range, now), ns: namespaces, q: '', facets: {} },
      range,
      namespaces,
      live: range.kind === 'relative' && phase !== 'paused',
      now,
      advance,
      setRange: (next) => update(rangeParams(next)),
      setNamespaces: (next) => update({ ns: next }),
      href: (path) => scopedHref(path, search),
    };
  }, [search, now, advance, phase, update]);
}

/** Adds the scope parameters of `current` to a path that does not set them itself. */
export function scopedHref(path: string, current: URLSearchParams): string {
  const [pathname = '/', query = ''] = path.split('?', 2);
  const next = new URLSearchParams(query);
  const hasRange = next.has('range') || next.has('from');
  for (const key of ['range', 'from', 'to', 'ns']) {
    if (next.has(key) || (hasRange && key !== 'ns')) continue;
    for (const value of current.getAll(key)) next.append(key, value);
  }
  const text = next.toString();
  return text === '' ? pathname : `${pathname}?${text}`;
}
