import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RECORD_CATALOGUE, RULE_CATALOGUE } from '../fields/catalogue.ts';
import { checkFilter } from './check.ts';
import { type CompletionSet, completeFilter, completeWithValues, withValues } from './complete.ts';
import { parseFilter } from './parser.ts';

/** Completes at the `|` in a text. */
function at(marked: string): CompletionSet {
  const cursor = marked.indexOf('|');
  return completeFilter(marked.replace('|', ''), cursor);
}
const labels = (marked: string): string[] => at(marked).items.map((item) => item.label);

function accept(marked: string, label: string): string {
  const text = marked.replace('|', '');
  const set = at(marked);
  const item = set.items.find((one) => one.label === label);
  if (!item) throw new Error(`${label} is not offered: ${labels(marked).join(' ')}`);
  return text.slice(0, set.from) + item.insert + text.slice(set.to);
}

describe('completeFilter', () => {
  it('offers fields with type and help, those that begin with the word first', () => {
    const { items } = at('proc.na|');
    expect(items[0]).toEqual({
      kind: 'field',
      label: 'proc.name',
      insert: 'proc.name ',
      detail: 'string',
      help: expect.stringContaining('Command name'),
    });
    expect(labels('|')).toContain('evt.type');
    expect(labels('name|')[0]).toMatch(/\.name$/);
    expect(labels('proc.name = cat and not (fd.|')).toContain('fd.name');
    expect(labels('tolower(proc.ex|')).toContain('proc.exepath');
    expect(labels('a.b = c and n|')).toContain('not');
    expect(accept('evt.ar|', 'evt.arg[…]')).toBe('evt.arg[');
  });

  it('offers the operators of the type, and only those', () => {
    expect(labels('proc.name |')).toEqual(
      expect.arrayContaining(['=', 'startswith', 'in', 'regex', 'exists', '<']),
    );
    expect(labels('fd.sport |')).toEqual(expect.arrayContaining(['=', '!=', '>=', 'in', 'exists']));
    expect(labels('fd.sport |')).not.toContain('contains');
    expect(labels('ka.user.groups |')).toEqual(['in', 'intersects', 'exists']);
    expect(labels('proc.name st|')[0]).toBe('startswith');
    expect(labels('tolower(proc.name) |')).toContain('contains');
    expect(labels('no.such |')).toEqual([]);
    for (const def of RECORD_CATALOGUE.fields.values()) {
      if (def.argument?.required) continue;
      const left = parseFilter(`${def.name} exists`);
      if (!left.ok || left.ast.kind !== 'check') continue;
      expect(checkFilter(left.ast, RECORD_CATALOGUE), def.name).toEqual([]);
      expect(labels(`${def.name} |`), def.name).toContain('exists');
    }
  });

  it('asks for values with what is typed, and offers those that the language knows', () => {
    expect(at('proc.name = ca|').value).toEqual({
      field: 'proc.name',
      type: 'string',
      prefix: 'ca',
      inList: false,
    });
    expect(at('proc.name = "a b|').value).toMatchObject({ prefix: 'a b' });
    expect(at('proc.aname[2] in (sh, ba|').value).toMatchObject({ field: 'proc.aname[2]', prefix: 'ba' });
    expect(at('proc.name |').value).toBeUndefined();
    expect(labels('evt.priority >= w|')).toEqual(['warning']);
    expect(labels('proc.is_exe_writable = |')).toEqual(['true', 'false']);
    expect(labels('evt.type = opena|')).toEqual(expect.arrayContaining(['openat', 'openat2']));
    expect(labels('proc.name = any|')).toContain('anyof');
    expect(labels('proc.name in |')).toEqual(['(']);
  });

  it('closes lists and groups, and goes on with and, or', () => {
    expect(labels('proc.name in (cat |')).toEqual([',', ')']);
    expect(labels('(proc.name in (cat) |')).toEqual(['and', 'or', ')']);
    expect(labels('proc.name = cat |')).toEqual(['and', 'or']);
    expect(labels('proc.name = cat a|')).toEqual(['and']);
    expect(labels('proc.name exists o|')).toEqual(['or']);
    expect(labels('proc.name = "a b" |')).toEqual(['and', 'or']);
  });

  it('replaces the word around the cursor', () => {
    expect(accept('proc.na|me = cat', 'proc.name')).toBe('proc.name  = cat');
    expect(accept('proc.name = cat an|', 'and')).toBe('proc.name = cat and ');
    expect(accept('evt.type in (ope|n)', 'openat')).toBe('evt.type in (openat)');
    const set = withValues(at("proc.name = 'a|b'"), [{ value: 'a b', count: 1_234 }]);
    expect(set.items[0]).toMatchObject({ label: 'a b', insert: '"a b"', detail: '1,234' });
    expect([set.from, set.to]).toEqual([12, 16]);
  });

  it('puts the values of the caller first', async () => {
    const set = await completeWithValues('proc.name = s', 13, async ({ field, prefix }) => {
      expect([field, prefix]).toEqual(['proc.name', 's']);
      return [{ value: 'bash', count: 2 }, { value: 'sh', count: 9 }, { value: 'cat' }];
    });
    expect(set.items.map((item) => item.label)).toEqual(['sh', 'bash']);
    expect(
      (await completeWithValues('proc', 4, () => Promise.reject(new Error('asked')))).items.length,
    ).toBeGreaterThan(0);
  });

  it('leaves out what stored events do not have', () => {
    expect(completeFilter('rul', 3, RECORD_CATALOGUE).items.map((item) => item.label)).toContain('rule');
    expect(completeFilter('rul', 3, RULE_CATALOGUE).items.map((item) => item.label)).not.toContain('rule');
  });

  it('answers at every place of any text, within the text and without delay', () => {
    const piece = fc.constantFrom(
      ...['proc.name', 'fd.sport', '=', 'in', 'contains', 'exists', 'cat', '(', ')', 'and', 'or', 'not'],
      ...['"x"', '"', "'", ',', 'tolower(', 'val(', ' ', '\n', '[1]', 'oneof', '\\', '\ud800'],
    );
    fc.assert(
      fc.property(
        fc.array(piece, { maxLength: 12 }),
        fc.constantFrom(' ', ''),
        fc.nat(),
        (pieces, glue, where) => {
          const text = pieces.join(glue);
          const cursor = where % (text.length + 1);
          const { from, to, items } = completeFilter(text, cursor);
          expect(from).toBeLessThanOrEqual(cursor);
          expect(from).toBeGreaterThanOrEqual(0);
          expect(to).toBeGreaterThanOrEqual(cursor);
          expect(to).toBeLessThanOrEqual(text.length);
          expect(items.length).toBeLessThanOrEqual(600);
        },
      ),
      { numRuns: 2_000 },
    );
    for (const text of [
      '('.repeat(100_000),
      `proc.name in (${'a, '.repeat(80_000)}`,
      'a b '.repeat(60_000),
    ]) {
      const start = performance.now();
      completeFilter(text, text.length);
      expect(performance.now() - start).toBeLessThan(1_000);
    }
  });
});
