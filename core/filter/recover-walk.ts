import { LIST_OPERATORS, STRING_OPERATORS } from './ast.ts';

/*
 * Walks a filter that may be broken and finds its checks: what stands between `and`, `or`, `not` and grouping
 * parentheses. One pass, no recursion; the checks themselves are the parser's work.
 */

export type Walk = {
  /** Start and end of each check, blanks around it left out. */
  readonly leaves: readonly (readonly [start: number, end: number])[];
  readonly problems: readonly { readonly index: number; readonly message: string }[];
  /** Indexes of grouping parentheses that are still open at the end. */
  readonly groups: readonly number[];
  /** What may come at the end of the text. */
  readonly expects: 'check' | 'connector';
};

const BLANK = /[ \b\t\r\n]/;
const BLANKS = /[ \b\t\r\n]*/y;
const WORD = /[^()"'=,<>! \b\t\r\n]+/y;
const OPERATOR_WORDS: ReadonlySet<string> = new Set([...LIST_OPERATORS, ...STRING_OPERATORS]);

export function walkFilter(text: string): Walk {
  const leaves: [number, number][] = [];
  const problems: { index: number; message: string }[] = [];
  const groups: number[] = [];
  let expects: Walk['expects'] = 'check';
  let index = skip(BLANKS, text, 0);
  for (; index < text.length; index = skip(BLANKS, text, index)) {
    const char = text[index];
    const word = wordAt(text, index);
    if (char === ')') {
      if (expects === 'check') problems.push({ index, message: "expected a field check before ')'" });
      if (groups.pop() === undefined) problems.push({ index, message: "')' closes nothing" });
      expects = 'connector';
      index++;
    } else if (word === 'and' || word === 'or') {
      if (expects === 'check') problems.push({ index, message: `expected a field check before '${word}'` });
      expects = 'check';
      index += word.length;
    } else {
      if (expects === 'connector') {
        problems.push({ index, message: "unexpected token, expecting 'or', 'and'" });
        expects = 'check';
      }
      if (word === 'not') index += word.length;
      else if (char === '(') groups.push(index++);
      else {
        const end = leafEnd(text, index);
        leaves.push([index, end]);
        expects = 'connector';
        index = end;
      }
    }
  }
  return { leaves, problems, groups, expects };
}

function skip(pattern: RegExp, text: string, index: number): number {
  pattern.lastIndex = index;
  return pattern.test(text) ? pattern.lastIndex : index;
}

/** A word that stands free: `and`, `or` and `not` need a blank, a parenthesis or the end behind them. */
function wordAt(text: string, index: number): string {
  const end = skip(WORD, text, index);
  const next = text[end];
  return next === undefined || next === '(' || next === ')' || BLANK.test(next) ? text.slice(index, end) : '';
}

/**
 * End of the check that begins at `start`: the next `and`, `or` or `not` that is no value, or a parenthesis
 * that it has not opened. A word right behind an operator is its value, whatever it spells.
 */
function leafEnd(text: string, start: number): number {
  let end = start;
  let depth = 0;
  let wantsValue = false;
  for (let index = start; index < text.length; index = skip(BLANKS, text, index)) {
    const char = text[index] ?? '';
    if (char === '"' || char === "'") {
      index = quotedEnd(text, index);
      wantsValue = false;
    } else if (char === '(' || char === ')') {
      if (char === ')' && depth === 0) return end;
      depth += char === '(' ? 1 : -1;
      wantsValue = char === '(';
      index++;
    } else if (char === ',' || '=<>!'.includes(char)) {
      wantsValue = true;
      index++;
    } else {
      const word = wordAt(text, index);
      const isWord = word === 'and' || word === 'or' || (word === 'not' && depth === 0);
      if (isWord && !wantsValue && index > start) return end;
      wantsValue = depth === 0 && index > start && !wantsValue && OPERATOR_WORDS.has(word);
      index = Math.max(skip(WORD, text, index), index + 1);
    }
    end = index;
  }
  return end;
}

/** As the scanner: a quote behind a backslash does not end the text. */
function quotedEnd(text: string, start: number): number {
  const delimiter = text[start] ?? '';
  let end = text.indexOf(delimiter, start + 1);
  while (end >= 0 && text[end - 1] === '\\') end = text.indexOf(delimiter, end + 1);
  return end < 0 ? text.length : end + 1;
}
