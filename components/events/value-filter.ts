import type { FieldValue } from '../../core/events/event.ts';
import { quoteText } from '../../core/filter/format.ts';
import { highlightFilter } from './highlight.ts';

/** `field=value` in filter syntax, quoted where needed. Lists compare with each of their elements. */
export function equalityFilter(field: string, value: FieldValue): string {
  if (typeof value !== 'object') return `${field}=${quoted(String(value))}`;
  return value.length === 1
    ? `${field}=${quoted(value[0] ?? '')}`
    : `${field} in (${value.map(quoted).join(', ')})`;
}

/** The query narrowed by a condition, or by its opposite. */
export function withCondition(query: string, condition: string, exclude: boolean): string {
  const added = exclude ? `not ${condition}` : condition;
  const trimmed = query.trim();
  if (trimmed === '') return added;
  const hasOr = highlightFilter(trimmed).some(
    (token) => token.kind === 'operator' && token.text.toLowerCase() === 'or',
  );
  return `${hasOr ? `(${trimmed})` : trimmed} and ${added}`;
}

/** A value as the filter language writes it: bare where it may be, else quoted. */
export function quoted(text: string): string {
  if (/^[\w./:@+-]+$/.test(text) && !/^(and|or|not|in)$/i.test(text)) return text;
  return quoteText(text);
}
