import type { CheckNode, FilterNode, Operand, ValueNode } from './ast.ts';
import { parseFilter } from './parser.ts';
import { printFilter } from './print.ts';

export type FormatOptions = {
  /** Columns of a line; what is longer is broken. Default 100; Infinity gives one line. */
  readonly width?: number;
};

const INDENT = '  ';

/**
 * The filter in canonical form: single blanks, no parentheses that precedence makes superfluous, one check a
 * line where a line would be too long. Parses to the same tree. undefined when the text does not parse.
 */
export function formatFilter(text: string, options: FormatOptions = {}): string | undefined {
  const parsed = parseFilter(text);
  return parsed.ok ? layout(parsed.ast, '', options.width ?? 100) : undefined;
}

/** Lines of a node; the first one carries no indent, `indent` is that of the others. */
function layout(node: FilterNode, indent: string, width: number): string {
  const line = oneLine(node);
  if (indent.length + line.length <= width) return line;
  switch (node.kind) {
    case 'and':
    case 'or':
      return node.children
        .map((child) => operandLayout(child, node.kind, indent, width))
        .join(`\n${indent}${node.kind} `);
    case 'not':
      return `not ${operandLayout(node.child, 'not', indent, width)}`;
    case 'check':
      return listLayout(node, indent, width) ?? line;
    case 'macro':
      return line;
    default:
      return node satisfies never;
  }
}

function operandLayout(child: FilterNode, parent: Parent, indent: string, width: number): string {
  if (!needsParentheses(child, parent)) return layout(child, indent, width);
  const line = `(${oneLine(child)})`;
  if (indent.length + parent.length + 1 + line.length <= width) return line;
  const inner = indent + INDENT;
  return `(\n${inner}${layout(child, inner, width)}\n${indent})`;
}

type Parent = 'and' | 'or' | 'not';

/** `and` binds more than `or`; a chain inside one of its own kind is another tree. */
function needsParentheses(child: FilterNode, parent: Parent): boolean {
  if (child.kind === 'or') return true;
  return child.kind === 'and' && parent !== 'or';
}

function oneLine(node: FilterNode): string {
  switch (node.kind) {
    case 'and':
    case 'or':
      return node.children.map((child) => wrapped(child, node.kind)).join(` ${node.kind} `);
    case 'not':
      return `not ${wrapped(node.child, 'not')}`;
    case 'macro':
      return node.name;
    case 'check':
      return checkText(node);
    default:
      return node satisfies never;
  }
}

function wrapped(child: FilterNode, parent: Parent): string {
  return needsParentheses(child, parent) ? `(${oneLine(child)})` : oneLine(child);
}

function checkText(node: CheckNode): string {
  const { right } = node;
  const head = checkHead(node);
  if (!right) return head;
  if (right.kind === 'value') return `${head} ${valueText(right)}`;
  if (right.kind === 'list') return `${head} ${right.name ?? `(${right.items.map(valueText).join(', ')})`}`;
  return `${head} ${right.kind === 'field' ? `val(${operandText(right)})` : operandText(right)}`;
}

function checkHead({ left, operator, modifier }: CheckNode): string {
  return `${operandText(left)} ${operator}${modifier ? ` ${modifier}` : ''}`;
}

/** Written by the one printer of operands. */
function operandText(left: Operand): string {
  const exists = { kind: 'check', left, operator: 'exists', modifier: undefined, right: undefined } as const;
  return printFilter({ ...exists, pos: left.pos }).slice(0, -' exists'.length);
}

/** A long list, as many items a line as fit. */
function listLayout(node: CheckNode, indent: string, width: number): string | undefined {
  if (node.right?.kind !== 'list' || node.right.name !== undefined) return undefined;
  const inner = indent + INDENT;
  const lines: string[] = [];
  let line = '';
  for (const [i, item] of node.right.items.entries()) {
    const text = valueText(item) + (i + 1 < node.right.items.length ? ',' : '');
    if (line !== '' && inner.length + line.length + 1 + text.length > width) {
      lines.push(line);
      line = text;
    } else line = line === '' ? text : `${line} ${text}`;
  }
  lines.push(line);
  return `${checkHead(node)} (\n${lines.map((text) => inner + text).join('\n')}\n${indent})`;
}

const BARE = /^[^()"'=, \b\t\r\n]+$/;

/** As it was written: bare or quoted. A quoted value is decoded, so it is quoted anew. */
export function valueText({ text, quoted }: Pick<ValueNode, 'text' | 'quoted'>): string {
  return quoted || !BARE.test(text) ? quoteText(text) : text;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '"': '\\"',
  '\\': '\\\\',
};

export function quoteText(text: string): string {
  // The last backslash is written \x5c: the quote behind `\\` would not end the text.
  const body = text.replace(/\\$|[\b\f\n\r\t"\\]/g, (char, at: number) =>
    char === '\\' && at === text.length - 1 ? '\\x5c' : (ESCAPES[char] ?? ''),
  );
  return `"${body}"`;
}
