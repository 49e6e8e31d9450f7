'use client';

import { Circle, Pause } from 'lucide-react';
import { useSetPaused, useStream } from '../api/stream.tsx';
import { clockUtc, count, duration } from '../ui/format.ts';
import { SeverityShape } from '../ui/severity.tsx';

/** Shows how far the page is behind the cluster, and pauses it. */
export function LiveToggle() {
  const { phase, lagMs, lastAt, pending } = useStream();
  const setPaused = useSetPaused();
  const paused = phase === 'paused';
  const lag = lagMs == null ? lagMs : lagMs < 10_000 ? `${(lagMs / 1_000).toFixed(1)} s` : duration(lagMs);
  return (
    <button
      type="button"
      className="live"
      aria-pressed={!paused}
      title={paused ? 'Resume live updates (Space)' : 'Pause live updates (Space)'}
      onClick={() => setPaused(!paused)}
    >
      {phase === 'live' ? (
        <>
          <i className="dot" />
          <span>Live</span>
          {lag === undefined ? null : (
            <span className="muted num">{lag === null ? 'no agent reports' : `${lag} behind`}</span>
          )}
        </>
      ) : phase === 'behind' ? (
        <>
          <SeverityShape priority={4} label />
          <span>Live</span>
          <span className="muted num">{lag} behind</span>
        </>
      ) : phase === 'paused' ? (
        <>
          <Pause className="i sm" aria-hidden="true" />
          <span>Paused</span>
          <span className="muted num">
            {count(pending)} new {pending === 1 ? 'event' : 'events'}
          </span>
        </>
      ) : (
        <>
          <Circle className="i sm" aria-hidden="true" />
          <span>{phase === 'connecting' ? 'Connecting' : 'Reconnecting'}</span>
          {lastAt === null ? null : <span className="muted num">last update {clockUtc(lastAt)}</span>}
        </>
      )}
    </button>
  );
}
