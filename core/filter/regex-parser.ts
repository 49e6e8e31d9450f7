import { type Assertion, complement, normalRanges, POSIX, type Ranges, type RegexNode } from './regex-ast.ts';

/** RE2's own limit on repetition, nested ones multiplied; here also nesting. */
const REPEAT_MAX = 1_000;
const DEPTH_MAX = 100;

/** Thrown inside; `parseRegex` answers its text. */
class RegexError extends Error {}

/**
 * Parses a pattern as Falco does: RE2 in POSIX mode, without Perl's classes, flags and lazy quantifiers; ^ and $
 * hold at every line. Errors: Falco's text. Source: falcosecurity/libs sinsp_filtercheck, google/re2 parse.cc.
 */
export function parseRegex(pattern: string): RegexNode | string {
  try {
    const parser = new RegexParser(pattern);
    return parser.whole();
  } catch (error) {
    if (error instanceof RegexError) return `invalid regex pattern: ${error.message}`;
    throw error;
  }
}

const ESCAPED: Readonly<Record<string, number>> = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 };
const OCTAL_DIGITS_MAX = 3;

class RegexParser {
  readonly #pattern: string;
  readonly #chars: readonly string[];
  /** Product of the repetition counts inside a node, where it is more than one. */
  readonly #counts = new Map<RegexNode, number>();
  #at = 0;
  #depth = 0;

  constructor(pattern: string) {
    this.#pattern = pattern;
    this.#chars = [...pattern];
  }

  whole(): RegexNode {
    const node = this.#alternatives();
    if (this.#at < this.#chars.length) throw new RegexError(`unexpected ): ${this.#pattern}`);
    return node;
  }

  #peek(ahead = 0): string | undefined {
    return this.#chars[this.#at + ahead];
  }

  #take(text: string): boolean {
    const chars = [...text];
    if (!chars.every((char, i) => this.#peek(i) === char)) return false;
    this.#at += chars.length;
    return true;
  }

  #alternatives(): RegexNode {
    const items = [this.#sequence()];
    while (this.#take('|')) items.push(this.#sequence());
    const [only] = items;
    return items.length === 1 && only ? only : this.#counted({ kind: 'alt', items }, items);
  }

  #sequence(): RegexNode {
    const items: RegexNode[] = [];
    for (let char = this.#peek(); char !== undefined && char !== '|' && char !== ')'; char = this.#peek()) {
      items.push(this.#repeated(this.#atom()));
    }
    const [only] = items;
    if (!only) return { kind: 'empty' };
    return items.length === 1 ? only : this.#counted({ kind: 'cat', items }, items);
  }

  #counted(node: RegexNode, items: readonly RegexNode[], factor = 1): RegexNode {
    let most = 1;
    for (const item of items) most = Math.max(most, this.#counts.get(item) ?? 1);
    if (most * factor > 1) this.#counts.set(node, most * factor);
    return node;
  }

  #repeated(atom: RegexNode): RegexNode {
    let node = atom;
    for (;;) {
      const start = this.#at;
      const bounds = this.#quantifier();
      if (!bounds) return node;
      const [min, max] = bounds;
      const factor = this.#chars[start] === '{' ? (max ?? min) || 1 : 1;
      node = this.#counted({ kind: 'repeat', item: node, min, max }, [node], factor);
      if ((this.#counts.get(node) ?? 1) > REPEAT_MAX) this.#fail('invalid repetition size', start);
    }
  }

  /** Throws an error that tells the text from `start` to here. */
  #fail(message: string, start: number): never {
    throw new RegexError(`${message}: ${this.#chars.slice(start, this.#at).join('')}`);
  }

  #quantifier(): readonly [number, number | undefined] | undefined {
    if (this.#take('*')) return [0, undefined];
    if (this.#take('+')) return [1, undefined];
    if (this.#take('?')) return [0, 1];
    if (this.#peek() !== '{') return undefined;
    const found = /^\{(\d{1,5})(,(\d{0,5}))?\}/.exec(this.#chars.slice(this.#at, this.#at + 14).join(''));
    // What is no valid count is literal text, as in RE2.
    if (!found) return undefined;
    const start = this.#at;
    this.#at += found[0].length;
    const min = Number(found[1]);
    const max = found[2] === undefined ? min : found[3] === '' ? undefined : Number(found[3]);
    if (min > REPEAT_MAX || (max ?? 0) > REPEAT_MAX || (max !== undefined && max < min)) {
      this.#fail('invalid repetition size', start);
    }
    return [min, max];
  }

  #atom(): RegexNode {
    const char = this.#peek() ?? '';
    this.#at++;
    switch (char) {
      case '(':
        return this.#group();
      case '[':
        return { kind: 'set', ranges: this.#brackets() };
      case '.':
        return { kind: 'set', ranges: complement([[10, 10]]) };
      case '^':
        return assertion('line-begin');
      case '$':
        return assertion('line-end');
      case '\\':
        return literal(this.#codePoint());
      case '*':
      case '+':
      case '?':
        return this.#fail('no argument for repetition operator', this.#at - 1);
      case '{':
        return this.#brace();
      default:
        return literal(char.codePointAt(0) ?? 0);
    }
  }

  /** What is no valid count is literal text. */
  #brace(): RegexNode {
    const start = --this.#at;
    if (this.#quantifier()) this.#fail('no argument for repetition operator', start);
    this.#at = start + 1;
    return literal(0x7b);
  }

  #group(): RegexNode {
    if (++this.#depth > DEPTH_MAX) throw new RegexError(`nesting deeper than ${DEPTH_MAX}`);
    const node = this.#alternatives();
    if (!this.#take(')')) throw new RegexError(`missing ): ${this.#pattern}`);
    this.#depth--;
    return node;
  }

  /** Code point of an escape; the backslash is behind us. */
  #codePoint(): number {
    const start = this.#at - 1;
    const char = this.#peek();
    if (char === undefined) throw new RegexError('trailing \\');
    this.#at++;
    const simple = Object.hasOwn(ESCAPED, char) ? ESCAPED[char] : undefined;
    if (simple !== undefined) return simple;
    if (char === 'x') return this.#hexadecimal(start);
    // A single digit other than 0 would be a backreference.
    if (char === '0' || (/[1-7]/.test(char) && /[0-7]/.test(this.#peek() ?? ''))) return this.#octal(start);
    if (/[0-9A-Za-z_]/.test(char) || char.charCodeAt(0) > 0x7f) this.#fail('invalid escape sequence', start);
    return char.codePointAt(0) ?? 0;
  }

  #hexadecimal(start: number): number {
    const rest = this.#chars.slice(this.#at, this.#at + 10).join('');
    const hex = /^\{([0-9a-fA-F]{1,6})\}|^([0-9a-fA-F]{2})/.exec(rest);
    const code = Number.parseInt(hex?.[1] ?? hex?.[2] ?? '', 16);
    this.#at += hex?.[0].length ?? Math.min(rest.length, 2);
    if (!hex || code > 0x10ffff) this.#fail('invalid escape sequence', start);
    return code;
  }

  #octal(start: number): number {
    while (this.#at - start <= OCTAL_DIGITS_MAX && /[0-7]/.test(this.#peek() ?? '')) this.#at++;
    return Number.parseInt(this.#chars.slice(start + 1, this.#at).join(''), 8);
  }

  #brackets(): Ranges {
    const start = this.#at - 1;
    const negated = this.#take('^');
    const ranges: (readonly [number, number])[] = [];
    for (let first = true; first || this.#peek() !== ']'; first = false) {
      if (this.#peek() === undefined) this.#fail('missing ]', start);
      // A dash stands first, last or between the ends of a range.
      if (this.#peek() === '-' && !first && this.#peek(1) !== ']') {
        this.#at += 2;
        this.#fail('invalid character class range', this.#at - 2);
      }
      const set = this.#bracketClass();
      if (set) ranges.push(...set);
      else ranges.push(this.#bracketRange(start));
    }
    this.#at++;
    return negated ? complement(ranges) : normalRanges(ranges);
  }

  #bracketRange(bracket: number): readonly [number, number] {
    const start = this.#at;
    const low = this.#bracketChar(bracket);
    if (this.#peek() !== '-' || this.#peek(1) === ']' || this.#peek(1) === undefined) return [low, low];
    this.#at++;
    const high = this.#bracketChar(bracket);
    if (high < low) this.#fail('invalid character class range', start);
    return [low, high];
  }

  #bracketClass(): Ranges | undefined {
    if (this.#peek() !== '[' || this.#peek(1) !== ':') return undefined;
    const start = this.#at;
    const found = /^\[:(\^?)([^\]]*?):\]/.exec(this.#chars.slice(start, start + 32).join(''));
    // Without an end it is no class: the bracket stands for itself.
    if (!found) return undefined;
    this.#at += found[0].length;
    const name = found[2] ?? '';
    const set = Object.hasOwn(POSIX, name) ? POSIX[name] : undefined;
    if (!set) return this.#fail('invalid character class range', start);
    return found[1] === '^' ? complement(set) : set;
  }

  #bracketChar(bracket: number): number {
    if (this.#take('\\')) return this.#codePoint();
    const char = this.#peek();
    if (char === undefined) return this.#fail('missing ]', bracket);
    this.#at++;
    return char.codePointAt(0) ?? 0;
  }
}

function literal(code: number): RegexNode {
  return { kind: 'set', ranges: [[code, code]] };
}

function assertion(what: Assertion): RegexNode {
  return { kind: 'assert', what };
}
