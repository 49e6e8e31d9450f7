import { type Catalogue, FIELDS, RULE_CATALOGUE } from '../fields/catalogue.ts';

const BY_SOURCE = new Map<string, Catalogue>(
  ['syscall', 'k8s_audit'].map((source) => {
    const fields = FIELDS.filter((field) => field.source === undefined || field.source === source);
    return [source, { fields: new Map(fields.map((field) => [field.name, field])), stored: false }];
  }),
);

/** Fields that rules of a source may name: a system call has no `ka.verb`, an audit event no `proc.name`. */
export function sourceCatalogue(source: string): Catalogue {
  return BY_SOURCE.get(source) ?? RULE_CATALOGUE;
}
