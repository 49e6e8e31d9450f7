export type TokenKind = 'field' | 'operator' | 'value' | 'punctuation' | 'space';
export type Token = { readonly kind: TokenKind; readonly text: string; readonly start: number };

const WORD_OPERATORS = new Set([
  'contains',
  'icontains',
  'bcontains',
  'startswith',
  'bstartswith',
  'endswith',
  'in',
  'intersects',
  'pmatch',
  'glob',
  'iglob',
  'regex',
  'exists',
]);
const CONNECTIVES = new Set(['and', 'or', 'not']);
const PIECE = /\s+|"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?|[=!<>]=?|[(),]|[^\s()"',=!<>]+/gy;

/**
 * Cuts a filter into coloured tokens; lenient, since it runs on half-typed text where the parser fails.
 * Shape: the texts of all tokens joined are the input.
 */
export function highlightFilter(text: string): Token[] {
  const tokens: Token[] = [];
  let expectsField = true;
  let listDepth = 0;
  let afterIn = false;
  for (const match of text.matchAll(PIECE)) {
    const piece = match[0];
    const start = match.index;
    const push = (kind: TokenKind): void => {
      tokens.push({ kind, text: piece, start });
    };
    if (/^\s/.test(piece)) push('space');
    else if (piece === '(' || piece === ')' || piece === ',') {
      push('punctuation');
      if (piece === '(' && (afterIn || listDepth > 0)) listDepth += 1;
      else if (piece === '(') expectsField = true;
      else if (piece === ')' && listDepth > 0) listDepth -= 1;
      afterIn = false;
    } else if (/^[=!<>]/.test(piece)) {
      push('operator');
      expectsField = false;
    } else {
      const word = piece.toLowerCase();
      const inList = listDepth > 0;
      if (!inList && CONNECTIVES.has(word)) {
        push('operator');
        expectsField = true;
      } else if (!inList && !expectsField && WORD_OPERATORS.has(word)) {
        push('operator');
        afterIn = word === 'in' || word === 'intersects' || word === 'pmatch';
      } else if (!inList && expectsField && !/^["']/.test(piece)) {
        push('field');
        expectsField = false;
      } else push('value');
    }
  }
  return tokens;
}
