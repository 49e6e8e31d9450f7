'use client';

import { useCallback, useEffect, useRef, useState } from 'react';
import type { EventRow } from '../../core/wire/events.ts';
import { useFeed } from '../api/stream.tsx';

const ROWS_MAX = 40;
const RATE_STEP_MS = 1_000;
const RATE_WINDOW_MS = 60_000;

export type LiveRows = {
  /** Newest first. */
  readonly rows: readonly EventRow[];
  readonly perMinute: number;
};

/** Rows that the stream brought since the page opened. The server sends at most four batches a second. */
export function useLiveRows(namespaces: readonly string[]): LiveRows {
  const [rows, setRows] = useState<readonly EventRow[]>([]);
  const [perMinute, setPerMinute] = useState(0);
  const arrivals = useRef<{ at: number; n: number }[]>([]);
  const wanted = namespaces.join(',');
  const onFeed = useCallback(
    (feed: { rows: readonly EventRow[]; skipped: number }) => {
      arrivals.current.push({ at: Date.now(), n: feed.rows.length + feed.skipped });
      const names = wanted === '' ? [] : wanted.split(',');
      const fresh = feed.rows.filter(
        (row) => names.length === 0 || (row.namespace !== null && names.includes(row.namespace)),
      );
      if (fresh.length > 0) setRows((old) => [...fresh.reverse(), ...old].slice(0, ROWS_MAX));
    },
    [wanted],
  );
  useFeed(onFeed);
  useEffect(() => {
    const timer = setInterval(() => {
      const limit = Date.now() - RATE_WINDOW_MS;
      arrivals.current = arrivals.current.filter((arrival) => arrival.at >= limit);
      setPerMinute(arrivals.current.reduce((sum, arrival) => sum + arrival.n, 0));
    }, RATE_STEP_MS);
    return () => clearInterval(timer);
  }, []);
  return { rows, perMinute };
}
