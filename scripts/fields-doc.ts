import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FIELDS } from '../core/fields/catalogue.ts';
import type { FieldClass, FieldDef } from '../core/fields/types.ts';
import { RECORD_ONLY_FIELDS } from '../core/fields/virtual.ts';

/*
 * Writes docs/fields.md from the field catalogue: node scripts/fields-doc.ts
 */

export const FIELDS_DOC = join(import.meta.dirname, '../docs/fields.md');

const CLASSES: Readonly<Record<FieldClass, string>> = {
  evt: 'The event',
  proc: 'The process, its parents and its leaders',
  thread: 'The thread',
  fd: 'The file descriptor that the event makes, uses or closes',
  user: 'The user',
  group: 'The group',
  container: 'The container; the host has no value, or `host`',
  k8s: 'The pod',
  syslog: 'The message that the event writes to syslog',
  fdlist: 'The descriptors that a poll waits for',
  ka: 'The request in the Kubernetes audit log',
  jevt: 'The raw audit event',
  record: 'Stored events only: filters of the Events page and of exports',
};

/** Text of docs/fields.md. */
export function fieldsDocument(): string {
  const groups = Map.groupBy([...FIELDS, ...RECORD_ONLY_FIELDS], (field) => field.class);
  const sections = (Object.keys(CLASSES) as FieldClass[]).flatMap((name) => {
    const fields = groups.get(name);
    return fields ? [section(name, fields)] : [];
  });
  return `# Fields

Made by \`node scripts/fields-doc.ts\` from core/fields; do not edit.

What conditions, outputs and queries can name. A comparison with a field that has no value is false, whatever
the operator, so \`not a.b = x\` is true of an event without \`a.b\` and \`a.b != x\` is not.

| type           | what it compares with                                                          |
| -------------- | ------------------------------------------------------------------------------ |
| string, path   | text, byte for byte; \`<\` and \`>\` compare bytes                                 |
| number         | whole numbers, decimal or \`0x…\`; times and durations are nanoseconds           |
| port           | a number, or a service such as \`https\`                                         |
| bool           | \`true\`, \`false\`                                                                |
| ip, net        | an address; an address or a network such as \`10.0.0.0/8\`                       |
| bytes          | text, or hexadecimal bytes with \`bcontains\` and \`bstartswith\`                  |

A type followed by \`…\` has several values: with \`list\` only \`exists\`, \`in\` (all of them) and \`intersects\` (one of
them) apply, with \`any\` one of them has to satisfy the comparison, with \`both ends\` too, but \`!=\` asks it of each.

${sections.join('\n')}`;
}

function section(name: FieldClass, fields: readonly FieldDef[]): string {
  const rows = fields.map((field) => [
    `\`${field.name}\``,
    typeText(field),
    argumentText(field),
    escaped(field.help + (field.deprecated ? ' (deprecated)' : '')),
  ]);
  return [
    `## ${name}\n`,
    `${CLASSES[name]}.\n`,
    '| field | type | argument | description |',
    '| --- | --- | --- | --- |',
    ...rows.map((row) => `| ${row.join(' | ')} |`),
    '',
  ].join('\n');
}

const SEVERAL = { one: '', any: '… any', pair: '… both ends', list: '… list' } as const;

function typeText({ type, cardinality }: FieldDef): string {
  return [type, SEVERAL[cardinality]].filter(Boolean).join(' ');
}

function argumentText({ argument }: FieldDef): string {
  if (!argument) return '';
  return `${{ index: 'number', key: 'name', pointer: 'JSON pointer' }[argument.form]}${argument.required ? '' : ', optional'}`;
}

function escaped(text: string): string {
  return text.replace(/[|<>]/g, (char) => `\\${char}`);
}

if (import.meta.main) writeFileSync(FIELDS_DOC, fieldsDocument());
