import { type Category, SOURCES } from '../../core/events/event.ts';
import { priorityName } from '../../core/events/priority.ts';
import type { Facet } from '../../core/wire/events.ts';
import { Severity } from '../ui/severity.tsx';
import { SourceBadge } from '../ui/source.tsx';
import { CATEGORY_LABEL, capital, facetPriority, shortUser } from './event-words.ts';

/** A facet's value in its own form: shape of a priority, letter of a source, words of a category. */
export function FacetValue({ facet, value }: { readonly facet: Facet; readonly value: string }) {
  if (facet === 'priority') return <Severity priority={facetPriority(value)} full />;
  if (facet === 'source') {
    const source = SOURCES.find((one) => one === value);
    return source === undefined ? value : <SourceBadge source={source} name />;
  }
  if (facet === 'process' || facet === 'peer') return <code>{value}</code>;
  return facetText(facet, value);
}

/** The same as plain text, for chips and labels. */
export function facetText(facet: Facet, value: string): string {
  if (facet === 'priority') return priorityName(facetPriority(value));
  if (facet === 'category') return CATEGORY_LABEL[value as Category] ?? value;
  if (facet === 'outcome' || facet === 'tactic') return capital(value);
  if (facet === 'user') return shortUser(value);
  return value;
}
