import { type Assertion, complement, type Ranges, type RegexNode } from './regex-ast.ts';

/** Largest count in a Postgres bound. Source: PostgreSQL manual, Regular Expression Quantifiers. */
const BOUND_MAX = 255;

const ASSERTIONS: Readonly<Record<Assertion, string>> = {
  'line-begin': '(?:^|(?<=\\n))',
  'line-end': '(?:$|(?=\\n))',
};

/** Writes a tree as a Postgres advanced regular expression; the caller anchors it. */
export function postgresRegex(node: RegexNode): string {
  switch (node.kind) {
    case 'empty':
      return '(?:)';
    case 'set':
      return setText(node.ranges);
    case 'cat':
      return node.items.map(postgresRegex).join('');
    case 'alt':
      return `(?:${node.items.map(postgresRegex).join('|')})`;
    case 'repeat':
      return repeatText(`(?:${postgresRegex(node.item)})`, node.min, node.max);
    case 'assert':
      return ASSERTIONS[node.what];
    default:
      return node satisfies never;
  }
}

function repeatText(item: string, min: number, max: number | undefined): string {
  let text = '';
  let left = min;
  for (; left > BOUND_MAX; left -= BOUND_MAX) text += `${item}{${BOUND_MAX}}`;
  if (max === undefined) return `${text}${item}{${left},}`;
  let optional = max - min;
  text += `${item}{${left}}`;
  for (; optional > BOUND_MAX; optional -= BOUND_MAX) text += `${item}{0,${BOUND_MAX}}`;
  return `${text}${item}{0,${optional}}`;
}

/** Code points as escapes; NUL cannot occur in Postgres text. */
function setText(ranges: Ranges): string {
  const inverse = complement(ranges);
  if (inverse.length === 0) return '.';
  const negate = inverse.length < ranges.length || (ranges.at(-1)?.[1] ?? 0) > 0xffff;
  const shown = (negate ? inverse : ranges).filter(([, high]) => high > 0);
  if (shown.length === 0) return negate ? '.' : '(?!)';
  return `[${negate ? '^' : ''}${shown.map(rangeText).join('')}]`;
}

function rangeText([low, high]: readonly [number, number]): string {
  const from = Math.max(low, 1);
  return from === high ? hex(high) : `${hex(from)}-${hex(high)}`;
}

function hex(code: number): string {
  return `\\U${code.toString(16).padStart(8, '0')}`;
}
