import { CONTAINER_FIELDS } from './container.ts';
import { EVT_FIELDS } from './evt.ts';
import { FD_FIELDS } from './fd.ts';
import { FDLIST_FIELDS } from './fdlist.ts';
import { KA_FIELDS } from './ka.ts';
import { PROC_FIELDS } from './proc.ts';
import { SYSLOG_FIELDS } from './syslog.ts';
import type { Cardinality, FieldDef } from './types.ts';
import { USER_FIELDS } from './user.ts';
import { RECORD_ONLY_FIELDS } from './virtual.ts';

/** Every field that rules can name. One table for engine, documentation and completion. */
export const FIELDS: readonly FieldDef[] = [
  ...EVT_FIELDS,
  ...PROC_FIELDS,
  ...FD_FIELDS,
  ...USER_FIELDS,
  ...CONTAINER_FIELDS,
  ...SYSLOG_FIELDS,
  ...FDLIST_FIELDS,
  ...KA_FIELDS,
];

export type Catalogue = {
  readonly fields: ReadonlyMap<string, FieldDef>;
  /** Whether a filter over stored events is meant: some transformers and operators need the live event. */
  readonly stored: boolean;
};

function index(fields: readonly FieldDef[]): ReadonlyMap<string, FieldDef> {
  return new Map(fields.map((field) => [field.name, field]));
}

/** What rule conditions may name. */
export const RULE_CATALOGUE: Catalogue = { fields: index(FIELDS), stored: false };

/** What filters over stored events may name: `rule`, `evt.priority` and the like as well. */
export const RECORD_CATALOGUE: Catalogue = {
  fields: index([...FIELDS, ...RECORD_ONLY_FIELDS]),
  stored: true,
};

export type ResolvedField = {
  readonly def: FieldDef;
  readonly argument: string | undefined;
  readonly cardinality: Cardinality;
};

const INDEX_MAX = 65_535;

/**
 * Resolves a field with its argument; `evt.arg.flags` means `evt.arg[flags]`.
 * Errors: a text in Falco's words.
 */
export function resolveField(
  ref: { readonly name: string; readonly argument: string | undefined },
  catalogue: Catalogue = RULE_CATALOGUE,
): ResolvedField | string {
  const { name } = ref;
  let { argument } = ref;
  let def = catalogue.fields.get(name);
  if (!def && argument === undefined) {
    for (let dot = name.lastIndexOf('.'); dot > 0 && !def; dot = name.lastIndexOf('.', dot - 1)) {
      const prefix = catalogue.fields.get(name.slice(0, dot));
      if (prefix?.argument?.form !== 'key') continue;
      def = prefix;
      argument = name.slice(dot + 1);
    }
  }
  if (!def) return `filter_check called with nonexistent field ${name}`;
  if (argument === undefined) {
    if (def.argument?.required) return `field '${def.name}' requires an argument`;
    return { def, argument, cardinality: def.cardinality };
  }
  if (!def.argument) return `field '${def.name}' takes no argument`;
  if (def.argument.form === 'index' && !(/^\d{1,5}$/.test(argument) && Number(argument) <= INDEX_MAX)) {
    return `field '${def.name}' needs a number as argument, not '${argument}'`;
  }
  return { def, argument, cardinality: def.argument.cardinality ?? 'one' };
}
