import {
  type Assertion,
  complement,
  DIGIT,
  foldCase,
  normalRanges,
  POSIX,
  type Ranges,
  type RegexNode,
  SPACE,
  WORD,
} from './regex-ast.ts';

/** RE2's own limits: repetition count, and here also nesting. */
const REPEAT_MAX = 1_000;
const DEPTH_MAX = 100;

type Flags = { readonly fold: boolean; readonly dotAll: boolean; readonly multiline: boolean };

/** Thrown inside; `parseRegex` answers its text. */
class RegexError extends Error {}

/** Parses RE2 syntax. Lazy quantifiers and groups mean nothing to a whole-string match. Errors: a text. */
export function parseRegex(pattern: string): RegexNode | string {
  try {
    const parser = new RegexParser(pattern);
    return parser.whole();
  } catch (error) {
    if (error instanceof RegexError) return `invalid regular expression '${pattern}': ${error.message}`;
    throw error;
  }
}

const ESCAPED: Readonly<Record<string, number>> = { a: 7, f: 12, t: 9, n: 10, r: 13, v: 11 };
const CLASSES: Readonly<Record<string, Ranges>> = {
  d: DIGIT,
  D: complement(DIGIT),
  w: WORD,
  W: complement(WORD),
  s: SPACE,
  S: complement(SPACE),
};

class RegexParser {
  readonly #chars: readonly string[];
  #at = 0;
  #depth = 0;
  #flags: Flags = { fold: false, dotAll: false, multiline: false };

  constructor(pattern: string) {
    this.#chars = [...pattern];
  }

  whole(): RegexNode {
    const node = this.#alternatives();
    if (this.#at < this.#chars.length) throw new RegexError('unexpected )');
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
    return items.length === 1 && only ? only : { kind: 'alt', items };
  }

  #sequence(): RegexNode {
    const items: RegexNode[] = [];
    for (let char = this.#peek(); char !== undefined && char !== '|' && char !== ')'; char = this.#peek()) {
      items.push(this.#repeated(this.#atom()));
    }
    const [only] = items;
    if (!only) return { kind: 'empty' };
    return items.length === 1 ? only : { kind: 'cat', items };
  }

  #repeated(atom: RegexNode): RegexNode {
    let node = atom;
    for (let count = 0; ; count++) {
      const bounds = this.#quantifier();
      if (!bounds) return node;
      if (count > 0) throw new RegexError('bad repetition operator');
      this.#take('?');
      node = { kind: 'repeat', item: node, min: bounds[0], max: bounds[1] };
    }
  }

  #quantifier(): readonly [number, number | undefined] | undefined {
    if (this.#take('*')) return [0, undefined];
    if (this.#take('+')) return [1, undefined];
    if (this.#take('?')) return [0, 1];
    if (this.#peek() !== '{') return undefined;
    const found = /^\{(\d{1,5})(,(\d{0,5}))?\}/.exec(this.#chars.slice(this.#at, this.#at + 14).join(''));
    // What is no valid count is literal text, as in RE2.
    if (!found) return undefined;
    this.#at += found[0].length;
    const min = Number(found[1]);
    const max = found[2] === undefined ? min : found[3] === '' ? undefined : Number(found[3]);
    if (min > REPEAT_MAX || (max ?? 0) > REPEAT_MAX || (max !== undefined && max < min)) {
      throw new RegexError('bad repetition count');
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
        return this.#set(this.#brackets());
      case '.':
        return { kind: 'set', ranges: complement(this.#flags.dotAll ? [] : [[10, 10]]) };
      case '^':
        return assertion(this.#flags.multiline ? 'line-begin' : 'text-begin');
      case '$':
        return assertion(this.#flags.multiline ? 'line-end' : 'text-end');
      case '\\':
        return this.#escape();
      case '*':
      case '+':
      case '?':
        throw new RegexError(`nothing to repeat before ${char}`);
      default:
        return this.#literal(char);
    }
  }

  #set(ranges: Ranges): RegexNode {
    return { kind: 'set', ranges: this.#flags.fold ? foldCase(ranges) : normalRanges(ranges) };
  }

  #literal(char: string): RegexNode {
    const code = char.codePointAt(0) ?? 0;
    return this.#set([[code, code]]);
  }

  #group(): RegexNode {
    if (++this.#depth > DEPTH_MAX) throw new RegexError(`nesting deeper than ${DEPTH_MAX}`);
    const outer = this.#flags;
    if (this.#take('?')) {
      const named = this.#take('P<') || this.#take('<');
      if (named) {
        if (this.#peek() === '=' || this.#peek() === '!') throw new RegexError('lookbehind is not supported');
        while (this.#peek() !== undefined && !this.#take('>')) this.#at++;
      } else if (!this.#readFlags()) {
        // `(?i)` holds for the rest of the enclosing group.
        this.#depth--;
        return { kind: 'empty' };
      }
    }
    const node = this.#alternatives();
    if (!this.#take(')')) throw new RegexError('missing )');
    this.#flags = outer;
    this.#depth--;
    return node;
  }

  /** Reads `i-s:` or `i)`; true when a group body follows. */
  #readFlags(): boolean {
    let on = true;
    for (;;) {
      const char = this.#peek();
      this.#at++;
      if (char === ':') return true;
      if (char === ')') return false;
      if (char === '-') on = false;
      else if (char === 'i') this.#flags = { ...this.#flags, fold: on };
      else if (char === 's') this.#flags = { ...this.#flags, dotAll: on };
      else if (char === 'm') this.#flags = { ...this.#flags, multiline: on };
      else if (char !== 'U') throw new RegexError('unknown group or lookaround, which is not supported');
    }
  }

  #escape(): RegexNode {
    const char = this.#peek();
    if (char === undefined) throw new RegexError('trailing backslash');
    if (char === 'b') return this.#assert('word');
    if (char === 'B') return this.#assert('not-word');
    if (char === 'A') return this.#assert('text-begin');
    if (char === 'z') return this.#assert('text-end');
    if (char === 'Q') return this.#quotation();
    const set = Object.hasOwn(CLASSES, char) ? CLASSES[char] : undefined;
    if (set) {
      this.#at++;
      return this.#set(set);
    }
    const code = this.#codePoint();
    return this.#set([[code, code]]);
  }

  #assert(what: Assertion): RegexNode {
    this.#at++;
    return assertion(what);
  }

  #quotation(): RegexNode {
    this.#at++;
    const items: RegexNode[] = [];
    while (this.#peek() !== undefined && !this.#take('\\E'))
      items.push(this.#literal(this.#chars[this.#at++] ?? ''));
    return { kind: 'cat', items };
  }

  /** Code point of an escape; the backslash is behind us. */
  #codePoint(): number {
    const char = this.#peek() ?? '';
    this.#at++;
    const simple = Object.hasOwn(ESCAPED, char) ? ESCAPED[char] : undefined;
    if (simple !== undefined) return simple;
    if (char === 'x') {
      const rest = this.#chars.slice(this.#at, this.#at + 10).join('');
      const hex = /^\{([0-9a-fA-F]{1,6})\}|^([0-9a-fA-F]{2})/.exec(rest);
      const code = Number.parseInt(hex?.[1] ?? hex?.[2] ?? '', 16);
      if (!hex || code > 0x10ffff) throw new RegexError('bad \\x escape');
      this.#at += hex[0].length;
      return code;
    }
    if (/[0-7]/.test(char) && char === '0') return 0;
    if (/[0-9A-Za-z]/.test(char) || char === '') throw new RegexError(`unknown escape \\${char}`);
    return char.codePointAt(0) ?? 0;
  }

  #brackets(): Ranges {
    const negated = this.#take('^');
    const ranges: (readonly [number, number])[] = [];
    for (let first = true; first || this.#peek() !== ']'; first = false) {
      if (this.#peek() === undefined) throw new RegexError('missing ]');
      const set = this.#bracketClass();
      if (set) {
        ranges.push(...set);
        continue;
      }
      const low = this.#bracketChar();
      if (this.#peek() === '-' && this.#peek(1) !== ']' && this.#peek(1) !== undefined) {
        this.#at++;
        const high = this.#bracketChar();
        if (high < low) throw new RegexError('bad range in brackets');
        ranges.push([low, high]);
      } else ranges.push([low, low]);
    }
    this.#at++;
    const folded = this.#flags.fold ? foldCase(ranges) : normalRanges(ranges);
    return negated ? complement(folded) : folded;
  }

  #bracketClass(): Ranges | undefined {
    if (this.#peek() === '[' && this.#peek(1) === ':') {
      const found = /^\[:(\^?)([a-z]+):\]/.exec(this.#chars.slice(this.#at, this.#at + 14).join(''));
      const set = found && Object.hasOwn(POSIX, found[2] ?? '') ? POSIX[found[2] ?? ''] : undefined;
      if (!found || !set) throw new RegexError('unknown class in brackets');
      this.#at += found[0].length;
      return found[1] === '^' ? complement(set) : set;
    }
    const next = this.#peek(1) ?? '';
    if (this.#peek() !== '\\' || !Object.hasOwn(CLASSES, next)) return undefined;
    this.#at += 2;
    return CLASSES[next];
  }

  #bracketChar(): number {
    if (this.#take('\\')) return this.#codePoint();
    const char = this.#peek();
    if (char === undefined) throw new RegexError('missing ]');
    this.#at++;
    return char.codePointAt(0) ?? 0;
  }
}

function assertion(what: Assertion): RegexNode {
  return { kind: 'assert', what };
}
