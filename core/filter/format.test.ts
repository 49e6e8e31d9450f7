import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { FilterNode } from './ast.ts';
import { formatFilter } from './format.ts';
import { parseFilter } from './parser.ts';

/** A tree without positions. */
function bare(text: string): unknown {
  const parsed = parseFilter(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.faults[0]?.message}`);
  return JSON.parse(
    JSON.stringify(parsed.ast satisfies FilterNode, (key, value) => (key === 'pos' ? undefined : value)),
  );
}

it('drops superfluous blanks and parentheses, and keeps those that make the tree', () => {
  expect(formatFilter('  ((proc.name=cat))and( fd.num>=0 or(evt.dir=<))')).toBe(
    'proc.name = cat and (fd.num >= 0 or evt.dir = <)',
  );
  expect(formatFilter('a or (b and c) or (d or e)')).toBe('a or b and c or (d or e)');
  expect(formatFilter('a and (b and c) and not (not d)')).toBe('a and (b and c) and d');
  expect(formatFilter('not (a.b in ( x ,"y z" ))')).toBe('not a.b in (x, "y z")');
  expect(formatFilter('a.b = = c')).toBeUndefined();
});

it('breaks long chains and lists, one level after the other', () => {
  const text = 'evt.type = openat and (proc.name in (aaaaaaaa, bbbbbbbb, cccccccc) or proc.name = dddddddd)';
  expect(formatFilter(text, { width: 40 })).toBe(
    [
      'evt.type = openat',
      'and (',
      '  proc.name in (',
      '    aaaaaaaa, bbbbbbbb, cccccccc',
      '  )',
      '  or proc.name = dddddddd',
      ')',
    ].join('\n'),
  );
  expect(formatFilter(text, { width: Number.POSITIVE_INFINITY })).toBe(text);
});

it('keeps values byte for byte, quoted ones quoted', () => {
  for (const text of [
    'a.b = "x"',
    'a.b regex "\\\\w+ \\\\(x\\\\)"',
    'a.b = "ends with \\x5c"',
    'a.b = \'it is "q"\'',
  ]) {
    expect(bare(formatFilter(text) ?? ''), text).toEqual(bare(text));
  }
  expect(formatFilter('a.b regex "\\\\w+"')).toBe('a.b regex "\\\\w+"');
});

const quoted = fc.string({ unit: 'binary', maxLength: 8 }).map((text) => {
  const body = text.replace(/[\b\f\n\r\t"\\]/g, (c) => `\\x${c.charCodeAt(0).toString(16).padStart(2, '0')}`);
  return `"${body}"`;
});
const value = fc.oneof(quoted, fc.constantFrom('cat', '/etc/x', 'oneof', 'and', '\\d+', '-1', 'a<b', 'val'));
const list = fc.array(value, { maxLength: 5 }).map((items) => `(${items.join(',')})`);
const left = fc.constantFrom(
  'proc.name',
  'proc.aname[2]',
  'evt.arg["a b"]',
  'tolower( proc.name )',
  'join("\\n",(a.b,c.d))',
);
const check = fc
  .oneof(
    fc.tuple(left, fc.constantFrom('=', '!=', 'contains', 'glob'), value),
    fc.tuple(left, fc.constantFrom('<', '>='), fc.constantFrom('1', '0x1F', '-2.5', 'warning')),
    fc.tuple(left, fc.constantFrom('in', 'pmatch', '= oneof', 'startswith allof'), list),
    fc.tuple(left, fc.constantFrom('in', '= anyof'), fc.constant('some_list')),
    fc.tuple(left, fc.constantFrom('exists'), fc.constant('')),
    fc.tuple(left, fc.constantFrom('='), fc.constantFrom('val( fd.name )', 'basename(fd.name)')),
    fc.tuple(fc.constant('macro_name')),
  )
  .map((parts) => parts.join(' '));
const { filter } = fc.letrec<{ filter: string }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    check,
    fc.array(tie('filter'), { minLength: 2, maxLength: 4 }).map((parts) => parts.join(' and ')),
    fc.array(tie('filter'), { minLength: 2, maxLength: 4 }).map((parts) => `( ${parts.join(' or ')})`),
    tie('filter').map((part) => `not (${part} )`),
  ),
}));

it('parses to the same tree at every width, and formatting twice changes nothing', () => {
  fc.assert(
    fc.property(filter, fc.constantFrom(1, 20, 60, 100, Number.POSITIVE_INFINITY), (text, width) => {
      fc.pre(parseFilter(text).ok);
      const once = formatFilter(text, { width }) ?? '';
      expect(bare(once)).toEqual(bare(text));
      expect(formatFilter(once, { width })).toBe(once);
    }),
    { numRuns: 800 },
  );
});
