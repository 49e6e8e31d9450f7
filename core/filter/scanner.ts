import type { Fault, Position } from './ast.ts';

/** Thrown inside the parser only; `parseFilter` turns it into a fault. */
export class FilterSyntaxError extends Error {
  readonly fault: Fault;
  constructor(fault: Fault) {
    super(fault.message);
    this.fault = fault;
  }
}

// \b is backspace here, as in Falco's blank set.
const BLANK = /[ \t\r\n\b]*/y;
const BLANK_CHARS = ' \t\r\n\b';

/** Token reader over one filter text: tokens depend on context, so the parser asks for what it expects. */
export class Scanner {
  readonly text: string;
  index = 0;
  /** Last token taken, as shown in "unexpected token after 'X'". */
  last = '';
  #lineStarts: number[] | undefined;

  constructor(text: string) {
    this.text = text;
  }

  /** Skips blanks; returns whether there was at least one. */
  blank(): boolean {
    const before = this.index;
    BLANK.lastIndex = before;
    BLANK.exec(this.text);
    this.index = BLANK.lastIndex;
    return this.index > before;
  }

  /** Takes the text matched by a sticky expression, or leaves the position alone. */
  take(token: RegExp): string | undefined {
    token.lastIndex = this.index;
    const found = token.exec(this.text)?.[0];
    if (found === undefined || found === '') return undefined;
    this.index += found.length;
    this.last = found;
    return found;
  }

  /** Takes an exact text. */
  symbol(text: string): boolean {
    if (!this.text.startsWith(text, this.index)) return false;
    this.index += text.length;
    this.last = text;
    return true;
  }

  /** Takes a word when a blank, a parenthesis or the end follows, so that `andnot` is not `and`. */
  word(text: string, followers = '('): boolean {
    if (!this.text.startsWith(text, this.index)) return false;
    const next = this.text[this.index + text.length];
    if (next !== undefined && !BLANK_CHARS.includes(next) && !followers.includes(next)) return false;
    this.index += text.length;
    this.last = text;
    return true;
  }

  peek(): string | undefined {
    return this.text[this.index];
  }

  position(index = this.index): Position {
    if (!this.#lineStarts) {
      this.#lineStarts = [0];
      for (let i = this.text.indexOf('\n'); i >= 0; i = this.text.indexOf('\n', i + 1)) {
        this.#lineStarts.push(i + 1);
      }
    }
    let low = 0;
    let high = this.#lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((this.#lineStarts[middle] ?? 0) <= index) low = middle;
      else high = middle - 1;
    }
    return { index, line: low + 1, column: index - (this.#lineStarts[low] ?? 0) + 1 };
  }

  fail(message: string, expected?: readonly string[], index = this.index): never {
    throw new FilterSyntaxError({ ...this.position(index), message, ...(expected ? { expected } : {}) });
  }

  /**
   * Takes a quoted string and decodes it. It ends at the first delimiter whose previous character is
   * not a backslash, so `\\'` does not end it. Source: falcosecurity/libs filter/parser, escaping.
   */
  quoted(): string | undefined {
    const delimiter = this.peek();
    if (delimiter !== '"' && delimiter !== "'") return undefined;
    let end = this.text.indexOf(delimiter, this.index + 1);
    while (end >= 0 && this.text[end - 1] === '\\') end = this.text.indexOf(delimiter, end + 1);
    if (end < 0) return this.fail(`expected closing ${delimiter} of a quoted string`, [delimiter]);
    const start = this.index + 1;
    const value = this.#unescape(start, end, delimiter);
    this.index = end + 1;
    this.last = this.text.slice(start - 1, end + 1);
    return value;
  }

  #unescape(start: number, end: number, delimiter: string): string {
    const raw = this.text.slice(start, end);
    if (!raw.includes('\\')) return raw;
    let out = '';
    for (let i = 0; i < raw.length; i++) {
      const ch = raw[i];
      if (ch !== '\\') {
        out += ch;
        continue;
      }
      const next = raw[++i] ?? '';
      const simple = ESCAPES[next];
      if (simple !== undefined) out += simple;
      else if (next === delimiter) out += delimiter;
      else if (next === 'x') {
        const hex = /^[0-9a-fA-F]{2}/.exec(raw.slice(i + 1))?.[0];
        if (!hex) return this.fail('expected two hexadecimal digits after \\x', undefined, start + i);
        out += String.fromCharCode(Number.parseInt(hex, 16));
        i += 2;
      } else return this.fail(`invalid escape sequence '\\${next}'`, undefined, start + i - 1);
    }
    return out;
  }
}

const ESCAPES: Readonly<Record<string, string>> = {
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
  '\\': '\\',
  '/': '/',
  ' ': '\\',
};
