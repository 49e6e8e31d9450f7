import { FACETS, type Facet } from '../../core/wire/events.ts';

export type FacetSelection = Readonly<Partial<Record<Facet, readonly string[]>>>;
export type TimeSpan = { readonly from: string; readonly to: string };

/** What the Events page keeps in the URL beside the scope (`from`, `to`, `range`, `ns`). */
export type EventsUrl = {
  readonly q: string;
  readonly facets: FacetSelection;
  /** The brushed part of the time range. */
  readonly sel: TimeSpan | undefined;
  /** The open event; `time` is needed to address the row. */
  readonly ev: { readonly id: string; readonly time: string } | undefined;
};

type Params = { get(name: string): string | null; getAll(name: string): string[] };

/** Reads the page's state from search params; anything malformed is treated as absent. */
export function readEventsUrl(params: Params): EventsUrl {
  const facets: Partial<Record<Facet, readonly string[]>> = {};
  for (const facet of FACETS) {
    const values = [...new Set(params.getAll(`f.${facet}`))].filter((value) => value !== '').slice(0, 50);
    if (values.length > 0) facets[facet] = values;
  }
  return {
    q: (params.get('q') ?? '').slice(0, 8_192),
    facets,
    sel: parseSpan(params.get('sel')),
    ev: parseEvent(params.get('ev')),
  };
}

export const spanParam = (span: TimeSpan | undefined): string | null =>
  span === undefined ? null : `${span.from}..${span.to}`;
export const eventParam = (event: { id: string; time: string } | undefined): string | null =>
  event === undefined ? null : `${event.id}@${event.time}`;

/** Click on a facet row: this value alone, or nothing when it already is alone. */
export function facetOnly(selected: readonly string[], value: string): string[] {
  return selected.length === 1 && selected[0] === value ? [] : [value];
}

/** Checkbox: adds or removes one alternative; an exclusion of the same value gives way. */
export function facetToggle(selected: readonly string[], value: string): string[] {
  const rest = selected.filter((one) => one !== `!${value}`);
  return rest.includes(value) ? rest.filter((one) => one !== value) : [...rest, value];
}

/** Alt-click: excludes the value, or stops excluding it. */
export function facetExclude(selected: readonly string[], value: string): string[] {
  const rest = selected.filter((one) => one !== value);
  return rest.includes(`!${value}`) ? rest.filter((one) => one !== `!${value}`) : [...rest, `!${value}`];
}

function parseSpan(text: string | null): TimeSpan | undefined {
  const [from, to, more] = (text ?? '').split('..');
  if (from === undefined || to === undefined || more !== undefined) return undefined;
  const start = isoOf(from);
  const end = isoOf(to);
  return start === undefined || end === undefined || start >= end ? undefined : { from: start, to: end };
}

function parseEvent(text: string | null): { id: string; time: string } | undefined {
  const at = (text ?? '').indexOf('@');
  if (text === null || at <= 0) return undefined;
  const time = text.slice(at + 1);
  // The exact text is kept: it may carry microseconds that Date would cut off.
  return isoOf(time) === undefined ? undefined : { id: text.slice(0, at), time };
}

function isoOf(text: string): string | undefined {
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d/.test(text)) return undefined;
  const ms = Date.parse(text);
  return Number.isNaN(ms) ? undefined : new Date(ms).toISOString();
}
