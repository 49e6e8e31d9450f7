import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEPTH_MAX, FILTER_CHARS_MAX, parseFilter } from './parser.ts';
import { printFilter } from './print.ts';

function fault(text: string) {
  const parsed = parseFilter(text);
  return parsed.ok ? undefined : parsed.faults[0];
}

const printed = (text: string): string | undefined => {
  const parsed = parseFilter(text);
  return parsed.ok ? printFilter(parsed.ast) : undefined;
};

const ACCEPTED = [
  'evt.type = open and proc.name in (cat, "a-b") or not fd.name startswith /etc',
  'tolower(proc.name) = cat and proc.aname[2] exists',
  'fd.name pmatch (/etc, /usr/*) and not (a or b)',
  'proc.name contains oneof (a, b) and x.y = val(z.w)',
];

describe('parseFilter', () => {
  it.each(ACCEPTED)('reads the same tree whatever the blanks: %s', (text) => {
    for (const blank of ['\n', '\t', '  \r\n ', ' \b'])
      expect(printed(text.replaceAll(' ', blank))).toBe(printed(text));
  });

  it('binds not before and before or', () => {
    expect(printed('a or not b and c')).toBe('(a or (not b and c))');
  });

  it('tells line and column of the first text that it cannot read', () => {
    expect(fault('evt.type = open and\n  proc.name ~ cat')).toMatchObject({ index: 32, line: 2, column: 13 });
    expect(fault('proc.name = cat proc.pid = 1')?.message).toBe(
      "unexpected token after 'cat', expecting 'or', 'and'",
    );
  });

  it(`rejects nesting deeper than ${DEPTH_MAX}`, () => {
    expect(parseFilter(`${'('.repeat(DEPTH_MAX)}a${')'.repeat(DEPTH_MAX)}`).ok).toBe(true);
    expect(fault(`${'('.repeat(DEPTH_MAX + 1)}a${')'.repeat(DEPTH_MAX + 1)}`)?.message).toContain(
      'max depth',
    );
    expect(fault('('.repeat(100_000))?.message).toContain('max depth');
    expect(fault(`${'tolower('.repeat(30_000)}`)?.message).toContain('max depth');
  });

  it('takes any number of negations without recursion', () => {
    expect(printed(`${'not '.repeat(20_001)}a`)).toBe('not a');
  });

  it('rejects a text that is too long before reading it', () => {
    expect(fault('a'.repeat(FILTER_CHARS_MAX + 1))?.message).toContain('longer than');
  });

  it('decodes the escapes of quoted strings and refuses others', () => {
    const value = (text: string): unknown => {
      const parsed = parseFilter(`a.b = ${text}`);
      return (
        parsed.ok &&
        parsed.ast.kind === 'check' &&
        parsed.ast.right?.kind === 'value' &&
        parsed.ast.right.text
      );
    };
    expect(value(String.raw`"a\n\t\"\x41\/"`)).toBe('a\n\t"A/');
    expect(value(String.raw`'it\'s'`)).toBe("it's");
    expect(fault(String.raw`a.b = "\'"`)?.message).toContain('escape');
    expect(fault(String.raw`a.b = "\x4"`)?.message).toContain('hexadecimal');
  });

  it('reads rule as a field only before an operator', () => {
    expect(printed('rule = x and rule')).toBe('(rule = x and rule)');
    expect(printed('rule contains "shell in"')).toBe('rule contains "shell in"');
  });

  it('never throws, and what it accepts prints to a text with the same tree', () => {
    const piece = fc.constantFrom(
      'a',
      'a.b',
      '(',
      ')',
      'and',
      'or',
      'not',
      '=',
      '!=',
      'in',
      'exists',
      '<',
      '1',
      '"x y"',
      "'",
      '\\',
      ',',
      ' ',
      'val(',
      'tolower(',
      '[',
      ']',
      'oneof',
      'contains',
      '0x1f',
      '\n',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(piece, { maxLength: 20 }).map((p) => p.join(' ')),
          fc.string(),
        ),
        (text) => {
          const parsed = parseFilter(text);
          if (!parsed.ok) {
            expect(parsed.faults[0]?.index).toBeLessThanOrEqual(text.length);
            return;
          }
          const once = printFilter(parsed.ast);
          expect(printed(once)).toBe(once);
        },
      ),
      { numRuns: 2_000 },
    );
  });
});
