import { SOURCES } from '../../core/events/event.ts';
import { PRIORITIES } from '../../core/events/priority.ts';
import { RECORD_CATALOGUE } from '../../core/fields/catalogue.ts';
import type { FieldDef } from '../../core/fields/types.ts';
import {
  COMPARE_OPERATORS,
  LIST_OPERATORS,
  NUMBER_OPERATORS,
  STRING_OPERATORS,
} from '../../core/filter/ast.ts';
import type { Facet, FacetsReply } from '../../core/wire/events.ts';
import { count } from '../ui/format.ts';
import { highlightFilter, type Token } from './highlight.ts';
import { quoted } from './value-filter.ts';

export type Suggestion = {
  readonly label: string;
  readonly detail: string;
  /** Replaces the text between `from` and `to`. */
  readonly insert: string;
  readonly from: number;
  readonly to: number;
};
export type ValueCounts = ReadonlyMap<Facet, readonly { readonly value: string; readonly count: number }[]>;

const SHOWN_MAX = 40;

/** Facet that counts the values of a field. */
const FACET_OF: Readonly<Record<string, Facet>> = {
  'evt.priority': 'priority',
  'evt.source': 'source',
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
  const tokens = highlightFilter(text);
  const current = tokens.find((token) => token.start < caret && caret <= token.start + token.text.length);
  const word =
    current !== undefined && current.kind !== 'space' && current.kind !== 'punctuation' ? current : undefined;
  // Right behind `=` the value begins; a half-typed `starts` is still an operator.
  const starts = word === undefined || /^[=!<>]/.test(word.text);
  const prefix = starts ? '' : text.slice(word.start, caret);
  const from = starts ? caret : word.start;
  const to = starts ? caret : word.start + word.text.length;
  const before = tokens.filter((token) => token.kind !== 'space' && token.start < from);
  const last = before.at(-1);
  const field = fieldOf(before);
  const options = optionsFor(last, field, counts);
  const needle = prefix.replace(/^["']/, '').toLowerCase();
  return options
    .filter((option) => option.label.toLowerCase().includes(needle) && option.insert.trimEnd() !== prefix)
    .sort((a, b) => rank(a, needle) - rank(b, needle))
    .slice(0, SHOWN_MAX)
    .map((option) => ({ ...option, from, to }));
}

/** Text and caret after a suggestion was taken. */
export function applySuggestion(text: string, suggestion: Suggestion): { text: string; caret: number } {
  const rest = text.slice(suggestion.to);
  const insert = rest.startsWith(' ') ? suggestion.insert.trimEnd() : suggestion.insert;
  return { text: text.slice(0, suggestion.from) + insert + rest, caret: suggestion.from + insert.length };
}

type Option = Omit<Suggestion, 'from' | 'to'>;

function optionsFor(
  last: Token | undefined,
  field: FieldDef | undefined,
  counts: ValueCounts,
): readonly Option[] {
  const word = last?.text.toLowerCase();
  const opens = last === undefined || word === '(' || word === 'and' || word === 'or' || word === 'not';
  if (field !== undefined && last?.kind === 'field') return operatorsOf(field);
  if (field !== undefined && (last?.kind === 'operator' || word === ',' || word === '('))
    return valuesOf(field, counts);
  if (opens) return FIELD_OPTIONS;
  return CONNECTIVE_OPTIONS;
}

/** Field whose operator or value is being written: the nearest one with no connective in between. */
function fieldOf(before: readonly Token[]): FieldDef | undefined {
  for (const token of before.toReversed()) {
    const word = token.text.toLowerCase();
    if (token.kind === 'field') return RECORD_CATALOGUE.fields.get(token.text.replace(/\[.*$/, ''));
    if (token.kind === 'operator' && (word === 'and' || word === 'or' || word === 'not')) return undefined;
  }
  return undefined;
}

function operatorsOf(field: FieldDef): readonly Option[] {
  const isNumber = field.type === 'number' || field.type === 'port';
  const names =
    field.cardinality === 'list'
      ? ['in', 'intersects', 'exists']
      : field.type === 'bool'
        ? ['=', '!=', 'exists']
        : isNumber
          ? [...COMPARE_OPERATORS, ...NUMBER_OPERATORS, 'in', 'exists']
          : [...COMPARE_OPERATORS, ...STRING_OPERATORS, ...LIST_OPERATORS, 'exists'];
  return names.map((name) => ({
    label: name,
    detail: OPERATOR_HELP[name] ?? '',
    insert: /^\w/.test(name) ? ` ${name}${name === 'exists' ? '' : ' '}` : name,
  }));
}

function valuesOf(field: FieldDef, counts: ValueCounts): readonly Option[] {
  if (field.type === 'bool')
    return ['true', 'false'].map((value) => ({ label: value, detail: '', insert: value }));
  const facet = FACET_OF[field.name];
  const counted = facet === undefined ? [] : (counts.get(facet) ?? []);
  const known = field.name === 'evt.priority' ? PRIORITIES : field.name === 'evt.source' ? SOURCES : [];
  const total = new Map(counted.map((one) => [priorityWord(field.name, one.value), one.count]));
  for (const value of known) if (!total.has(value)) total.set(value, 0);
  return [...total].map(([value, n]) => ({
    label: value,
    detail: `${count(n)} events`,
    insert: `${quoted(value)} `,
  }));
}

function priorityWord(field: string, value: string): string {
  return field === 'evt.priority' && /^[0-7]$/.test(value) ? (PRIORITIES[Number(value)] ?? value) : value;
}

/** Matches at the start or after a dot come first, then the catalogue's order. */
function rank(option: Option, needle: string): number {
  const label = option.label.toLowerCase();
  if (label.startsWith(needle)) return 0;
  return label.includes(`.${needle}`) ? 1 : 2;
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
const order = (field: FieldDef): number =>
  COMMON.includes(field.name) ? COMMON.indexOf(field.name) : COMMON.length;
const FIELD_OPTIONS: readonly Option[] = [...RECORD_CATALOGUE.fields.values()]
  .filter((field) => field.deprecated !== true)
  .sort((a, b) => order(a) - order(b))
  .map((field) => ({ label: field.name, detail: field.help, insert: field.name }));
const CONNECTIVE_OPTIONS: readonly Option[] = [
  { label: 'and', detail: 'both hold', insert: 'and ' },
  { label: 'or', detail: 'one of them holds', insert: 'or ' },
];
const OPERATOR_HELP: Readonly<Record<string, string>> = {
  '=': 'equal',
  '!=': 'not equal',
  contains: 'holds the text',
  icontains: 'holds the text in any case',
  startswith: 'begins with',
  endswith: 'ends with',
  in: 'one of a list',
  intersects: 'lists share a value',
  pmatch: 'path is below one of a list',
  glob: 'pattern with * and ?',
  iglob: 'pattern in any case',
  regex: 'regular expression',
  exists: 'has a value',
};
