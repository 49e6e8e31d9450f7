import type { FilePosition } from './result.ts';

type Piece = {
  readonly start: number;
  readonly origin: Origin;
  readonly at: number;
  readonly fixed: boolean;
};

/** Text of one YAML scalar, and where its characters stand in the file. */
export type Origin = {
  readonly text: string;
  readonly file: string;
  readonly position: FilePosition;
};

/** A condition put together from several places, that still knows where each character came from. */
export class TracedText {
  readonly text: string;
  readonly #pieces: readonly Piece[];

  private constructor(text: string, pieces: readonly Piece[]) {
    this.text = text;
    this.#pieces = pieces;
  }

  static of(origin: Origin): TracedText {
    return new TracedText(origin.text, [{ start: 0, origin, at: 0, fixed: false }]);
  }

  /** Text made up by the loader (exceptions): every character stands where `origin` starts. */
  static made(text: string, origin: Origin): TracedText {
    return new TracedText(text, [{ start: 0, origin, at: 0, fixed: true }]);
  }

  concat(other: TracedText): TracedText {
    const shift = this.text.length;
    const moved = other.#pieces.map((piece) => ({ ...piece, start: piece.start + shift }));
    return new TracedText(this.text + other.text, [...this.#pieces, ...moved]);
  }

  /** Replaces [start, end); the new characters stand where the old ones began. */
  replace(start: number, end: number, text: string): TracedText {
    const before = this.slice(0, start);
    const { origin, at } = this.#find(start);
    const middle = new TracedText(text, text === '' ? [] : [{ start: 0, origin, at, fixed: true }]);
    return before.concat(middle).concat(this.slice(end, this.text.length));
  }

  slice(start: number, end: number): TracedText {
    const pieces: Piece[] = [];
    for (let i = 0; i < this.#pieces.length; i++) {
      const piece = this.#pieces[i];
      if (!piece) continue;
      const stop = this.#pieces[i + 1]?.start ?? this.text.length;
      const from = Math.max(piece.start, start);
      if (from >= Math.min(stop, end)) continue;
      const at = piece.fixed ? piece.at : piece.at + from - piece.start;
      pieces.push({ ...piece, start: from - start, at });
    }
    return new TracedText(this.text.slice(start, end), pieces);
  }

  /** Scalar and index within it that the character at `index` came from. */
  trace(index: number): { readonly origin: Origin; readonly index: number } {
    const { origin, at } = this.#find(index);
    return { origin, index: at };
  }

  #find(index: number): { origin: Origin; at: number } {
    let found = this.#pieces[0];
    for (const piece of this.#pieces) if (piece.start <= index) found = piece;
    if (!found) throw new Error('empty traced text');
    return { origin: found.origin, at: found.fixed ? found.at : found.at + index - found.start };
  }
}

const BLANK = /\s/;

/**
 * File position of a character of a scalar. Folding, indentation and block headers change only blanks and
 * markers, so both texts are walked along their other characters; where escapes break the walk, the scalar's
 * start is answered.
 */
export function locate(origin: Origin, index: number, fileText: string): FilePosition {
  const { position } = origin;
  let file = position.offset;
  const head = fileText[file];
  if (head === '|' || head === '>') file = fileText.indexOf('\n', file) + 1;
  else if (head === '"' || head === "'") file++;
  let line = position.line;
  let lineStart = position.offset - position.column;
  const advance = (): void => {
    if (fileText[file] === '\n') {
      line++;
      lineStart = file + 1;
    }
    file++;
  };
  if (file > position.offset && (head === '|' || head === '>')) {
    line++;
    lineStart = file;
  }
  for (let i = 0; i <= index && i < origin.text.length; i++) {
    const char = origin.text[i] ?? '';
    if (BLANK.test(char)) continue;
    while (file < fileText.length && BLANK.test(fileText[file] ?? '')) advance();
    if (fileText[file] !== char) return position;
    if (i === index) break;
    advance();
  }
  return { name: position.name, line, column: file - lineStart, offset: file };
}
