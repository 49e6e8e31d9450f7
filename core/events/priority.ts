/** Falco priorities, most severe first; the index is the stored number. Source: falco rule_loader. */
export const PRIORITIES = [
  'Emergency',
  'Alert',
  'Critical',
  'Error',
  'Warning',
  'Notice',
  'Informational',
  'Debug',
] as const;

export type Priority = (typeof PRIORITIES)[number];

/** Number of a priority word, case-insensitive; `info` is accepted as Falco does; undefined when unknown. */
export function priorityNumber(word: string): number | undefined {
  const lower = word.toLowerCase();
  if (lower === 'info') return 6;
  const index = PRIORITIES.findIndex((name) => name.toLowerCase() === lower);
  return index < 0 ? undefined : index;
}

/** Word of a stored priority number; numbers outside 0–7 are shown as Debug. */
export function priorityName(value: number): Priority {
  return PRIORITIES[value] ?? 'Debug';
}
