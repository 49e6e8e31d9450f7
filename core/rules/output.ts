import type { EngineEvent } from '../events/syscall.ts';
import { RULE_CATALOGUE, resolveField } from '../fields/catalogue.ts';
import type { Value } from '../fields/types.ts';
import type { Operand } from '../filter/ast.ts';
import { eventReader } from '../filter/compile.ts';
import { operandType } from '../filter/operand.ts';
import { parseOperandAt } from '../filter/parser.ts';

/** Longest template, and longest value put into an output. */
const TEMPLATE_CHARS_MAX = 64 * 1024;
const VALUE_CHARS_MAX = 32 * 1024;

export type OutputPart =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'field'; readonly name: string; readonly operand: Operand };

export type OutputTemplate = { readonly parts: readonly OutputPart[] };

/**
 * Reads an output template: `%field`, `%field[argument]`, `%tolower(field)`. The longest valid field name
 * wins, so that a dot behind a field is text. Errors: Falco's text.
 */
export function parseOutput(template: string): OutputTemplate | string {
  if (template.length > TEMPLATE_CHARS_MAX) return `output is longer than ${TEMPLATE_CHARS_MAX} characters`;
  const parts: OutputPart[] = [];
  let text = '';
  for (let i = 0; i < template.length; ) {
    if (template[i] !== '%') {
      text += template[i++];
      continue;
    }
    if (template[i + 1] === '%') {
      text += '%';
      i += 2;
      continue;
    }
    const start = template[i + 1] === '*' ? i + 2 : i + 1;
    const found = operandAt(template, start);
    if (!found) return `invalid formatting token ${template.slice(start)}`;
    if (text !== '') parts.push({ kind: 'text', text });
    text = '';
    parts.push({ kind: 'field', name: template.slice(start, found.end), operand: found.operand });
    i = found.end;
  }
  if (text !== '') parts.push({ kind: 'text', text });
  return { parts };
}

function operandAt(template: string, start: number): { operand: Operand; end: number } | undefined {
  const parsed = parseOperandAt(template, start);
  if (!parsed) return undefined;
  const { operand, end } = parsed;
  if (operand.kind === 'transform') {
    return typeof operandType(operand, RULE_CATALOGUE) === 'string' ? undefined : parsed;
  }
  if (typeof resolveField(operand) !== 'string') return { operand, end };
  // A shorter name may be a field: `%proc.name.` or `%fd.name.txt`.
  let name = operand.name;
  for (let dot = name.lastIndexOf('.'); dot > 0; dot = name.lastIndexOf('.')) {
    name = name.slice(0, dot);
    const shorter = { ...operand, name, argument: undefined };
    if (typeof resolveField(shorter) !== 'string') return { operand: shorter, end: start + name.length };
  }
  return undefined;
}

export type Renderer = (event: EngineEvent) => string;

/** Compiles a template; a missing value prints `<NA>`, control characters and broken surrogates are escaped. */
export function compileOutput(template: OutputTemplate): Renderer {
  const parts = template.parts.map((part): Renderer => {
    if (part.kind === 'text') return () => part.text;
    const read = eventReader(part.operand);
    return (event) => escapeValue(valueText(read(event)));
  });
  return (event) => {
    let line = '';
    for (const part of parts) line += part(event);
    return line;
  };
}

const decoder = new TextDecoder();

/** Text of a value in an output line; lists print as `(a,b)`. */
export function valueText(value: Value | undefined): string {
  if (value === undefined) return '<NA>';
  if (typeof value === 'string') return value;
  if (value instanceof Uint8Array) return decoder.decode(value);
  if (Array.isArray(value)) return `(${value.join(',')})`;
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
