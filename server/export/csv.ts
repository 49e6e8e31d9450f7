/**
 * CSV after RFC 4180: CRLF, fields with comma, quote or line break quoted. A cell that a spreadsheet
 * would take for a formula (it starts with = + - @ TAB or CR) gets an apostrophe first; so does one that looks as if it
 * had got one, so that a reader who takes one apostrophe off has every text as it was.
 */
export function toCsv(columns: readonly string[], rows: readonly (readonly unknown[])[]): string {
  return [columns, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function cell(value: unknown): string {
  if (value === null || value === undefined) return '';
  // Numbers are ours and cannot be formulas; a minus sign of theirs stays a number.
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  const safe = /^'*[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
