import { PRIORITIES } from '../events/priority.ts';
import { type Catalogue, RECORD_CATALOGUE, resolveField } from '../fields/catalogue.ts';
import { EVENT_NAMES } from '../fields/event-names.ts';
import type { FieldType } from '../fields/types.ts';
import {
  COMPARE_OPERATORS,
  fieldText,
  LIST_OPERATORS,
  MODIFIERS,
  NUMBER_OPERATORS,
  type Operand,
  STRING_OPERATORS,
  TRANSFORMERS,
} from './ast.ts';
import { checkFilter } from './check.ts';
import { type Context, contextAt, NUMERIC } from './complete-context.ts';
import { valueText } from './format.ts';
import { operandType } from './operand.ts';
import { parseFilter } from './parser.ts';

export type CompletionKind = 'field' | 'operator' | 'value' | 'keyword' | 'transformer' | 'sign';

export type Completion = {
  readonly kind: CompletionKind;
  readonly label: string;
  /** Replaces the text from `from` to `to`. */
  readonly insert: string;
  /** Type of a field, or how often a value occurs. */
  readonly detail?: string;
  readonly help?: string;
};

export type CompletionSet = {
  readonly from: number;
  readonly to: number;
  readonly items: readonly Completion[];
  /** Set where a value is wanted: the caller may know which values the field has. */
  readonly value?: ValueRequest;
};

export type ValueRequest = {
  /** As written, with its argument; transformers are not offered values. */
  readonly field: string;
  readonly type: FieldType;
  /** What is typed so far, without quotes. */
  readonly prefix: string;
  /** An item of a list, which is followed by a comma or the list's end. */
  readonly inList: boolean;
};

export type OfferedValue = { readonly value: string; readonly count?: number };

/** More than there are fields; who shows them cuts further. */
const ITEMS_MAX = 600;
const BEHIND = /^[^()"'=, \b\t\r\n]*/;

/** What may be written at the cursor. Fields come with type and help, operators are those of the field's type. */
export function completeFilter(
  text: string,
  cursor: number,
  catalogue: Catalogue = RECORD_CATALOGUE,
): CompletionSet {
  const context = contextAt(text.slice(0, cursor));
  const word = BEHIND.exec(text.slice(cursor))?.[0] ?? '';
  const isInWord = context.from < cursor && context.kind !== 'separator' && context.kind !== 'operator';
  const to = cursor + (isInWord ? word.length : 0) + closingQuote(context, text.slice(cursor + word.length));
  const items = itemsOf(context, catalogue).slice(0, ITEMS_MAX);
  const value = context.kind === 'value' ? requestOf(context, catalogue) : undefined;
  return { from: context.from, to, items, ...(value && { value }) };
}

/**
 * As `completeFilter`, with the values that the caller knows before all others.
 * Errors: what `offer` rejects with.
 */
export async function completeWithValues(
  text: string,
  cursor: number,
  offer: (request: ValueRequest) => Promise<readonly OfferedValue[]>,
  catalogue: Catalogue = RECORD_CATALOGUE,
): Promise<CompletionSet> {
  const set = completeFilter(text, cursor, catalogue);
  return set.value ? withValues(set, await offer(set.value)) : set;
}

/** Puts offered values that go with what is typed before the other items. */
export function withValues(set: CompletionSet, offered: readonly OfferedValue[]): CompletionSet {
  const prefix = set.value?.prefix ?? '';
  const values = matching(offered, prefix, ({ value }) => value).map(({ value, count }): Completion => {
    const detail = count === undefined ? {} : { detail: count.toLocaleString('en') };
    return { kind: 'value', label: value, insert: valueText({ text: value, quoted: false }), ...detail };
  });
  const known = new Set(values.map((item) => item.label.toLowerCase()));
  const others = set.items.filter((item) => item.kind !== 'value' || !known.has(item.label.toLowerCase()));
  return { ...set, items: [...values, ...others].slice(0, ITEMS_MAX) };
}

function closingQuote(context: Context, behind: string): number {
  return context.kind === 'value' && context.quote !== '' && behind.startsWith(context.quote) ? 1 : 0;
}

function itemsOf(context: Context, catalogue: Catalogue): readonly Completion[] {
  switch (context.kind) {
    case 'check':
      return byLabel(context.word, [...fields(catalogue, ' '), keyword('not'), ...transformers()]);
    case 'field':
      return byLabel(context.word, [...fields(catalogue, ''), ...transformers()]);
    case 'operator':
      return matching(operatorsOf(context.left, catalogue), context.word, (name) => name).map((name) => ({
        kind: 'operator',
        label: name,
        insert: `${name} `,
      }));
    case 'value':
      return values(context, catalogue);
    case 'separator':
      return [sign(', ', 'next value'), sign(') ', 'end of the list')];
    case 'connector':
      return [
        ...byLabel(context.word, [keyword('and'), keyword('or')]),
        ...(context.groups > 0 && context.word === '' ? [sign(') ', 'end of the group')] : []),
      ];
    default:
      return context satisfies never;
  }
}

function sign(insert: string, help: string): Completion {
  return { kind: 'sign', label: insert.trim(), insert, help };
}

function keyword(name: string): Completion {
  return { kind: 'keyword', label: name, insert: `${name} ` };
}

function transformers(): Completion[] {
  return TRANSFORMERS.map((name) => ({
    kind: 'transformer',
    label: `${name}(…)`,
    insert: `${name}(`,
    help: TRANSFORMER_HELP[name],
  }));
}

const TRANSFORMER_HELP: Readonly<Record<(typeof TRANSFORMERS)[number], string>> = {
  tolower: 'The value in lower case',
  toupper: 'The value in upper case',
  b64: 'The value decoded from base64',
  basename: 'What follows the last slash',
  len: 'Length of a text, number of items of a list',
  join: 'Fields and texts joined by a separator',
  concat: 'Fields and texts one behind the other',
  getopt: 'Options of a command line',
};

function fields(catalogue: Catalogue, behind: string): Completion[] {
  const defs = [...catalogue.fields.values()].filter((def) => !def.deprecated);
  return defs.map(({ name, type, help, argument }) => ({
    kind: 'field',
    label: argument?.required ? `${name}[…]` : name,
    insert: argument?.required ? `${name}[` : name + behind,
    detail: type,
    help,
  }));
}

function byLabel(word: string, items: readonly Completion[]): Completion[] {
  return matching(items, word, (item) => item.label);
}

/** Those that begin with the word come first, then those with a part that does, then those with it anywhere. */
function matching<T>(items: readonly T[], word: string, textOf: (item: T) => string): T[] {
  const wanted = word.toLowerCase();
  const ranks: T[][] = [[], [], []];
  for (const item of items) {
    const text = textOf(item).toLowerCase();
    const at = text.indexOf(wanted);
    if (at < 0) continue;
    ranks[at === 0 ? 0 : /[a-z0-9]/.test(text[at - 1] ?? '') ? 2 : 1]?.push(item);
  }
  return ranks.flat();
}

const SAMPLES: Readonly<Record<FieldType, string>> = {
  string: 'a',
  path: 'a',
  bytes: 'a',
  number: '1',
  port: '1',
  bool: 'true',
  ip: '10.0.0.1',
  net: '"10.0.0.0/8"',
};

/** Operators that the checker accepts for an operand: it is asked with a sample of each. */
function operatorsOf(left: Operand, catalogue: Catalogue): readonly string[] {
  const type = operandType(left, catalogue);
  if (typeof type === 'string') return [];
  const literal = SAMPLES[type.type];
  const candidates = [
    ...COMPARE_OPERATORS.filter((name) => name !== '==').map((name) => [name, literal]),
    ...STRING_OPERATORS.map((name) => [name, name.startsWith('b') ? '61' : literal]),
    ...LIST_OPERATORS.map((name) => [name, `(${literal})`]),
    ...NUMBER_OPERATORS.map((name) => [name, '1']),
    ['exists', ''],
  ];
  return candidates.flatMap(([name = '', value]) => {
    const parsed = parseFilter(`proc.name ${name} ${value}`);
    if (!parsed.ok || parsed.ast.kind !== 'check') return [];
    return checkFilter({ ...parsed.ast, left }, catalogue).length === 0 ? [name] : [];
  });
}

function values(context: Context & { kind: 'value' }, catalogue: Catalogue): readonly Completion[] {
  const { left, operator, place, word } = context;
  if (place === 'before-list') return word === '' ? [sign('(', 'a list of values')] : [];
  const known = matching(knownValues(left, operator, catalogue), word, (value) => value).map(
    (value): Completion => ({ kind: 'value', label: value, insert: value }),
  );
  if (place === 'in-list' || context.quote !== '') return known;
  const type = operandType(left, catalogue);
  const isText = typeof type !== 'string' && (type.type === 'string' || type.type === 'path');
  const modifiers = isText && !NUMERIC.has(operator) ? MODIFIERS : [];
  return [
    ...known,
    ...matching(modifiers, word, (name) => name).map(
      (name): Completion => ({
        kind: 'keyword',
        label: name,
        insert: `${name} (`,
        help: MODIFIER_HELP[name],
      }),
    ),
  ];
}

const MODIFIER_HELP: Readonly<Record<(typeof MODIFIERS)[number], string>> = {
  oneof: 'Exactly one value of a list',
  anyof: 'Any value of a list',
  allof: 'Every value of a list',
};

/** Values that the language itself knows. */
function knownValues(left: Operand, operator: string, catalogue: Catalogue): readonly string[] {
  const type = operandType(left, catalogue);
  if (typeof type !== 'string' && type.type === 'bool') return ['true', 'false'];
  if (left.kind !== 'field') return [];
  if (left.name === 'evt.priority') return PRIORITIES.map((name) => name.toLowerCase());
  return left.name === 'evt.type' && !NUMERIC.has(operator) ? [...EVENT_NAMES] : [];
}

function requestOf(context: Context & { kind: 'value' }, catalogue: Catalogue): ValueRequest | undefined {
  const { left, place, word } = context;
  if (left.kind !== 'field' || place === 'before-list') return undefined;
  const field = resolveField(left, catalogue);
  if (typeof field === 'string') return undefined;
  return { field: fieldText(left), type: field.def.type, prefix: word, inList: place === 'in-list' };
}
