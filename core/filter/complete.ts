import { RECORD_CATALOGUE, resolveField } from '../fields/catalogue.ts';
import type { FieldType } from '../fields/types.ts';
import {
  COMPARE_OPERATORS,
  LIST_OPERATORS,
  NUMBER_OPERATORS,
  type Operator,
  STRING_OPERATORS,
} from './ast.ts';

export type Completion = {
  /** Text range that `insert` replaces. */
  readonly from: number;
  readonly to: number;
  readonly items: readonly { readonly insert: string; readonly help: string }[];
  readonly expects: 'field' | 'operator' | 'value' | 'connective';
};

/** Suggestions shown at once. */
const ITEMS_MAX = 50;

/** Tokens as far as completion needs them: broken text yields tokens too. */
const TOKEN = /"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?|[()[\],]|[=!<>]+|[^\s()[\],"'=!<>]+/g;
const WORD_OPERATORS: ReadonlySet<string> = new Set<string>([...STRING_OPERATORS, ...LIST_OPERATORS]);

/**
 * What may stand at the cursor. Needs no parseable text: it looks at the words of the current comparison only.
 * Shape: `from`–`to` is the word under the cursor.
 */
export function completeFilter(text: string, cursor: number): Completion {
  const before = text.slice(0, cursor);
  const word = /[^\s()[\],"'=!<>]*$/.exec(before)?.[0] ?? '';
  const from = cursor - word.length;
  const rest = /^[^\s()[\],"'=!<>]*/.exec(text.slice(cursor))?.[0] ?? '';
  const range = { from, to: cursor + rest.length };
  const tokens = before.slice(0, from).match(TOKEN) ?? [];
  const state = stateAfter(tokens);
  const candidates = candidatesFor(state);
  const needle = word.toLowerCase();
  const items = candidates
    .filter(({ insert }) => insert.toLowerCase().includes(needle))
    .sort((a, b) => Number(b.insert.startsWith(word)) - Number(a.insert.startsWith(word)))
    .slice(0, ITEMS_MAX);
  return { ...range, items, expects: state.expects };
}

type State = { readonly expects: Completion['expects']; readonly field?: string };

function stateAfter(tokens: readonly string[]): State {
  let state: State = { expects: 'field' };
  let list = 0;
  for (const token of tokens) {
    if (state.expects === 'field') {
      if (token === '(' || token === 'not') continue;
      state = { expects: 'operator', field: token };
    } else if (state.expects === 'operator') {
      if (token === 'and' || token === 'or') state = { expects: 'field' };
      else if (token === 'exists' || token === ')') state = { expects: 'connective' };
      else if (/^[=!<>]+$/.test(token) || WORD_OPERATORS.has(token)) state = { ...state, expects: 'value' };
    } else if (state.expects === 'value') {
      if (token === '(') list++;
      else if (token === ')') list--;
      if (list <= 0 && token !== '(') state = { expects: 'connective' };
    } else if (token === 'and' || token === 'or') state = { expects: 'field' };
  }
  return state;
}

type Candidate = Completion['items'][number];

const CONNECTIVES: readonly Candidate[] = [
  { insert: 'and', help: 'both hold' },
  { insert: 'or', help: 'at least one holds' },
];
const FIELDS: readonly Candidate[] = [...RECORD_CATALOGUE.fields.values()].map(({ name, help }) => ({
  insert: name,
  help,
}));

function candidatesFor(state: State): readonly Candidate[] {
  switch (state.expects) {
    case 'field':
      return [...FIELDS, { insert: 'not', help: 'the following does not hold' }];
    case 'operator':
      return operatorsOf(state.field ?? '').map((insert) => ({ insert, help: HELP[insert] }));
    case 'connective':
      return CONNECTIVES;
    case 'value':
      return valuesOf(state.field ?? '');
    default:
      return state.expects satisfies never;
  }
}

const BY_TYPE: Readonly<Record<FieldType, readonly Operator[]>> = {
  string: [
    ...COMPARE_OPERATORS,
    ...STRING_OPERATORS.filter((op) => !op.startsWith('b')),
    ...LIST_OPERATORS,
    'exists',
  ],
  path: [
    ...COMPARE_OPERATORS,
    ...STRING_OPERATORS.filter((op) => !op.startsWith('b')),
    ...LIST_OPERATORS,
    'exists',
  ],
  number: [...COMPARE_OPERATORS, ...NUMBER_OPERATORS, 'in', 'intersects', 'exists'],
  port: [...COMPARE_OPERATORS, ...NUMBER_OPERATORS, 'in', 'intersects', 'exists'],
  bool: ['=', '==', '!=', 'in', 'intersects', 'exists'],
  ip: ['=', '==', '!=', 'in', 'intersects', 'exists'],
  net: ['=', '==', '!=', 'in', 'intersects', 'exists'],
  bytes: ['=', '==', '!=', 'contains', 'bcontains', 'startswith', 'bstartswith', 'endswith', 'exists'],
};

/** Operators that `checkFilter` accepts for a field; none for an unknown one. */
export function operatorsOf(text: string): readonly Operator[] {
  const bracket = text.indexOf('[');
  const name = bracket < 0 ? text : text.slice(0, bracket);
  const argument = bracket < 0 ? undefined : text.slice(bracket + 1).replace(/\]$/, '');
  const field = resolveField({ name, argument }, RECORD_CATALOGUE);
  if (typeof field === 'string') return [];
  return field.cardinality === 'list' ? ['exists', 'in', 'intersects'] : BY_TYPE[field.def.type];
}

function valuesOf(field: string): readonly Candidate[] {
  const found = RECORD_CATALOGUE.fields.get(field);
  if (found?.type === 'bool') return ['true', 'false'].map((insert) => ({ insert, help: '' }));
  const words = Object.hasOwn(VALUES, field) ? VALUES[field] : undefined;
  return (words ?? []).map((insert) => ({ insert, help: '' }));
}

const VALUES: Readonly<Record<string, readonly string[]>> = {
  'evt.priority': ['emergency', 'alert', 'critical', 'error', 'warning', 'notice', 'informational', 'debug'],
  'evt.source': ['syscall', 'k8s_audit', 'node_log', 'file_integrity', 'posture'],
  'evt.outcome': ['ok', 'denied', 'failed'],
  'fd.l4proto': ['tcp', 'udp', 'icmp', 'raw'],
};

const HELP: Readonly<Record<Operator, string>> = {
  '=': 'equal',
  '==': 'equal',
  '!=': 'present and different',
  '<': 'less',
  '<=': 'less or equal',
  '>': 'greater',
  '>=': 'greater or equal',
  contains: 'has the text inside',
  icontains: 'has the text inside, upper and lower case alike',
  bcontains: 'has the bytes inside (hexadecimal)',
  startswith: 'begins with',
  bstartswith: 'begins with the bytes (hexadecimal)',
  endswith: 'ends with',
  glob: 'matches a pattern with * and ?',
  iglob: 'matches a pattern, upper and lower case alike',
  regex: 'matches a regular expression as a whole',
  in: 'is one of a list',
  intersects: 'shares a value with a list',
  pmatch: 'is one of the paths or lies below',
  exists: 'has a value',
};
