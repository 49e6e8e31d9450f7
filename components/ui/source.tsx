import type { Source } from '../../core/events/event.ts';

/** Letter, colour class and chart pattern of a source; letter and pattern are the second cue. */
export const SOURCE_MARK: Record<Source, { readonly letter: string; readonly cls: string }> = {
  syscall: { letter: 'S', cls: 'syscall' },
  k8s_audit: { letter: 'K', cls: 'audit' },
  node_log: { letter: 'N', cls: 'node' },
  file_integrity: { letter: 'F', cls: 'fim' },
  posture: { letter: 'P', cls: 'posture' },
  resources: { letter: 'R', cls: 'resources' },
  pod_log: { letter: 'L', cls: 'pod-log' },
};

/** Boxed letter of a source; `name` prints the full name beside it. */
export function SourceBadge({ source, name }: { readonly source: Source; readonly name?: boolean }) {
  const { letter, cls } = SOURCE_MARK[source];
  return (
    <span className={`src ${cls}`} title={source}>
      <b aria-hidden={name ? true : undefined}>{letter}</b>
      {name ? <span>{source}</span> : <span className="vh">{source}</span>}
    </span>
  );
}

/** SVG patterns for chart fills (`f-audit` …); rendered once, in the dashboard layout. */
export function ChartPatterns() {
  const square = { width: 4, height: 4, patternUnits: 'userSpaceOnUse' } as const;
  return (
    <svg width="0" height="0" style={{ position: 'absolute' }} aria-hidden="true">
      <defs>
        <pattern id="p-audit" {...square} patternTransform="rotate(45)">
          <rect width="4" height="4" fill="var(--fill-audit)" />
          <path d="M0 0v4" stroke="var(--surface)" strokeWidth="1.3" opacity=".55" />
        </pattern>
        <pattern id="p-fim" {...square}>
          <rect width="4" height="4" fill="var(--fill-fim)" />
          <circle cx="2" cy="2" r=".9" fill="var(--surface)" opacity=".7" />
        </pattern>
        <pattern id="p-node" {...square}>
          <rect width="4" height="4" fill="var(--fill-node)" />
          <path d="M0 1h4" stroke="var(--surface)" strokeWidth="1.2" opacity=".5" />
        </pattern>
        <pattern id="p-gap" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">
          <path d="M0 0v6" stroke="var(--line-ctl)" strokeWidth="1.2" />
        </pattern>
      </defs>
    </svg>
  );
}
