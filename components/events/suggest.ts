import { SOURCES } from '../../core/events/event.ts';
import { PRIORITIES } from '../../core/events/priority.ts';
import {
  type Completion,
  completeFilter,
  type OfferedValue,
  withValues,
} from '../../core/filter/complete.ts';
import type { Facet, FacetsReply } from '../../core/wire/events.ts';

export type Suggestion = Pick<Completion, 'kind' | 'label' | 'insert'> & {
  /** Type of a field, or how many events have a value. */
  readonly detail: string;
  readonly help: string;
  /** Replaces the text between `from` and `to`. */
  readonly from: number;
  readonly to: number;
};
export type ValueCounts = ReadonlyMap<Facet, readonly { readonly value: string; readonly count: number }[]>;

const SHOWN_MAX = 40;

/** Facet that counts the values of a field. */
const FACET_OF: Readonly<Record<string, Facet>> = {
  'evt.priority': 'priority',
  'evt.source': 'source',
  'evt.category': 'category',
  'evt.outcome': 'outcome',
  'evt.node': 'node',
  'evt.hostname': 'node',
  'evt.workload': 'workload',
  'evt.peer': 'peer',
  rule: 'rule',
  'proc.name': 'process',
  'user.name': 'user',
  'ka.user.name': 'user',
  'k8s.ns.name': 'namespace',
  'ka.target.namespace': 'namespace',
  'k8s.pod.name': 'pod',
  'fd.rip': 'peer',
  'fd.sip': 'peer',
};

export const valueCounts = (reply: FacetsReply | undefined): ValueCounts =>
  new Map(reply?.facets.map((facet) => [facet.key, facet.values]));

/** What can stand at the caret: fields, operators of the field, or its values with their counts. */
export function suggestAt(text: string, caret: number, counts: ValueCounts): Suggestion[] {
  const found = completeFilter(text, caret);
  const set = found.value === undefined ? found : withValues(found, offered(found.value.field, counts));
  const { from, to } = set;
  const typed = text.slice(from, caret);
  return set.items
    .filter((item) => item.insert.trimEnd() !== typed)
    .sort((a, b) => (typed === '' ? order(a) - order(b) : 0))
    .slice(0, SHOWN_MAX)
    .map(({ kind, label, insert, detail, help }) => ({
      kind,
      label,
      // A list goes on with a comma or its end.
      insert: kind === 'value' && found.value?.inList === false ? `${insert} ` : insert,
      detail:
        kind === 'value' && detail !== undefined
          ? `${detail} ${detail === '1' ? 'event' : 'events'}`
          : (detail ?? ''),
      help: help ?? OPERATOR_HELP[label] ?? '',
      from,
      to,
    }));
}

/** Text and caret after a suggestion was taken. */
export function applySuggestion(text: string, suggestion: Suggestion): { text: string; caret: number } {
  const rest = text.slice(suggestion.to);
  const insert = rest.startsWith(' ') ? suggestion.insert.trimEnd() : suggestion.insert;
  return { text: text.slice(0, suggestion.from) + insert + rest, caret: suggestion.from + insert.length };
}

function offered(field: string, counts: ValueCounts): readonly OfferedValue[] {
  const facet = Object.hasOwn(FACET_OF, field) ? FACET_OF[field] : undefined;
  const counted = facet === undefined ? [] : (counts.get(facet) ?? []);
  const isPriority = field === 'evt.priority';
  const known = isPriority ? PRIORITIES : field === 'evt.source' ? SOURCES : [];
  const total = new Map(counted.map(({ value, count }) => [isPriority ? priorityWord(value) : value, count]));
  for (const value of known) if (!total.has(value)) total.set(value, 0);
  return [...total].map(([value, count]) => ({ value, count }));
}

function priorityWord(value: string): string {
  return /^[0-7]$/.test(value) ? (PRIORITIES[Number(value)] ?? value) : value;
}

const COMMON = [
  'rule',
  'evt.priority',
  'proc.name',
  'fd.name',
  'k8s.ns.name',
  'k8s.pod.name',
  'ka.user.name',
];

/** Before anything is typed, the fields that people ask for most come first. */
function order({ kind, label }: Completion): number {
  return kind === 'field' && COMMON.includes(label) ? COMMON.indexOf(label) : COMMON.length;
}

const OPERATOR_HELP: Readonly<Record<string, string>> = {
  '=': 'Equal',
  '!=': 'Not equal',
  '<': 'Less than',
  '<=': 'At most',
  '>': 'More than',
  '>=': 'At least',
  contains: 'Holds the text',
  icontains: 'Holds the text in any case',
  bcontains: 'Holds the bytes, in hexadecimal',
  startswith: 'Begins with',
  bstartswith: 'Begins with the bytes, in hexadecimal',
  endswith: 'Ends with',
  in: 'One of a list',
  intersects: 'Lists share a value',
  pmatch: 'Path is one of a list or below it',
  glob: 'Pattern with * and ?',
  iglob: 'Pattern in any case',
  regex: 'Regular expression for the whole value',
  exists: 'Has a value',
  and: 'Both hold',
  or: 'One of them holds',
  not: 'Does not hold',
};
