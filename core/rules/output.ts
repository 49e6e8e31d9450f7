import type { EngineEvent } from '../events/syscall.ts';
import { RULE_CATALOGUE, resolveField } from '../fields/catalogue.ts';
import { printable } from '../fields/event-data.ts';
import type { Cardinality, Value } from '../fields/types.ts';
import type { Operand } from '../filter/ast.ts';
import { eventReader } from '../filter/compile.ts';
import { operandType } from '../filter/operand.ts';
import { parseOperandAt } from '../filter/parser.ts';

/** Longest template, longest name in it, widest column, and longest value put into an output. */
const TEMPLATE_CHARS_MAX = 64 * 1024;
const NAME_CHARS_MAX = 256;
const WIDTH_MAX = 4_096;
const VALUE_CHARS_MAX = 32 * 1024;

export type OutputField = {
  readonly kind: 'field';
  /** As written: the key in output_fields. */
  readonly name: string;
  readonly operand: Operand;
  readonly cardinality: Cardinality;
  /** Characters to cut or fill to; 0 = as long as it is. */
  readonly width: number;
};
export type OutputPart = { readonly kind: 'text'; readonly text: string } | OutputField;

export type OutputTemplate = {
  readonly parts: readonly OutputPart[];
  /** A leading `*`: missing values print as `<NA>`. Rules always print so; sysdig's -p only then. */
  readonly lenient: boolean;
};

/**
 * Reads an output template: `%field`, `%field[argument]`, `%tolower(field)`, `%10field` (ten columns). The
 * longest text that names a field wins, so that what follows it is text. Errors: Falco's text.
 * Source: falcosecurity/libs eventformatter.
 */
export function parseOutput(text: string): OutputTemplate | string {
  if (text.length > TEMPLATE_CHARS_MAX) return `output is longer than ${TEMPLATE_CHARS_MAX} characters`;
  if (text === '') return 'empty formatting token';
  const lenient = text.startsWith('*');
  const template = lenient ? text.slice(1) : text;
  const parts: OutputPart[] = [];
  let end = 0;
  for (let at = template.indexOf('%'); at >= 0; at = template.indexOf('%', end)) {
    if (at > end) parts.push({ kind: 'text', text: template.slice(end, at) });
    if (at === template.length - 1) return 'invalid formatting syntax: formatting cannot end with a %';
    const digits = /^\d+/.exec(template.slice(at + 1, at + 12))?.[0] ?? '';
    const start = at + 1 + digits.length;
    if (start === template.length) return 'invalid formatting syntax: formatting cannot end with a number';
    const found = operandAt(template, start);
    if (!found) return `invalid formatting token ${template.slice(start)}`;
    const type = operandType(found.operand, RULE_CATALOGUE);
    if (typeof type === 'string') return type;
    const width = Math.min(Number(digits), WIDTH_MAX);
    const name = template.slice(start, found.end);
    parts.push({ kind: 'field', name, operand: found.operand, cardinality: type.cardinality, width });
    end = found.end;
  }
  if (end < template.length) parts.push({ kind: 'text', text: template.slice(end) });
  return { parts, lenient };
}

type Found = { readonly operand: Operand; readonly end: number };

function operandAt(template: string, start: number): Found | undefined {
  const parsed = parseOperandAt(template, start);
  if (parsed?.operand.kind === 'transform') return parsed;
  const run = /^[a-zA-Z][a-zA-Z0-9_.]*/.exec(template.slice(start, start + NAME_CHARS_MAX))?.[0] ?? '';
  if (parsed?.operand.kind === 'field' && parsed.operand.argument !== undefined) {
    if (typeof resolveField(parsed.operand) !== 'string') return parsed;
  }
  for (let length = run.length; length > 0; length--) {
    const name = run.slice(0, length);
    if (!/\w$/.test(name)) continue;
    const operand = { kind: 'field', name, argument: undefined, pos: START } as const;
    if (typeof resolveField(operand) !== 'string') return { operand, end: start + length };
  }
  return undefined;
}

const START = { index: 0, line: 1, column: 1 } as const;

export type Renderer = (event: EngineEvent) => string;

/**
 * Compiles a template; a missing value prints `<NA>`. Control characters and broken surrogates of values are
 * escaped unless `raw`, which is for text that is put into JSON.
 */
export function compileOutput(template: OutputTemplate, raw = false): Renderer {
  const strict = compileStrictOutput({ ...template, lenient: true }, raw);
  return (event) => strict(event) ?? '';
}

/** Like compileOutput, but a template without `*` prints nothing at all when a value is missing. */
export function compileStrictOutput(
  template: OutputTemplate,
  raw = false,
): (event: EngineEvent) => string | undefined {
  const readers = template.parts.map((part): ((event: EngineEvent) => string | undefined) => {
    if (part.kind === 'text') return () => part.text;
    const read = eventReader(part.operand);
    const format = textFormat(part);
    return (event) => {
      const value = read(event);
      if (value === undefined && !template.lenient) return undefined;
      const text = format(value);
      return fit(raw ? text : escapeValue(text), part.width);
    };
  });
  return (event) => {
    let line = '';
    for (const read of readers) {
      const text = read(event);
      if (text === undefined) return undefined;
      line += text;
    }
    return line;
  };
}

const NANOSECOND_DIGITS = 9;
/** Fields whose text is not that of their number. Source: libsinsp field tables, print formats. */
const FORMATS: Readonly<Record<string, (value: string) => string>> = {
  'evt.reltime': nanoseconds,
  'evt.rawtime.ns': nanoseconds,
  'evt.reltime.ns': nanoseconds,
  'evt.latency.ns': nanoseconds,
  'evt.deltatime.ns': nanoseconds,
  'proc.fdusage': (value) => Number(value).toFixed(1),
  'fd.dev': (value) => Number(value).toString(16).toUpperCase(),
};

function nanoseconds(value: string): string {
  return value.padStart(NANOSECOND_DIGITS, '0');
}

function textFormat({ operand, cardinality }: OutputField): (value: Value | undefined) => string {
  const format = operand.kind === 'field' ? FORMATS[operand.name] : undefined;
  return (value) => {
    const text = valueText(value, cardinality);
    return format && value !== undefined ? format(text) : text;
  };
}

function fit(text: string, width: number): string {
  if (width === 0) return text;
  return text.length > width ? text.slice(0, width) : text.padEnd(width);
}

/** Text of a value in an output line; lists print as `(a,b)`, ancestors with blanks between them. */
export function valueText(value: Value | undefined, cardinality: Cardinality = 'list'): string {
  if (value === undefined) return '<NA>';
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return printable(value);
  if (Array.isArray(value)) return cardinality === 'list' ? `(${value.join(',')})` : value.join(' ');
  return String(value);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
const UNSAFE = /[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g;
const SHORT: Readonly<Record<string, string>> = {
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\b': '\\b',
  '\f': '\\f',
};

function escapeValue(text: string): string {
  const cut = text.length > VALUE_CHARS_MAX ? text.slice(0, VALUE_CHARS_MAX) : text;
  return cut
    .toWellFormed()
    .replace(
      UNSAFE,
      (char) => SHORT[char] ?? `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`,
    );
}
