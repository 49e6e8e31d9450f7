import clsx from 'clsx';
import { priorityName } from '../../core/events/priority.ts';

const CODES = ['EMRG', 'ALRT', 'CRIT', 'ERR', 'WARN', 'NOTE', 'INFO', 'DBUG'] as const;
const level = (priority: number) => (priority >= 0 && priority <= 7 ? priority : 7);

/** Shape of a priority alone; give `label` where no text beside it says the word. */
export function SeverityShape({
  priority,
  label,
  size,
}: {
  readonly priority: number;
  readonly label?: boolean;
  readonly size?: number;
}) {
  const n = level(priority);
  const shared = {
    className: clsx('shp', `s${n}`),
    viewBox: '0 0 16 16',
    ...(size === undefined ? {} : { style: { width: size, height: size } }),
  };
  return label ? (
    <svg {...shared} role="img" aria-label={priorityName(n)}>
      {SHAPES[n]}
    </svg>
  ) : (
    <svg {...shared} aria-hidden="true">
      {SHAPES[n]}
    </svg>
  );
}

/** Shape and code (tables), or shape and full name (`full`, headers). */
export function Severity({ priority, full }: { readonly priority: number; readonly full?: boolean }) {
  const n = level(priority);
  const name = priorityName(n);
  return (
    <span className={clsx('sev', `s${n}`)}>
      <SeverityShape priority={n} />
      {full ? <span>{name}</span> : <abbr title={name}>{CODES[n]}</abbr>}
    </span>
  );
}

const mark = { stroke: 'var(--surface)', strokeWidth: 1.8, strokeLinecap: 'round' } as const;
const SHAPES = [
  <g key="0">
    <path fill="currentColor" d="M5 1h6l4 4v6l-4 4H5l-4-4V5z" />
    <path {...mark} d="M8 4.4v4M8 11.4v.2" />
  </g>,
  <g key="1">
    <path fill="currentColor" d="M8 .6 15.4 8 8 15.4.6 8z" />
    <path {...mark} d="M8 5v3.4M8 10.9v.2" />
  </g>,
  <path key="2" fill="currentColor" d="M8 1.2 15.2 14H.8z" />,
  <path key="3" fill="currentColor" d="M2 2h12v12H2z" />,
  <path
    key="4"
    fill="none"
    stroke="currentColor"
    strokeWidth="1.7"
    strokeLinejoin="round"
    d="M8 2.2 14.2 13.2H1.8z"
  />,
  <g key="5">
    <circle cx="8" cy="8" r="5.4" fill="none" stroke="currentColor" strokeWidth="1.7" />
    <circle cx="8" cy="8" r="2.2" fill="currentColor" />
  </g>,
  <circle key="6" cx="8" cy="8" r="5.2" fill="none" stroke="currentColor" strokeWidth="1.6" />,
  <path key="7" stroke="currentColor" strokeWidth="1.8" strokeLinecap="round" d="M4 8h8" />,
];
