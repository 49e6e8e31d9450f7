import { globMatcher } from '../fields/glob.ts';
import type { FieldType, Value } from '../fields/types.ts';
import type { Operator } from './ast.ts';
import { canonicalIp, netContains, readHex, readInteger, readNet, readPort } from './literal.ts';
import { pathMatcher } from './path-match.ts';
import { compileRegex } from './regex.ts';
import { compareBytes, indexOfBytes, lower, startsWithBytes, utf8 } from './text.ts';

/** Decides one present value; a missing value never gets here. */
export type Test = (value: Value) => boolean;

/**
 * Builds the test of `operator` with one literal for values of a type.
 * Errors: a text when the type has no such operator or the literal does not read as the type.
 */
export function literalTest(operator: Operator, type: FieldType, literal: string): Test | string {
  if (operator === '!=') {
    const equal = literalTest('=', type, literal);
    if (typeof equal === 'string') return equal;
    if (type !== 'number' && type !== 'port') return (value) => !equal(value);
    return (value) => numeric(value) !== undefined && !equal(value);
  }
  switch (type) {
    case 'string':
    case 'path':
      return stringTest(operator, literal);
    case 'number':
    case 'port':
      return numberTest(operator, type, literal);
    case 'bool':
      return boolTest(operator, literal);
    case 'ip':
      return ipTest(operator, literal);
    case 'net':
      return netTest(operator, literal);
    case 'bytes':
      return bytesTest(operator, literal);
    default:
      return type satisfies never;
  }
}

/** Builds the test of `in` and `intersects` for one value: equality with any of the literals. */
export function memberTest(type: FieldType, literals: readonly string[]): Test | string {
  if (type === 'string' || type === 'path') {
    const set = new Set<Value>(literals);
    return (value) => set.has(value);
  }
  if (type === 'number' || type === 'port') {
    const set = new Set<number | bigint>();
    for (const literal of literals) {
      const number = type === 'port' ? readPort(literal) : readInteger(literal);
      if (number === undefined) return invalid(type, literal);
      set.add(number);
    }
    return (value) => {
      const number = numeric(value);
      return number !== undefined && set.has(number);
    };
  }
  const tests: Test[] = [];
  for (const literal of literals) {
    const test = literalTest('=', type, literal);
    if (typeof test === 'string') return test;
    tests.push(test);
  }
  return (value) => tests.some((test) => test(value));
}

/** Builds the test of `pmatch`. */
export function pathTest(type: FieldType, literals: readonly string[]): Test | string {
  if (type !== 'string' && type !== 'path') return unsupported('pmatch', type);
  const match = pathMatcher(literals);
  return (value) => typeof value === 'string' && match(value);
}

function unsupported(operator: Operator, type: FieldType): string {
  return `operator '${operator}' is not supported for fields of type ${type}`;
}

function invalid(type: FieldType, literal: string): string {
  return `'${literal}' is not a valid value for a field of type ${type}`;
}

function stringTest(operator: Operator, literal: string): Test | string {
  switch (operator) {
    case '=':
    case '==':
      return (value) => value === literal;
    case 'contains':
      return (value) => typeof value === 'string' && value.includes(literal);
    case 'icontains': {
      const needle = lower(literal);
      return (value) => typeof value === 'string' && lower(value).includes(needle);
    }
    case 'startswith':
      return (value) => typeof value === 'string' && value.startsWith(literal);
    case 'endswith':
      return (value) => typeof value === 'string' && value.endsWith(literal);
    case 'glob': {
      const match = globMatcher(literal);
      return (value) => typeof value === 'string' && match(value);
    }
    case 'iglob': {
      const match = globMatcher(lower(literal));
      return (value) => typeof value === 'string' && match(lower(value));
    }
    case 'regex': {
      const regex = compileRegex(literal);
      if (typeof regex === 'string') return regex;
      return (value) => typeof value === 'string' && regex.test(value);
    }
    case '<':
    case '<=':
    case '>':
    case '>=': {
      const holds = ORDER[operator];
      return (value) => typeof value === 'string' && holds(compareBytes(value, literal));
    }
    default:
      return unsupported(operator, 'string');
  }
}

const ORDER = {
  '<': (order: number) => order < 0,
  '<=': (order: number) => order <= 0,
  '>': (order: number) => order > 0,
  '>=': (order: number) => order >= 0,
} as const;

const DECIMAL = /^-?[0-9]{1,40}$/;

/** Number of a value; small bigints become numbers so that equal values are identical. */
export function numeric(value: Value): number | bigint | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'string') return DECIMAL.test(value) ? readInteger(value) : undefined;
  if (typeof value !== 'bigint') return undefined;
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}

function numberTest(operator: Operator, type: 'number' | 'port', literal: string): Test | string {
  const wanted = type === 'port' ? readPort(literal) : readInteger(literal);
  if (wanted === undefined) return invalid(type, literal);
  switch (operator) {
    case '=':
    case '==':
      return (value) => numeric(value) === wanted;
    case '<':
      return (value) => (numeric(value) ?? wanted) < wanted;
    case '<=':
      return (value) => (numeric(value) ?? Number.POSITIVE_INFINITY) <= wanted;
    case '>':
      return (value) => (numeric(value) ?? wanted) > wanted;
    case '>=':
      return (value) => (numeric(value) ?? Number.NEGATIVE_INFINITY) >= wanted;
    default:
      return unsupported(operator, type);
  }
}

function boolTest(operator: Operator, literal: string): Test | string {
  if (operator !== '=' && operator !== '==') return unsupported(operator, 'bool');
  if (literal !== 'true' && literal !== 'false') return invalid('bool', literal);
  const wanted = literal === 'true';
  return (value) => value === wanted;
}

/** Events carry canonical addresses, so that equality is equality of text. */
function ipTest(operator: Operator, literal: string): Test | string {
  if (operator !== '=' && operator !== '==') return unsupported(operator, 'ip');
  const wanted = canonicalIp(literal);
  if (wanted === undefined) return invalid('ip', literal);
  return (value) => value === wanted;
}

function netTest(operator: Operator, literal: string): Test | string {
  if (operator !== '=' && operator !== '==') return unsupported(operator, 'net');
  const net = readNet(literal);
  if (!net) return invalid('net', literal);
  const contains = netContains(net);
  return (value) => typeof value === 'string' && contains(value);
}

function asBytes(value: Value): Uint8Array {
  return value instanceof Uint8Array ? value : utf8(String(value));
}

function bytesTest(operator: Operator, literal: string): Test | string {
  const binary = operator === 'bcontains' || operator === 'bstartswith';
  const wanted = binary ? readHex(literal) : utf8(literal);
  if (!wanted) return `'${literal}' is not a valid hexadecimal text`;
  switch (operator) {
    case '=':
    case '==':
      return (value) => {
        const bytes = asBytes(value);
        return bytes.length === wanted.length && startsWithBytes(bytes, wanted);
      };
    case 'contains':
    case 'bcontains':
      return (value) => indexOfBytes(asBytes(value), wanted) >= 0;
    case 'startswith':
    case 'bstartswith':
      return (value) => startsWithBytes(asBytes(value), wanted);
    case 'endswith':
      return (value) => {
        const bytes = asBytes(value);
        return (
          bytes.length >= wanted.length &&
          startsWithBytes(bytes.subarray(bytes.length - wanted.length), wanted)
        );
      };
    case '<':
    case '<=':
    case '>':
    case '>=':
      // evt.rawarg of an integer parameter: its native type decides.
      return numberTest(operator, 'number', literal);
    default:
      return unsupported(operator, 'bytes');
  }
}
