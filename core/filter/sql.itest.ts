import fc from 'fast-check';
import type { PoolClient } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../server/testing/postgres.ts';
import { PRIORITIES } from '../events/priority.ts';
import type { FilterRecord } from '../fields/virtual.ts';
import { parseQuery } from './check.ts';
import { compileRecordFilter } from './compile.ts';
import { EVENT_COLUMNS, filterToSql } from './sql.ts';
import { IPS, NUMBERS, PATTERNS, REGEXES, recordArbitrary, storeSample, word } from './testing/sql-sample.ts';

/*
 * Property: for every filter that parses and every stored record, the closure and Postgres give one verdict.
 * Not covered: numbers that are no integers, and NUL in stored text, which Postgres cannot hold.
 */

const RECORDS = 150;
const FILTERS = 600;
const anyValue = fc.oneof(
  word,
  fc.constantFrom(...IPS),
  fc.constantFrom(...NUMBERS),
  fc.boolean(),
  fc.array(word, { maxLength: 3 }),
);
const KEYS = [
  'proc.cmdline',
  'proc.exepath',
  'fd.name',
  'fd.sip',
  'fd.sport',
  'evt.rawres',
  'proc.is_exe_upper_layer',
  'evt.arg.flags',
  'proc.pname',
  'user.uid',
  'ka.target.name',
] as const;
const typed = {
  'proc.cmdline': word,
  'proc.exepath': word,
  'fd.name': word,
  'fd.sip': fc.constantFrom(...IPS),
  'fd.sport': fc.constantFrom(...NUMBERS),
  'evt.rawres': fc.constantFrom(...NUMBERS),
  'proc.is_exe_upper_layer': fc.boolean(),
  'evt.arg.flags': word,
  'proc.pname': word,
  'user.uid': fc.constantFrom(...NUMBERS),
  'ka.target.name': word,
} as const;

const fieldsArbitrary = fc.record(
  {
    // One value in eight has another type than its field: it must be missing for both.
    ...Object.fromEntries(
      KEYS.map((key) => [
        key,
        fc.oneof({ weight: 7, arbitrary: typed[key] }, { weight: 1, arbitrary: anyValue }),
      ]),
    ),
    'proc.aname': fc.oneof(
      { weight: 7, arbitrary: fc.array(word, { maxLength: 4 }) },
      { weight: 1, arbitrary: word },
    ),
    'proc.apid': fc.array(fc.constantFrom('1', '17', 'x'), { maxLength: 3 }),
    'fd.ip': fc.array(fc.constantFrom(...IPS), { maxLength: 2 }),
    'fd.port': fc.array(fc.constantFrom('22', '443', '40000'), { maxLength: 2 }),
    'ka.user.groups': fc.array(word, { maxLength: 3 }),
  },
  { requiredKeys: [] },
);

const TEXT_FIELDS = [
  'proc.name',
  'proc.cmdline',
  'proc.exepath',
  'fd.name',
  'evt.arg.flags',
  'proc.pname',
  'rule',
  'evt.summary',
  'k8s.ns.name',
  'user.name',
  'ka.user.name',
  'ka.target.name',
  'container.id',
  'evt.type',
  'evt.outcome',
  'evt.object',
  'proc.aname[0]',
  'proc.aname[1]',
  'proc.aname[2]',
  'ka.user.groups[0]',
  'tolower(proc.cmdline)',
  'toupper(rule)',
  'basename(fd.name)',
  'join("-", (proc.pname, "x", proc.cmdline))',
  'concat(proc.pname, user.uid)',
];
const SET_FIELDS = ['proc.aname', 'evt.category', 'evt.tag', 'tolower(proc.aname)'];
const NUMBER_FIELDS = [
  'proc.pid',
  'user.uid',
  'evt.rawres',
  'fd.sport',
  'fd.port',
  'proc.apid',
  'len(proc.cmdline)',
  'len(proc.aname)',
  'evt.priority',
  'proc.apid[1]',
];

const quote = (text: string): string =>
  `"${text.replace(/[\\"]/g, (c) => (c === '"' ? '\\"' : '\\x5c')).replaceAll('\n', '\\n')}"`;
const quoted = word.map(quote);
const list = (item: fc.Arbitrary<string>): fc.Arbitrary<string> =>
  fc.array(item, { maxLength: 3 }).map((items) => `(${items.join(', ')})`);
const numberText = fc.constantFrom('0', '1', '17', '22', '443', '-1', '0x16', '9007199254740993');

const comparison = fc
  .oneof(
    fc.tuple(
      fc.constantFrom(...TEXT_FIELDS, ...SET_FIELDS),
      fc.constantFrom('=', '!=', 'contains', 'icontains', 'startswith', 'endswith'),
      quoted,
    ),
    fc.tuple(
      fc.constantFrom(...TEXT_FIELDS, ...SET_FIELDS),
      fc.constantFrom('glob', 'iglob'),
      fc.constantFrom(...PATTERNS).map(quote),
    ),
    fc.tuple(
      fc.constantFrom(...TEXT_FIELDS, ...SET_FIELDS),
      fc.constant('regex'),
      fc.constantFrom(...REGEXES).map(quote),
    ),
    fc.tuple(
      fc.constantFrom(...TEXT_FIELDS, ...SET_FIELDS),
      fc.constantFrom(
        'in',
        'intersects',
        'pmatch',
        '= oneof',
        '!= allof',
        'contains anyof',
        'startswith oneof',
      ),
      list(quoted),
    ),
    fc.tuple(fc.constantFrom(...TEXT_FIELDS), fc.constantFrom('<', '>='), numberText),
    fc.tuple(
      fc.constantFrom('fd.name', 'proc.exepath'),
      fc.constant('pmatch'),
      list(fc.constantFrom('/etc', '/etc/*', '/*/shadow', '/', '/v[a-z]r')),
    ),
    fc.tuple(fc.constant('ka.user.groups'), fc.constantFrom('in', 'intersects'), list(quoted)),
    fc.tuple(fc.constantFrom(...NUMBER_FIELDS), fc.constantFrom('=', '!=', '<', '<=', '>', '>='), numberText),
    fc.tuple(fc.constantFrom(...NUMBER_FIELDS), fc.constantFrom('in', '!= anyof'), list(numberText)),
    fc.tuple(
      fc.constant('evt.priority'),
      fc.constantFrom('=', '!=', '<', '>='),
      fc.constantFrom(...PRIORITIES),
    ),
    fc.tuple(
      fc.constantFrom('fd.sip', 'fd.ip'),
      fc.constantFrom('=', '!='),
      fc.constantFrom('10.1.2.3', '::1', '2001:db8:0::7'),
    ),
    fc.tuple(
      fc.constantFrom('fd.sip', 'fd.ip'),
      fc.constant('in'),
      list(fc.constantFrom('10.1.2.3', '"::1"')),
    ),
    fc.tuple(
      fc.constantFrom('fd.snet', 'fd.net'),
      fc.constantFrom('=', '!='),
      fc.constantFrom('10.0.0.0/8', '203.0.113.9', '2001:db8::/32', '0.0.0.0/0', '::/0'),
    ),
    fc.tuple(
      fc.constantFrom('fd.snet', 'fd.net'),
      fc.constant('in'),
      list(fc.constantFrom('"10.0.0.0/8"', '"fe80::/10"')),
    ),
    fc.tuple(
      fc.constant('proc.is_exe_upper_layer'),
      fc.constantFrom('=', '!='),
      fc.constantFrom('true', 'false'),
    ),
    fc.tuple(
      fc.constantFrom(...TEXT_FIELDS, ...SET_FIELDS, ...NUMBER_FIELDS, 'ka.user.groups', 'fd.ip'),
      fc.constant('exists'),
      fc.constant(''),
    ),
    fc.tuple(
      fc.constantFrom('proc.name', 'fd.name'),
      fc.constantFrom('=', '!=', 'contains', '<', 'in'),
      fc.constantFrom('val(proc.cmdline)', 'tolower(proc.pname)'),
    ),
    fc.tuple(fc.constant('proc.pid'), fc.constantFrom('=', '!=', '<'), fc.constant('val(evt.rawres)')),
    fc.tuple(
      fc.constantFrom('b64(proc.name)', 'tolower(b64(fd.name))', 'getopt(proc.cmdline, "ab:")[a]'),
      fc.constantFrom('exists', '= a', '!= b', 'in ("", a)'),
    ),
  )
  .map((parts) => parts.join(' '));

const { filter } = fc.letrec<{ filter: string }>((tie) => ({
  filter: fc.oneof(
    { depthSize: 'small', withCrossShrink: true },
    comparison,
    fc
      .tuple(tie('filter'), fc.constantFrom('and', 'or'), tie('filter'))
      .map(([a, word, b]) => `(${a}) ${word} (${b})`),
    tie('filter').map((a) => `not (${a})`),
  ),
}));

let database: TestDatabase;
let client: PoolClient;
const records: FilterRecord[] = [];

beforeAll(async () => {
  database = await testDatabase();
  client = await database.pool.connect();
  records.push(...fc.sample(recordArbitrary(fieldsArbitrary), { numRuns: RECORDS }));
  await storeSample(client, records);
});

afterAll(async () => {
  client?.release();
  await database?.drop();
});

it('gives in Postgres the verdict of the closure, for generated filters and records', async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(filter, async (text) => {
      const parsed = parseQuery(text);
      fc.pre(parsed.ok);
      if (!parsed.ok) return;
      const test = compileRecordFilter(parsed.ast);
      const expected = records.flatMap((record, n) => (test(record) ? [n] : []));
      const { sql, params, residual } = filterToSql(parsed.ast, { columns: EVENT_COLUMNS, firstParam: 1 });
      const holds = residual ? compileRecordFilter(residual) : () => true;
      const { rows } = await client.query<{ n: number }>(
        `SELECT n FROM sample WHERE ${sql} ORDER BY n`,
        params,
      );
      const found = rows.map((row) => row.n);
      expect(found.filter((n) => holds(records[n] ?? { fields: {} }))).toEqual(expected);
      compared++;
    }),
    { numRuns: FILTERS },
  );
  expect(compared).toBe(FILTERS);
});

it('never puts a literal or a field key into the SQL text', () => {
  const parsed = parseQuery(`proc.cmdline = "x'; DROP TABLE event; --" and evt.arg.o_x contains "$1"`);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  const { sql, params } = filterToSql(parsed.ast, { columns: EVENT_COLUMNS, firstParam: 4 });
  expect(sql).not.toMatch(/DROP|o_x/);
  expect(sql).toContain('$4::text');
  expect(params).toEqual(['proc.cmdline', "x'; DROP TABLE event; --", 'evt.arg.o_x', '$1']);
});
