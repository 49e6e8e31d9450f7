import { globTokens } from '../fields/glob.ts';
import type { FieldType } from '../fields/types.ts';
import type { CheckNode, Operator } from './ast.ts';
import { canonicalIp, netText, readHex, readInteger, readNet, readPort } from './literal.ts';
import { components, isGlob } from './path-match.ts';
import { compileRegex } from './regex.ts';
import { lower } from './text.ts';

/** Collects values and answers their placeholders; equal texts share one. */
export type Params = { readonly add: (value: string | readonly string[], cast: string) => string };

/** Postgres text holds no NUL, so a literal with one equals, contains and begins nothing. */
const hasNul = (text: string): boolean => text.includes('\0');

/** SQL of one check on expression `x`, a scalar of `type`. NULL and false both mean "does not hold". */
export function checkSql(node: CheckNode, type: FieldType, x: string, params: Params): string {
  const { operator, right, modifier } = node;
  if (right?.kind === 'list') {
    const literals = right.items.map((item) => item.text);
    if (modifier) return modifiedSql(node, type, x, literals, params);
    if (operator === 'pmatch') return pathSql(x, literals, params);
    return memberSql(type, x, literals, params);
  }
  if (right?.kind !== 'value') throw new Error('unchecked filter: no literal');
  return literalSql(operator, type, x, right.text, params);
}

/** False, yet naming `x`: a placeholder that the text does not use would be an error. */
function never(x: string): string {
  return `(${x} IS NOT NULL AND FALSE)`;
}

function modifiedSql(
  node: CheckNode,
  type: FieldType,
  x: string,
  literals: readonly string[],
  params: Params,
): string {
  const tests = literals.map((literal) => literalSql(node.operator, type, x, literal, params));
  if (tests.length === 0) return never(x);
  if (node.modifier === 'anyof') return `(${tests.join(' OR ')})`;
  if (node.modifier === 'allof') return `(${tests.join(' AND ')})`;
  return `(${tests.map((test) => `(COALESCE(${test}, FALSE))::int`).join(' + ')} = 1)`;
}

function literalSql(operator: Operator, type: FieldType, x: string, literal: string, params: Params): string {
  switch (type) {
    case 'number':
    case 'port':
      return numberSql(operator, type, x, literal, params);
    case 'bool':
      return `${x} ${operator === '!=' ? '<>' : '='} ${literal === 'true' ? 'TRUE' : 'FALSE'}`;
    case 'ip':
      return textSql(operator, x, canonicalIp(literal) ?? literal, params);
    case 'net':
      return netSql(operator, x, literal, params);
    case 'string':
    case 'path':
    case 'bytes':
      return textSql(operator, x, literal, params);
    default:
      return type satisfies never;
  }
}

const COMPARISONS: Readonly<Partial<Record<Operator, string>>> = {
  '=': '=',
  '==': '=',
  '!=': '<>',
  '<': '<',
  '<=': '<=',
  '>': '>',
  '>=': '>=',
};

const INT8_MAX = 2n ** 63n - 1n;

function integerParam(value: number | bigint, params: Params): string {
  const wide = BigInt(value);
  const cast = wide > INT8_MAX || wide < -INT8_MAX ? 'numeric' : 'bigint';
  return params.add(String(wide), cast);
}

function numberSql(
  operator: Operator,
  type: 'number' | 'port',
  x: string,
  literal: string,
  params: Params,
): string {
  const value = type === 'port' ? readPort(literal) : readInteger(literal);
  const sign = COMPARISONS[operator];
  if (value === undefined || !sign) throw new Error(`unchecked filter: ${operator} ${literal}`);
  return `${x} ${sign} ${integerParam(value, params)}`;
}

function textSql(operator: Operator, x: string, literal: string, params: Params): string {
  if (operator === 'bcontains' || operator === 'bstartswith') return bytesSql(operator, x, literal, params);
  if (operator === 'glob') return globSql(x, literal, params);
  if (operator === 'iglob') return globSql(lowerSql(x), lower(literal), params);
  if (operator === 'regex') return regexSql(x, literal, params);
  if (hasNul(literal)) return operator === '!=' ? `${x} IS NOT NULL` : never(x);
  return textComparison(operator, x, params.add(literal, 'text'));
}

/** Text operators that need no compiled right side: `y` may be a parameter or another field. */
export function textComparison(operator: Operator, x: string, y: string): string {
  switch (operator) {
    case '=':
    case '==':
    case 'in':
    case 'intersects':
      return `${x} = ${y}`;
    case '!=':
      return `${x} <> ${y}`;
    case '<':
    case '<=':
    case '>':
    case '>=':
      return `${x} COLLATE "C" ${operator} ${y}`;
    case 'contains':
      return `strpos(${x}, ${y}) > 0`;
    case 'icontains':
      return `strpos(${lowerSql(x)}, ${lowerSql(y)}) > 0`;
    case 'startswith':
      return `starts_with(${x}, ${y})`;
    case 'endswith':
      return `right(${x}, length(${y})) = ${y}`;
    default:
      throw new Error(`unchecked filter: ${operator}`);
  }
}

/** ASCII lower case, as the closure's. */
export function lowerSql(x: string): string {
  return `lower(${x} COLLATE "C")`;
}

function bytesSql(operator: 'bcontains' | 'bstartswith', x: string, literal: string, params: Params): string {
  const bytes = readHex(literal);
  if (!bytes) throw new Error(`unchecked filter: ${operator} ${literal}`);
  const y = params.add(`\\x${literal}`, 'bytea');
  if (operator === 'bcontains') return `position(${y} IN convert_to(${x}, 'UTF8')) > 0`;
  return `substr(convert_to(${x}, 'UTF8'), 1, ${bytes.length}) = ${y}`;
}

function memberSql(type: FieldType, x: string, literals: readonly string[], params: Params): string {
  if (type === 'number' || type === 'port') {
    const values = literals.map((l) => String((type === 'port' ? readPort(l) : readInteger(l)) ?? ''));
    return `${x} = ANY(${params.add(values, 'numeric[]')})`;
  }
  if (type === 'bool' || type === 'net') {
    const tests = literals.map((literal) => literalSql('=', type, x, literal, params));
    return tests.length === 0 ? never(x) : `(${tests.join(' OR ')})`;
  }
  const texts = literals.filter((l) => !hasNul(l)).map((l) => (type === 'ip' ? (canonicalIp(l) ?? l) : l));
  return `${x} = ANY(${params.add(texts, 'text[]')})`;
}

const OCTET = '(25[0-5]|2[0-4][0-9]|1[0-9][0-9]|[1-9]?[0-9])';
const QUAD = `(${OCTET}\\.){3}${OCTET}`;
const H = '[0-9a-fA-F]{1,4}';
/** Texts that the inet cast accepts for sure; a cast error would fail the whole query. */
const V4 = `^${QUAD}$`;
const V6 = `^((${H}:){7}${H}|(${H}:){1,7}:|:(:${H}){1,7}|${[1, 2, 3, 4, 5, 6]
  .map((n) => `(${H}:){${n}}(:${H}){1,${7 - n}}`)
  .join('|')}|::|::ffff:${QUAD})$`;

function netSql(operator: Operator, x: string, literal: string, params: Params): string {
  const net = readNet(literal);
  if (!net) throw new Error(`unchecked filter: ${operator} ${literal}`);
  const valid = `${x} ~ ${params.add(net.family === 4 ? V4 : V6, 'text')}`;
  const inside = `CASE WHEN ${valid} THEN ${x}::inet <<= ${params.add(netText(net), 'inet')} ELSE FALSE END`;
  return operator === '!=' ? `(${x} IS NOT NULL AND NOT (${inside}))` : `(${inside})`;
}

function regexSql(x: string, pattern: string, params: Params): string {
  const regex = compileRegex(pattern);
  if (typeof regex === 'string') throw new Error(`unchecked filter: ${regex}`);
  return `${x} ~ ${params.add(regex.postgres, 'text')}`;
}

/** One character in a Postgres regular expression; a backslash before punctuation makes it literal. */
function regexChar(char: string): string {
  return /[\x21-\x2f\x3a-\x40\x5b-\x60\x7b-\x7e]/.test(char) ? `\\${char}` : char;
}

function classRange([low, high]: readonly [number, number]): string {
  const hex = (code: number): string => `\\U${Math.max(code, 1).toString(16).padStart(8, '0')}`;
  return low === high ? hex(low) : `${hex(low)}-${hex(high)}`;
}

function globRegex(pattern: string, any: string): string {
  return globTokens(pattern)
    .map((token) => {
      if (token.kind === 'star') return `${any}*`;
      if (token.kind === 'any') return any;
      if (token.kind === 'char') return regexChar(token.char);
      if (token.ranges.length === 0) return token.negated ? any : '(?!)';
      const guard = any === '.' ? '' : '(?!/)';
      return `${guard}[${token.negated ? '^' : ''}${token.ranges.map(classRange).join('')}]`;
    })
    .join('');
}

function globSql(x: string, pattern: string, params: Params): string {
  if (hasNul(pattern)) return never(x);
  return `${x} ~ ${params.add(`^${globRegex(pattern, '.')}$`, 'text')}`;
}

function componentRegex(part: string): string {
  if (!isGlob(part)) return [...part].map(regexChar).join('');
  return /^\*+$/.test(part) ? '[^/]+' : globRegex(part, '[^/]');
}

function pathSql(x: string, paths: readonly string[], params: Params): string {
  const patterns = paths
    .filter((path) => !hasNul(path))
    .map((path) => {
      const parts = components(path).map(componentRegex);
      return parts.length === 0 ? '' : `/*${parts.join('/+')}(/|$)`;
    });
  if (patterns.length === 0) return never(x);
  return `${x} ~ ${params.add(`^(${patterns.join('|')})`, 'text')}`;
}
