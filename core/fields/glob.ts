/**
 * Glob patterns as fnmatch without flags: `*` also crosses slashes, `?` one character, `[..]` and
 * `[!..]` sets, backslash quotes. Shared by the closure, SQL and pmatch.
 */
export type GlobToken =
  | { readonly kind: 'star' }
  | { readonly kind: 'any' }
  | { readonly kind: 'char'; readonly char: string }
  | {
      readonly kind: 'set';
      readonly negated: boolean;
      readonly ranges: readonly (readonly [number, number])[];
    };

/** Splits a pattern into tokens; an unclosed bracket is an ordinary character, as in fnmatch. */
export function globTokens(pattern: string): readonly GlobToken[] {
  const chars = [...pattern];
  const tokens: GlobToken[] = [];
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i] ?? '';
    if (char === '*') {
      if (tokens.at(-1)?.kind !== 'star') tokens.push({ kind: 'star' });
    } else if (char === '?') tokens.push({ kind: 'any' });
    else if (char === '\\' && i + 1 < chars.length) tokens.push({ kind: 'char', char: chars[++i] ?? '' });
    else if (char === '[') {
      const set = readSet(chars, i);
      if (set) {
        tokens.push(set.token);
        i = set.end;
      } else tokens.push({ kind: 'char', char });
    } else tokens.push({ kind: 'char', char });
  }
  return tokens;
}

function readSet(chars: readonly string[], start: number): { token: GlobToken; end: number } | undefined {
  let i = start + 1;
  const negated = chars[i] === '!' || chars[i] === '^';
  if (negated) i++;
  const ranges: (readonly [number, number])[] = [];
  for (let first = true; i < chars.length; first = false) {
    if (chars[i] === ']' && !first) return { token: { kind: 'set', negated, ranges }, end: i };
    if (chars[i] === '\\' && i + 1 < chars.length) i++;
    const low = chars[i]?.codePointAt(0) ?? 0;
    if (chars[i + 1] === '-' && chars[i + 2] !== undefined && chars[i + 2] !== ']') {
      const high = chars[i + 2]?.codePointAt(0) ?? 0;
      if (low <= high) ranges.push([low, high]);
      i += 3;
    } else {
      ranges.push([low, low]);
      i++;
    }
  }
  return undefined;
}

/** Whole-string matcher; time is at most pattern × text. */
export function globMatcher(pattern: string): (text: string) => boolean {
  const tokens = globTokens(pattern);
  const simple = simpleMatcher(tokens);
  if (simple) return simple;
  return (text) => {
    const chars = [...text];
    let t = 0;
    let c = 0;
    let star = -1;
    let resume = 0;
    while (c < chars.length) {
      const token = tokens[t];
      if (token?.kind === 'star') {
        star = t++;
        resume = c;
      } else if (token && matchesOne(token, chars[c] ?? '')) {
        t++;
        c++;
      } else if (star >= 0) {
        t = star + 1;
        c = ++resume;
      } else return false;
    }
    while (tokens[t]?.kind === 'star') t++;
    return t === tokens.length;
  };
}

function matchesOne(token: GlobToken, char: string): boolean {
  if (token.kind === 'any') return true;
  if (token.kind === 'char') return token.char === char;
  if (token.kind === 'star') return false;
  const code = char.codePointAt(0) ?? 0;
  return token.ranges.some(([low, high]) => code >= low && code <= high) !== token.negated;
}

/** Exact, prefix*, *suffix and *middle* patterns need no matcher. */
function simpleMatcher(tokens: readonly GlobToken[]): ((text: string) => boolean) | undefined {
  const stars = tokens.filter((t) => t.kind === 'star').length;
  const literal = tokens.map((t) => (t.kind === 'char' ? t.char : '')).join('');
  if (tokens.some((t) => t.kind === 'any' || t.kind === 'set')) return undefined;
  const leading = tokens[0]?.kind === 'star';
  const trailing = tokens.at(-1)?.kind === 'star';
  if (stars === 0) return (text) => text === literal;
  if (stars === 1 && trailing) return (text) => text.startsWith(literal);
  if (stars === 1 && leading) return (text) => text.endsWith(literal);
  if (stars === 2 && leading && trailing) return (text) => text.includes(literal);
  return undefined;
}
