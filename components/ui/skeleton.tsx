'use client';

import { useEffect, useState } from 'react';

const SHOW_AFTER_MS = 150;

/** True once `active` has lasted 150 ms: answers faster than that show no skeleton. */
export function useDelayed(active: boolean): boolean {
  const [late, setLate] = useState(false);
  useEffect(() => {
    if (!active) {
      setLate(false);
      return;
    }
    const timer = setTimeout(() => setLate(true), SHOW_AFTER_MS);
    return () => clearTimeout(timer);
  }, [active]);
  return active && late;
}

/** Grey blocks in the geometry of the content; `what` is read to screen readers. */
export function SkeletonRows({
  rows,
  height = 20,
  what,
}: {
  readonly rows: number;
  readonly height?: number;
  readonly what: string;
}) {
  const late = useDelayed(true);
  return (
    <div className="skl" role="status" style={late ? undefined : { visibility: 'hidden' }}>
      <span className="vh">Loading {what}</span>
      {Array.from({ length: rows }, (_, i) => (
        <span key={i} className="sk" style={{ height }} />
      ))}
    </div>
  );
}
