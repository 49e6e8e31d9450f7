import { FIELDS } from '../../core/fields/catalogue.ts';
import { EVENT_NAMES } from '../../core/fields/event-names.ts';
import {
  COMPARE_OPERATORS,
  LIST_OPERATORS,
  MODIFIERS,
  NUMBER_OPERATORS,
  STRING_OPERATORS,
  TRANSFORMERS,
} from '../../core/filter/ast.ts';
import type { Random } from './fuzz-random.ts';

const NAMES = FIELDS.map((field) => field.name);
const EVENTS = [...EVENT_NAMES];
const VALUES = [
  'cat',
  '/etc/shadow',
  '"a b"',
  "'x\\'y'",
  '0',
  '-1',
  '0x1F',
  '80',
  'https',
  'true',
  'host',
  '10.0.0.0/8',
  '::1',
  '<NA>',
  '*.so',
  '[a-z]+',
  '%proc.name',
  '""',
];

/** Words that rules are made of, for mutations. */
export const WORDS: readonly string[] = [
  ...NAMES,
  ...COMPARE_OPERATORS,
  ...NUMBER_OPERATORS,
  ...STRING_OPERATORS,
  ...LIST_OPERATORS,
  ...MODIFIERS,
  ...TRANSFORMERS.map((name) => `${name}(`),
  ...VALUES,
  'exists',
  'and',
  'or',
  'not',
  '(',
  ')',
  ',',
  '[',
  ']',
  'val(',
  'evt.arg.flags',
  '- rule: r',
  '- macro: m',
  '- list: l',
  'condition:',
  'items: [a, b]',
  'output: "%evt.type %proc.cmdline"',
  'priority: WARNING',
  'override: {condition: append}',
  'append: true',
  'exceptions:',
  '- {name: e, fields: [proc.name], comps: [in], values: [[a]]}',
  'tags: [t]',
  '---',
  '&a',
  '*a',
  '|',
  '>-',
  '{',
  '}',
];

const DEPTH_MAX = 6;

/** A filter of mostly right form, whose fields, operators and values need not fit each other. */
export function generateFilter(random: Random, depth = 0): string {
  const kind = depth >= DEPTH_MAX ? 9 : random.int(10);
  const inner = (): string => generateFilter(random, depth + 1);
  if (kind === 0) return `(${inner()})`;
  if (kind === 1) return `not ${inner()}`;
  if (kind <= 3) return `${inner()} and ${inner()}`;
  if (kind === 4) return `${inner()} or ${inner()}`;
  if (kind === 5) return random.pick(['m', 'open_read', 'spawned_process']);
  return generateCheck(random);
}

function generateCheck(random: Random): string {
  const left = operand(random, 0);
  switch (random.int(6)) {
    case 0:
      return `${left} exists`;
    case 1:
      return `${left} ${random.pick(LIST_OPERATORS)} ${list(random)}`;
    case 2:
      return `${left} ${random.pick(NUMBER_OPERATORS)} ${random.pick(['1', '-5', '0x10', '1.5', 'val(proc.pid)'])}`;
    case 3:
      return `${left} ${random.pick([...COMPARE_OPERATORS, ...STRING_OPERATORS])} ${random.pick(MODIFIERS)} ${list(random)}`;
    case 4:
      return `evt.type ${random.pick(COMPARE_OPERATORS)} ${random.pick(EVENTS)}`;
    default:
      return `${left} ${random.pick([...COMPARE_OPERATORS, ...STRING_OPERATORS])} ${random.chance(6) ? `val(${random.pick(NAMES)})` : random.pick(VALUES)}`;
  }
}

function list(random: Random): string {
  const items = Array.from({ length: random.int(5) }, () => random.pick(VALUES));
  return random.chance(12) ? 'some_list' : `(${items.join(', ')})`;
}

function operand(random: Random, depth: number): string {
  if (depth < 3 && random.chance(6)) {
    const name = random.pick(TRANSFORMERS);
    const arg = operand(random, depth + 1);
    if (name === 'join') return `join("-", (${arg}, ${operand(random, depth + 1)}))`;
    if (name === 'getopt') return `getopt(${arg}, "ab:c")[b]`;
    return `${name}(${arg})`;
  }
  const field = random.pick(NAMES);
  return random.chance(8)
    ? `${field}[${random.pick(['0', '1', 'PATH', 'flags', '"/a/b"', '65536'])}]`
    : field;
}

/** A rules file of a few items around generated conditions. */
export function generateRules(random: Random): string {
  const items = Array.from({ length: 1 + random.int(4) }, (_, i) => {
    const condition = JSON.stringify(generateFilter(random, 2));
    const name = random.pick(['r', 'm', 'l', 'Terminal shell', `x${i}`]);
    switch (random.int(5)) {
      case 0:
        return `- list: ${name}\n  items: [${random.pick(VALUES)}, b]\n`;
      case 1:
        return `- macro: ${name}\n  condition: ${condition}\n`;
      case 2:
        return `- rule: ${name}\n  condition: ${condition}\n  override: {condition: ${random.pick(['append', 'replace'])}}\n`;
      default:
        return `- rule: ${name}\n  desc: d\n  condition: ${condition}\n  output: "%${random.pick(NAMES)} %evt.type"\n  priority: ${random.pick(['INFO', 'error', 'x'])}\n  source: ${random.pick(['syscall', 'syscall', 'k8s_audit', 'other'])}\n`;
    }
  });
  return items.join('');
}
