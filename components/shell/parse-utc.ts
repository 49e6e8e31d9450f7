const FORM = /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2}))?)?Z?$/;

/** ISO time of `YYYY-MM-DD[ HH:MM[:SS]]` read as UTC; undefined when it is no such time. */
export function parseUtc(text: string): string | undefined {
  const match = FORM.exec(text.trim());
  if (!match) return undefined;
  const ms = Date.parse(`${match[1]}T${match[2] ?? '00:00'}:${match[3] ?? '00'}.000Z`);
  if (Number.isNaN(ms)) return undefined;
  const iso = new Date(ms).toISOString();
  // Date.parse accepts 2026-02-30 in some engines and moves it on.
  return match[1] !== undefined && iso.startsWith(match[1]) ? iso : undefined;
}
