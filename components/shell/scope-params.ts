/** What the URL says about time: relative stays relative until the user freezes it. */
export type TimeRange =
  | { readonly kind: 'relative'; readonly token: string }
  | { readonly kind: 'absolute'; readonly from: string; readonly to: string };

export const PRESETS = [
  { token: '15m', label: 'Last 15 minutes' },
  { token: '1h', label: 'Last hour' },
  { token: '6h', label: 'Last 6 hours' },
  { token: '24h', label: 'Last 24 hours' },
  { token: '7d', label: 'Last 7 days' },
  { token: '30d', label: 'Last 30 days' },
] as const;
export const DEFAULT_RANGE = '6h';

const UNIT_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const UNIT_WORD = { m: 'minute', h: 'hour', d: 'day' } as const;
const RELATIVE = /^([1-9]\d{0,3})([mhd])$/;
const SPAN_MS_MAX = 90 * UNIT_MS.d;

/** Length of a relative token such as `6h`; undefined when it is malformed or longer than 90 days. */
export function relativeMs(token: string): number | undefined {
  const match = RELATIVE.exec(token);
  if (!match) return undefined;
  const ms = Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS];
  return ms <= SPAN_MS_MAX ? ms : undefined;
}

/** Reads the range of a URL; anything malformed becomes the default. */
export function readRange(params: URLSearchParams): TimeRange {
  const from = isoOf(params.get('from'));
  const to = isoOf(params.get('to'));
  if (from !== undefined && to !== undefined && from < to) return { kind: 'absolute', from, to };
  const token = params.get('range') ?? DEFAULT_RANGE;
  return { kind: 'relative', token: relativeMs(token) === undefined ? DEFAULT_RANGE : token };
}

/** Bounds of a range at a moment. */
export function resolveRange(range: TimeRange, now: Date): { readonly from: string; readonly to: string } {
  if (range.kind === 'absolute') return { from: range.from, to: range.to };
  const ms = relativeMs(range.token) ?? UNIT_MS.h * 6;
  return { from: new Date(now.getTime() - ms).toISOString(), to: now.toISOString() };
}

/** The same length before or after, as `[` and `]` do; a relative range becomes absolute. */
export function shiftRange(range: TimeRange, now: Date, direction: -1 | 1): TimeRange {
  const { from, to } = resolveRange(range, now);
  const ms = (Date.parse(to) - Date.parse(from)) * direction;
  const at = (iso: string) => new Date(Date.parse(iso) + ms).toISOString();
  return { kind: 'absolute', from: at(from), to: at(to) };
}

export function rangeLabel(range: TimeRange): string {
  if (range.kind === 'absolute') return 'Custom';
  const preset = PRESETS.find((candidate) => candidate.token === range.token);
  if (preset) return preset.label;
  const match = RELATIVE.exec(range.token);
  const unit = UNIT_WORD[(match?.[2] ?? 'h') as keyof typeof UNIT_WORD];
  return `Last ${match?.[1]} ${unit}${match?.[1] === '1' ? '' : 's'}`;
}

const two = (n: number) => String(n).padStart(2, '0');

/** `21:06–03:06 UTC`, with dates once the range is longer than a day. */
export function boundsLabel({ from, to }: { readonly from: string; readonly to: string }): string {
  const long = Date.parse(to) - Date.parse(from) > UNIT_MS.d;
  const text = (iso: string) => {
    const date = new Date(iso);
    const clock = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}`;
    return long ? `${iso.slice(5, 10)} ${clock}` : clock;
  };
  return `${text(from)}–${text(to)} UTC`;
}

/** Parameters that stand for a range; null removes one. */
export function rangeParams(range: TimeRange): Record<'range' | 'from' | 'to', string | null> {
  if (range.kind === 'absolute') return { range: null, from: range.from, to: range.to };
  return { range: range.token === DEFAULT_RANGE ? null : range.token, from: null, to: null };
}

function isoOf(text: string | null): string | undefined {
  if (text === null || text === '') return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}
