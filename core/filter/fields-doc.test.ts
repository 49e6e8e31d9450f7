import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { FIELDS_DOC, fieldsDocument } from '../../scripts/fields-doc.ts';
import { RECORD_CATALOGUE } from '../fields/catalogue.ts';

it('documents every field as the catalogue has it', () => {
  const document = fieldsDocument();
  for (const name of RECORD_CATALOGUE.fields.keys()) expect(document).toContain(`| \`${name}\` |`);
  const stored = readFileSync(FIELDS_DOC, 'utf8');
  expect(stored === document, 'docs/fields.md is out of date; run: node scripts/fields-doc.ts').toBe(true);
});
