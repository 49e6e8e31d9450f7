import fc from 'fast-check';
import type { PoolClient } from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { type TestDatabase, testDatabase } from '../../server/testing/postgres.ts';
import { RECORD_CATALOGUE, resolveField } from '../fields/catalogue.ts';
import { storedPlace } from '../fields/stored.ts';
import type { FieldDef, FieldType } from '../fields/types.ts';
import type { FilterRecord } from '../fields/virtual.ts';
import { parseQuery } from './check.ts';
import { compileRecordFilter } from './compile.ts';
import { EVENT_COLUMNS, filterToSql } from './sql.ts';
import {
  IPS,
  NUMBERS,
  PATTERNS,
  REGEXES,
  recordArbitrary,
  storeSample,
  WORDS,
  word,
} from './testing/sql-sample.ts';

/*
 * Every field with every operator: either the query is refused with a position, or closure and Postgres give
 * one verdict on every record, after what SQL leaves open is decided in the closure.
 */

const RECORDS = 40;
/** Checks of one statement; each of them has few parameters. */
const BATCH = 80;

const TEXT_OPERATORS = ['=', '==', '!=', 'contains', 'icontains', 'startswith', 'endswith'];
const ORDER_OPERATORS = ['<', '<=', '>', '>='];
const BYTES_OPERATORS = ['bcontains', 'bstartswith'];
const NUMBER_TEXTS = ['0', '17', '-1', '443', '9007199254740993', '0x16'];
const NETS = ['10.0.0.0/8', '2001:db8::/32', '203.0.113.9', '::/0'];

const LITERALS: Readonly<Record<FieldType, readonly string[]>> = {
  string: WORDS,
  path: WORDS,
  bytes: WORDS,
  number: NUMBER_TEXTS,
  port: ['0', '22', '443', 'https'],
  bool: ['true', 'false'],
  ip: ['10.1.2.3', '::1', '2001:db8:0::7'],
  net: NETS,
};
const STORED: Readonly<Record<FieldType, fc.Arbitrary<unknown>>> = {
  string: word,
  path: word,
  bytes: word,
  number: fc.constantFrom(...NUMBERS),
  port: fc.constantFrom(...NUMBERS),
  bool: fc.boolean(),
  ip: fc.constantFrom(...IPS),
  net: fc.constantFrom(...IPS),
};

const quote = (text: string): string =>
  `"${text.replace(/[\\"]/g, (c) => (c === '"' ? '\\"' : '\\x5c')).replaceAll('\n', '\\n')}"`;

/** A name of the field as a query writes it, with an argument where it needs one. */
function written({ name, argument }: FieldDef): string[] {
  const sample = argument?.form === 'index' ? '1' : argument?.form === 'pointer' ? '/a' : 'x';
  if (!argument) return [name];
  return argument.required ? [`${name}[${sample}]`] : [name, `${name}[${sample}]`];
}

const FIELDS = [...RECORD_CATALOGUE.fields.values()];

/** Values under the keys that the fields are stored at; one in eight has a type that is not the field's. */
function fieldsArbitrary(): fc.Arbitrary<unknown> {
  const wrong = fc.oneof(word, fc.boolean(), fc.constantFrom(...NUMBERS), fc.array(word, { maxLength: 2 }));
  const entries = FIELDS.flatMap((def) =>
    written(def).flatMap((text) => {
      const argument = /\[(.*)\]$/.exec(text)?.[1];
      const field = resolveField({ name: def.name, argument });
      const resolved = typeof field === 'string' ? { def, argument, cardinality: def.cardinality } : field;
      const place = storedPlace(resolved);
      if (place.kind === 'attribute') return [];
      const one = STORED[def.type];
      const isArray = resolved.cardinality !== 'one' || place.element !== undefined;
      const right = isArray ? fc.array(one.map(String), { maxLength: 3 }) : one;
      return [
        [place.key, fc.oneof({ weight: 7, arbitrary: right }, { weight: 1, arbitrary: wrong })] as const,
      ];
    }),
  );
  return fc.record(Object.fromEntries(entries), { requiredKeys: [] });
}

function pick<T>(values: readonly T[], seed: number): T {
  const value = values[seed % values.length];
  if (value === undefined) throw new Error('nothing to pick from');
  return value;
}

/** Fields stored and typed alike differ in nothing but their name: after the first of them a few checks suffice. */
function* allChecks(): Generator<string> {
  const seen = new Set<string>();
  for (const [seed, def] of FIELDS.entries()) {
    const column = Object.hasOwn(EVENT_COLUMNS, def.name) ? def.name : '';
    const kind = [def.type, def.cardinality, def.argument?.form, column].join();
    const checks = checksOf(def, seed);
    yield* seen.has(kind) ? checks.filter((_, i) => i % 15 === seed % 15) : checks;
    seen.add(kind);
  }
}

/** Checks of one field with every operator; the literals change from field to field. */
function checksOf(def: FieldDef, seed: number): string[] {
  const literal = (i: number): string => quote(pick(LITERALS[def.type], seed + i));
  const list = (i: number): string => `(${literal(i)}, ${literal(i + 3)})`;
  const number = (i: number): string => pick(NUMBER_TEXTS, seed + i);
  return written(def).flatMap((field) => [
    ...TEXT_OPERATORS.map((op, i) => `${field} ${op} ${literal(i)}`),
    ...ORDER_OPERATORS.map((op, i) => `${field} ${op} ${number(i)}`),
    ...BYTES_OPERATORS.map((op) => `${field} ${op} 6361`),
    `${field} glob ${quote(pick(PATTERNS, seed))}`,
    `${field} iglob ${quote(pick(PATTERNS, seed + 1))}`,
    `${field} regex ${quote(pick(REGEXES, seed))}`,
    `${field} in ${list(0)}`,
    `${field} in ()`,
    `${field} intersects ${list(1)}`,
    `${field} pmatch ${list(2)}`,
    `${field} = oneof ${list(0)}`,
    `${field} != anyof ${list(1)}`,
    `${field} contains allof ${list(2)}`,
    `${field} startswith anyof ()`,
    `${field} = allof ()`,
    `${field} exists`,
    ...['tolower', 'toupper', 'basename', 'b64'].map((name) => `${name}(${field}) = ${literal(4)}`),
    `len(${field}) > 2`,
    `join("-", (${field}, proc.name)) contains ${literal(0)}`,
    `concat(${field}, "x") = "catx"`,
    `getopt(${field}, "ab:")[b] = x`,
    ...['=', '!=', 'contains', '<', 'in', 'glob', 'pmatch'].map((op) => `${field} ${op} val(proc.cmdline)`),
    ...['=', '!=', '<', '>=', 'in'].map((op) => `${field} ${op} val(user.uid)`),
    `${field} = tolower(proc.cmdline)`,
  ]);
}

let database: TestDatabase;
let client: PoolClient;
const records: FilterRecord[] = [];

beforeAll(async () => {
  database = await testDatabase();
  client = await database.pool.connect();
  records.push(...fc.sample(recordArbitrary(fieldsArbitrary()), { numRuns: RECORDS }));
  await storeSample(client, records);
});

afterAll(async () => {
  client?.release();
  await database?.drop();
});

/** Verdicts of Postgres: per check, the indexes of the records that it holds for. */
async function askPostgres(texts: readonly string[]): Promise<number[][]> {
  const params: unknown[] = [];
  const residuals: ((record: FilterRecord) => boolean)[] = [];
  const columns = texts.map((text) => {
    const parsed = parseQuery(text);
    if (!parsed.ok) throw new Error(text);
    const part = filterToSql(parsed.ast, { columns: EVENT_COLUMNS, firstParam: params.length + 1 });
    params.push(...part.params);
    residuals.push(part.residual ? compileRecordFilter(part.residual) : () => true);
    return `array_agg(n ORDER BY n) FILTER (WHERE ${part.sql})`;
  });
  const { rows } = await client.query<{ held: (number[] | null)[] }>({
    text: `SELECT ${columns.map((column, i) => `${column} AS c${i}`).join(', ')} FROM sample`,
    values: params,
    rowMode: 'array',
  } as never);
  return (rows[0] as unknown as (number[] | null)[]).map((held, i) =>
    (held ?? []).filter((n) => residuals[i]?.(records[n] ?? { fields: {} })),
  );
}

it('gives one verdict in closure and Postgres for every field with every operator, or refuses with a position', async () => {
  const accepted: string[] = [];
  const refused = new Set<string>();
  for (const text of allChecks()) {
    const parsed = parseQuery(text);
    if (parsed.ok) {
      accepted.push(text, `not ${text}`);
      continue;
    }
    const [fault] = parsed.faults;
    expect(fault?.line, text).toBe(1);
    expect(fault?.column, text).toBeLessThanOrEqual(text.length + 1);
    refused.add((fault?.message ?? '').replace(/'[^']*'/g, "'…'").replace(/(field )\S+$/, '$1…'));
  }
  for (let at = 0; at < accepted.length; at += BATCH) {
    const texts = accepted.slice(at, at + BATCH);
    const held = await askPostgres(texts);
    for (const [i, text] of texts.entries()) {
      const parsed = parseQuery(text);
      if (!parsed.ok) continue;
      const test = compileRecordFilter(parsed.ast);
      const expected = records.flatMap((record, n) => (test(record) ? [n] : []));
      expect(held[i], text).toEqual(expected);
    }
  }
  expect(accepted.length).toBeGreaterThan(3_000);
  // What the language has and stored events have not: said to the person who asks, and nothing else.
  const limits = [...refused].filter((message) => message.includes('stored'));
  expect([...new Set(limits.map((message) => message.replace(/ of type \w+$/, '')))].sort()).toEqual([
    'comparing two stored fields needs single-valued fields',
    "operator '…' cannot compare two stored fields",
  ]);
});
