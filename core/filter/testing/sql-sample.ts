import fc from 'fast-check';
import type { PoolClient } from 'pg';
import { CATEGORIES, OUTCOMES } from '../../events/event.ts';
import type { FilterRecord } from '../../fields/virtual.ts';

/** Values and records on which the tests hold closure and SQL to one verdict. */

export const WORDS = [
  '',
  'cat',
  'Cat',
  'ca',
  'sh',
  '/etc/shadow',
  '/etc',
  '/etc//shadow',
  '/var/log/a.b',
  '%',
  'a_b',
  'a\\b',
  'é',
  '😀x',
  'a*b',
  "o'x",
  'a"b',
  'x\ny',
  '12',
  '-1',
];
export const IPS = [
  '10.1.2.3',
  '10.255.0.1',
  '203.0.113.9',
  '::1',
  '2001:db8::7',
  'fe80::1',
  'nonsense',
  '10.1.2.300',
];
export const NUMBERS = [0, 1, 22, 443, 4444, -1, '9007199254740993', '17', 'x17'];
export const PATTERNS = ['c?t', '*a*', '[a-c]*', '[!a-c]*', '/etc/*', '\\*', 'c[', '*.b', '*'];
export const REGEXES = [
  'c.t',
  '[a-c]+',
  '[cC]AT',
  '/etc/.*',
  '[[:word:]]+',
  '[^/]*',
  'x\\ny',
  '.*a$(\\n|.*)',
  '(a|ca)t?',
  '\\x{1F600}.',
  'a{2',
  '',
];

export const word = fc.constantFrom(...WORDS);
/** A stored event around the given arbitrary of its fields; every optional attribute may be missing. */
export function recordArbitrary(fields: fc.Arbitrary<unknown>): fc.Arbitrary<FilterRecord> {
  const record = fc.record(
    {
      timeNs: fc.constant('0'),
      source: fc.constantFrom('syscall', 'k8s_audit', 'node_log'),
      type: fc.constantFrom('openat', 'execve', 'get', 'list'),
      categories: fc.uniqueArray(fc.constantFrom(...CATEGORIES), { maxLength: 3 }),
      outcome: fc.constantFrom(...OUTCOMES),
      priority: fc.integer({ min: 0, max: 7 }),
      rule: word,
      tags: fc.array(word, { maxLength: 2 }),
      summary: word,
      namespace: word,
      pod: word,
      podUid: word,
      node: word,
      workload: word,
      serviceAccount: word,
      container: word,
      image: word,
      containerId: fc.constantFrom('4a4a4a4a4a4a4a4a', 'host'),
      user: word,
      process: word,
      pid: fc.constantFrom(0, 1, 17),
      peer: fc.constantFrom(...IPS),
      object: word,
      enrichment: fc.constant('none'),
      fields,
    },
    {
      requiredKeys: [
        'timeNs',
        'source',
        'type',
        'categories',
        'outcome',
        'priority',
        'tags',
        'summary',
        'enrichment',
        'fields',
      ],
    },
  );
  return record.map((value) => value as unknown as FilterRecord);
}

/** Stores records in a temporary table `sample` like `event`; column `n` is the index. */
export async function storeSample(client: PoolClient, records: readonly FilterRecord[]): Promise<void> {
  await client.query('CREATE TEMP TABLE sample (LIKE event)');
  await client.query('ALTER TABLE sample ADD COLUMN n int');
  const { rows } = await client.query<{ name: string }>(
    "SELECT attname AS name FROM pg_attribute WHERE attrelid = 'sample'::regclass AND attnotnull AND attnum > 0",
  );
  for (const { name } of rows) await client.query(`ALTER TABLE sample ALTER COLUMN "${name}" DROP NOT NULL`);
  for (const [n, record] of records.entries()) {
    const values = Object.entries(COLUMNS).map(([, attribute]) => record[attribute]);
    const names = Object.keys(COLUMNS).join(', ');
    const marks = values.map((_, i) => `$${i + 3}`).join(', ');
    await client.query(`INSERT INTO sample (n, fields, ${names}) VALUES ($1, $2, ${marks})`, [
      n,
      JSON.stringify(record.fields),
      ...values,
    ]);
  }
}

const COLUMNS: Readonly<Record<string, keyof FilterRecord>> = {
  source: 'source',
  type: 'type',
  categories: 'categories',
  outcome: 'outcome',
  priority: 'priority',
  rule: 'rule',
  tags: 'tags',
  summary: 'summary',
  namespace: 'namespace',
  pod: 'pod',
  pod_uid: 'podUid',
  node: 'node',
  workload: 'workload',
  service_account: 'serviceAccount',
  container: 'container',
  container_id: 'containerId',
  image: 'image',
  '"user"': 'user',
  process: 'process',
  pid: 'pid',
  peer: 'peer',
  object: 'object',
};
