import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toCsv } from './csv.ts';
import { escapeMarkdown } from './markdown.ts';

describe('toCsv', () => {
  it('quotes commas, quotes and line breaks after RFC 4180', () => {
    expect(
      toCsv(
        ['a', 'b'],
        [
          ['x,y', 'say "hi"'],
          ['two\nlines', null],
        ],
      ),
    ).toBe('a,b\r\n"x,y","say ""hi"""\r\n"two\nlines",\r\n');
  });

  it('disarms every cell that a spreadsheet takes for a formula', () => {
    for (const start of ['=', '+', '-', '@', '\t', '\r']) {
      const line = toCsv(['a'], [[`${start}cmd|' /C calc'!A0`]]).split('a\r\n')[1] ?? '';
      expect(line.replace(/^"/, '').startsWith("'")).toBe(true);
    }
    expect(toCsv(['a'], [[-1]])).toBe('a\r\n-1\r\n');
  });

  it('gives back any text after parsing, but for the apostrophe', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary' }),
        fc.oneof(fc.string(), fc.stringMatching(/^'{0,2}[=@a]?.{0,9}$/)),
        (first, second) => {
          const [, row] = parseCsv(toCsv(['a', 'b'], [[first, second]]));
          expect(row?.map((text) => text.replace(/^'(?='*[=+\-@\t\r])/, ''))).toEqual([first, second]);
        },
      ),
    );
  });
});

describe('escapeMarkdown', () => {
  it('leaves no link, image, tag, cell or heading', () => {
    expect(escapeMarkdown('[x](javascript:alert(1))')).toBe('\\[x\\]\\(javascript:alert\\(1\\)\\)');
    expect(escapeMarkdown('<img src=x onerror=y>')).toBe('&lt;img src=x onerror=y&gt;');
    expect(escapeMarkdown('a | b\n# c')).toBe('a \\| b \\# c');
    expect(escapeMarkdown('- item')).toBe('\\- item');
    expect(escapeMarkdown('see https://evil.example')).not.toContain('https://');
  });

  it('keeps one line and no raw bracket or pipe for any input', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const escaped = escapeMarkdown(text);
        expect(escaped).not.toMatch(/[\r\n<>]/);
        expect(escaped.replace(/\\./gu, '')).not.toMatch(/[|[\]`]/);
      }),
    );
  });
});

/** A plain RFC 4180 reader, to check the writer against something that is not the writer. */
function parseCsv(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let field = '';
  let quoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const char = text[i] ?? '';
    if (quoted) {
      if (char !== '"') field += char;
      else if (text[i + 1] === '"') {
        field += '"';
        i += 1;
      } else quoted = false;
    } else if (char === '"') quoted = true;
    else if (char === ',') {
      row.push(field);
      field = '';
    } else if (char === '\r' && text[i + 1] === '\n') {
      rows.push([...row, field]);
      row = [];
      field = '';
      i += 1;
    } else field += char;
  }
  return rows;
}
