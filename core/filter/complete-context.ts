import { LIST_OPERATORS, MODIFIERS, NUMBER_OPERATORS, type Operand, STRING_OPERATORS } from './ast.ts';
import { parseOperandAt } from './parser.ts';
import { walkFilter } from './recover-walk.ts';

/** What is being written at the cursor, and the text from `from` to the cursor that it replaces. */
export type Context =
  | { readonly kind: 'check'; readonly from: number; readonly word: string; readonly inGroup: boolean }
  | { readonly kind: 'field'; readonly from: number; readonly word: string }
  | { readonly kind: 'operator'; readonly from: number; readonly word: string; readonly left: Operand }
  | {
      readonly kind: 'value';
      readonly from: number;
      /** Decoded, without quotes. */
      readonly word: string;
      readonly quote: string;
      readonly left: Operand;
      readonly operator: string;
      /** Before the list of a list operator, in it, or a value on its own. */
      readonly place: 'before-list' | 'in-list' | 'alone';
    }
  /** Behind an item of a list. */
  | { readonly kind: 'separator'; readonly from: number }
  | { readonly kind: 'connector'; readonly from: number; readonly word: string; readonly groups: number };

const OPERATOR =
  /^[ \b\t\r\n]*(==|=|!=|<=|<|>=|>|(?:[a-z]+)(?=[ \b\t\r\n("']))[ \b\t\r\n]*(?:(oneof|anyof|allof)(?=[ \b\t\r\n(])[ \b\t\r\n]*)?/;
const WORD_OPERATORS: ReadonlySet<string> = new Set([...STRING_OPERATORS, ...LIST_OPERATORS, 'exists']);
const LISTS: ReadonlySet<string> = new Set([...LIST_OPERATORS, ...MODIFIERS]);
export const NUMERIC: ReadonlySet<string> = new Set(NUMBER_OPERATORS);
const TAIL = /[^()"'=, \b\t\r\n]*$/;

/** Reads the text up to the cursor; what stands behind it does not matter. Time is linear. */
export function contextAt(text: string): Context {
  const walk = walkFilter(text);
  const groups = walk.groups.length;
  const tail = TAIL.exec(text)?.[0] ?? '';
  const from = text.length - tail.length;
  const last = walk.leaves.at(-1);
  const start = last?.[0];
  // A check is over once something that belongs to no check stands behind it.
  const isOpen = last !== undefined && text.slice(last[1]).trim() === '' && walk.expects === 'connector';
  if (start === undefined || !isOpen) {
    if (walk.expects === 'check') return { kind: 'check', from, word: tail, inGroup: groups > 0 };
    return { kind: 'connector', from, word: tail, groups };
  }
  return leafContext(text, start, groups);
}

function leafContext(text: string, start: number, groups: number): Context {
  const tail = TAIL.exec(text)?.[0] ?? '';
  const from = text.length - tail.length;
  const left = parseOperandAt(text, start);
  if (!left) {
    const isArgument = text.slice(start, from).trim() !== '';
    if (isArgument) return { kind: 'field', from, word: tail };
    return { kind: 'check', from, word: tail, inGroup: groups > 0 };
  }
  if (left.end === text.length && left.operand.kind === 'field' && !text.endsWith(']')) {
    return { kind: 'check', from: start, word: text.slice(start), inGroup: groups > 0 };
  }
  const rest = text.slice(left.end);
  const operator = OPERATOR.exec(rest);
  const name = operator?.[1] ?? '';
  if (!operator || (/[a-z]/.test(name) && !WORD_OPERATORS.has(name))) {
    const word = rest.trimStart();
    return { kind: 'operator', from: text.length - word.length, word, left: left.operand };
  }
  const valueAt = left.end + operator[0].length;
  if (name === 'exists') return { kind: 'connector', from, word: tail, groups };
  return valueContext(text, valueAt, { left: left.operand, operator: name, modifier: operator[2], groups });
}

type Head = { left: Operand; operator: string; modifier: string | undefined; groups: number };

function valueContext(text: string, at: number, head: Head): Context {
  const { left, operator, groups } = head;
  const isList = LISTS.has(head.modifier ?? operator);
  const rest = text.slice(at);
  if (isList && rest.startsWith('(')) return listContext(text, at + 1, head);
  if (/^(?:val|[a-z0-9]+)\(/.test(rest)) {
    if (rest.endsWith(')')) return { kind: 'connector', from: text.length, word: '', groups };
    return fieldTail(text);
  }
  const place = isList ? 'before-list' : 'alone';
  const item = readItem(text, at);
  if (item.closed) return { kind: 'connector', from: item.next, word: text.slice(item.next), groups };
  return { kind: 'value', from: at, word: item.word, quote: item.quote, left, operator, place };
}

function fieldTail(text: string): Context {
  const tail = TAIL.exec(text)?.[0] ?? '';
  return { kind: 'field', from: text.length - tail.length, word: tail };
}

/** A value from `at` on; `closed` when it ends before the text does, and `next` is where the next thing begins. */
function readItem(text: string, at: number): { word: string; quote: string; closed: boolean; next: number } {
  const quote = text[at] === '"' || text[at] === "'" ? (text[at] ?? '') : '';
  let end = at;
  if (quote === '') {
    while (end < text.length && !/[()"'=, \b\t\r\n]/.test(text[end] ?? '')) end++;
  } else {
    end = text.indexOf(quote, at + 1);
    while (end >= 0 && text[end - 1] === '\\') end = text.indexOf(quote, end + 1);
    end = end < 0 ? text.length : end + 1;
  }
  const isEnded = quote !== '' && end > at + 1 && text[end - 1] === quote && text[end - 2] !== '\\';
  const closed = isEnded || end < text.length;
  const next = end + (/^[ \b\t\r\n]*/.exec(text.slice(end))?.[0].length ?? 0);
  const word = text.slice(at + quote.length, end).replace(/\\(.)/g, '$1');
  return { word, quote, closed, next };
}

function listContext(text: string, start: number, { left, operator, groups }: Head): Context {
  for (let at = start; ; ) {
    at += /^[ \b\t\r\n]*/.exec(text.slice(at, at + 4_096))?.[0].length ?? 0;
    if (text[at] === ')') return { kind: 'connector', from: text.length, word: '', groups };
    const item = readItem(text, at);
    if (!item.closed) {
      return {
        kind: 'value',
        from: at,
        word: item.word,
        quote: item.quote,
        left,
        operator,
        place: 'in-list',
      };
    }
    if (item.next >= text.length) return { kind: 'separator', from: text.length };
    const sign = text[item.next];
    if (sign === ')') {
      const behind = text.slice(item.next + 1);
      return {
        kind: 'connector',
        from: text.length - behind.trimStart().length,
        word: behind.trim(),
        groups,
      };
    }
    if (sign !== ',') return { kind: 'separator', from: item.next };
    at = item.next + 1;
  }
}
