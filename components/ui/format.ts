const two = (n: number) => String(n).padStart(2, '0');

/** `HH:MM:SS` UTC, with milliseconds when asked. */
export function clockUtc(iso: string, ms = false): string {
  const date = new Date(iso);
  const text = `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
  return ms ? `${text}.${String(date.getUTCMilliseconds()).padStart(3, '0')}` : text;
}

/** `YYYY-MM-DD HH:MM:SS UTC`. */
export function dateTimeUtc(iso: string): string {
  return `${new Date(iso).toISOString().slice(0, 10)} ${clockUtc(iso)} UTC`;
}

/** Two largest units: `16 min 18 s`, `3 h 41 min`, `2 d 1 h`. Units: milliseconds in. */
export function duration(ms: number): string {
  const s = Math.max(0, Math.floor(ms / 1_000));
  const parts: readonly (readonly [number, string])[] = [
    [Math.floor(s / 86_400), 'd'],
    [Math.floor(s / 3_600) % 24, 'h'],
    [Math.floor(s / 60) % 60, 'min'],
    [s % 60, 's'],
  ];
  const first = parts.findIndex(([n]) => n > 0);
  if (first < 0) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(([n]) => n > 0)
    .map(([n, unit]) => `${n} ${unit}`)
    .join(' ');
}

/** Largest unit only: `16 min`. */
export function age(ms: number): string {
  return duration(ms).split(' ').slice(0, 2).join(' ');
}

export const count = (n: number) => n.toLocaleString('en-US');

/** Decimal units: `5.9 MB`. */
export function bytes(n: number): string {
  const units = ['B', 'KB', 'MB', 'GB', 'TB'] as const;
  const power = n < 1 ? 0 : Math.min(4, Math.floor(Math.log10(n) / 3));
  const value = n / 1_000 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power] ?? 'B'}`;
}

/** Shortens in the middle and keeps the unique tail: `checkout-api-…x2k4q`. */
export function middle(name: string, max = 24): string {
  if (name.length <= max) return name;
  const tail = 5;
  return `${name.slice(0, max - tail - 1)}…${name.slice(-tail)}`;
}
