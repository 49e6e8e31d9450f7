'use client';

import { useCallback, useEffect, useRef, useState } from 'react';
import type { EventRow } from '../../core/wire/events.ts';
import { useFeed } from '../api/stream.tsx';

const ROWS_MAX = 40;
const FLUSH_MS = 250;
const RATE_WINDOW_MS = 60_000;

export type LiveRows = {
  /** Newest first. */
  readonly rows: readonly EventRow[];
  readonly perMinute: number;
};

/** Rows that the stream brought since the page opened, at most four updates per second. */
export function useLiveRows(namespaces: readonly string[]): LiveRows {
  const [state, setState] = useState<LiveRows>({ rows: [], perMinute: 0 });
  const buffer = useRef<EventRow[]>([]);
  const arrivals = useRef<{ at: number; n: number }[]>([]);
  const onFeed = useCallback((feed: { rows: readonly EventRow[]; skipped: number }) => {
    buffer.current.push(...feed.rows);
    if (buffer.current.length > ROWS_MAX) buffer.current = buffer.current.slice(-ROWS_MAX);
    arrivals.current.push({ at: Date.now(), n: feed.rows.length + feed.skipped });
  }, []);
  useFeed(onFeed);
  const wanted = namespaces.join(',');
  useEffect(() => {
    const names = wanted === '' ? [] : wanted.split(',');
    const timer = setInterval(() => {
      const limit = Date.now() - RATE_WINDOW_MS;
      arrivals.current = arrivals.current.filter((arrival) => arrival.at >= limit);
      const perMinute = arrivals.current.reduce((sum, arrival) => sum + arrival.n, 0);
      const fresh = buffer.current
        .splice(0)
        .filter((row) => names.length === 0 || (row.namespace !== null && names.includes(row.namespace)));
      setState((old) => {
        if (fresh.length === 0) return old.perMinute === perMinute ? old : { ...old, perMinute };
        return { rows: [...fresh.reverse(), ...old.rows].slice(0, ROWS_MAX), perMinute };
      });
    }, FLUSH_MS);
    return () => clearInterval(timer);
  }, [wanted]);
  return state;
}
