import { parse as parseYaml } from 'yaml';
import { priorityNumber } from '../../core/events/priority.ts';
import type { AlertOptions } from '../../core/rules/alert.ts';
import type { ExtraOutput } from '../../core/rules/extra-output.ts';
import type { Selection, SelectionStep } from '../../core/rules/selection.ts';
import { CliError } from './report.ts';

/** What of falco.yaml concerns rules and alerts. */
export type FalcoConfig = {
  readonly alerts: Omit<AlertOptions, 'hostname'>;
  readonly selection: Selection;
  readonly extraOutputs: readonly ExtraOutput[];
  readonly matchAll: boolean;
};

type Tree = { [key: string]: unknown };

/** Deepest index that `-o list[N]…` may name. */
const INDEX_MAX = 1_000;

/**
 * Reads a falco.yaml and `-o KEY=VALUE` settings on top of it, in their order; keys that concern other
 * things are left alone. Errors: CliError with the key.
 */
export function readFalcoConfig(yamlText: string, settings: readonly string[]): FalcoConfig {
  let tree: unknown;
  try {
    tree = parseYaml(yamlText, { uniqueKeys: false }) ?? {};
  } catch (err) {
    throw new CliError(`configuration is not YAML: ${err instanceof Error ? err.message : String(err)}`);
  }
  if (!isTree(tree)) throw new CliError('configuration is not a YAML mapping');
  for (const setting of settings) applySetting(tree, setting);
  const flag = (key: string, fallback: boolean): boolean => booleanAt(tree, key, fallback);
  return {
    alerts: {
      json: flag('json_output', false),
      isoTime: flag('time_format_iso_8601', false),
      includeOutput: flag('json_include_output_property', true),
      includeMessage: flag('json_include_message_property', false),
      includeTags: flag('json_include_tags_property', true),
      includeOutputFields: flag('json_include_output_fields_property', true),
    },
    selection: { steps: stepsOf(tree.rules), minPriority: minPriorityOf(tree.priority) },
    extraOutputs: listOf(tree.append_output, 'append_output').map(extraOf),
    matchAll: matchingOf(tree.rule_matching) === 'all',
  };
}

function isTree(value: unknown): value is Tree {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** `a.b=v`, `list[0].c=v`, `list[]=v` (one more element). */
function applySetting(tree: Tree, setting: string): void {
  const equals = setting.indexOf('=');
  const path = equals < 0 ? '' : setting.slice(0, equals).trim();
  const steps = [...path.matchAll(/([^.[\]]+)|\[(\d*)\]/g)].map(([, key, index]) =>
    key === undefined ? (index === '' ? -1 : Number(index)) : key,
  );
  if (steps.length === 0 || typeof steps[0] === 'number')
    throw new CliError(`-o needs KEY=VALUE, not '${setting}'`, 2);
  let value: unknown;
  const text = setting.slice(equals + 1);
  try {
    value = text === '' ? '' : parseYaml(text);
  } catch {
    value = text;
  }
  let here: Tree | unknown[] = tree;
  for (const [i, step] of steps.entries()) {
    const last = i === steps.length - 1;
    const next = (existing: unknown): unknown => {
      if (last) return value;
      if (typeof steps[i + 1] === 'number') return Array.isArray(existing) ? existing : [];
      return isTree(existing) ? existing : {};
    };
    const child: unknown = place(here, step, next);
    if (last) return;
    here = child as Tree | unknown[];
  }
}

function place(here: Tree | unknown[], step: string | number, next: (existing: unknown) => unknown): unknown {
  if (Array.isArray(here)) {
    const index = typeof step === 'number' && step >= 0 ? step : here.length;
    if (index > INDEX_MAX) throw new CliError(`-o: no index above ${INDEX_MAX}`, 2);
    here[index] = next(here[index]);
    return here[index];
  }
  const key = String(step);
  const child = next(Object.hasOwn(here, key) ? here[key] : undefined);
  Object.defineProperty(here, key, { value: child, writable: true, enumerable: true, configurable: true });
  return child;
}

function booleanAt(tree: Tree, key: string, fallback: boolean): boolean {
  const value = Object.hasOwn(tree, key) ? tree[key] : undefined;
  if (value === undefined || value === null) return fallback;
  if (value === true || /^(?:true|yes|on|y)$/i.test(String(value))) return true;
  if (value === false || /^(?:false|no|off|n)$/i.test(String(value))) return false;
  throw new CliError(`${key} must be true or false, not '${String(value)}'`);
}

function matchingOf(value: unknown): 'first' | 'all' {
  if (value === undefined || value === null || value === 'first') return 'first';
  if (value === 'all') return 'all';
  throw new CliError(`Unknown rule matching strategy "${String(value)}"--must be one of first, all`);
}

function minPriorityOf(value: unknown): number | undefined {
  if (value === undefined || value === null) return undefined;
  const number = priorityNumber(String(value));
  if (number === undefined) {
    throw new CliError(
      `Unknown priority "${String(value)}"--must be one of emergency, alert, critical, error, warning, notice, informational, debug`,
    );
  }
  return number;
}

function listOf(value: unknown, key: string): readonly Tree[] {
  if (value === undefined || value === null) return [];
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  return list.map((item) => {
    if (!isTree(item)) throw new CliError(`${key} must be a list of mappings`);
    return item;
  });
}

function stepsOf(value: unknown): readonly SelectionStep[] {
  return listOf(value, 'rules').flatMap((item) =>
    (['enable', 'disable'] as const).flatMap((operation): SelectionStep[] => {
      const target = item[operation];
      if (target === undefined) return [];
      if (!isTree(target)) throw new CliError(`rules[].${operation} needs 'rule' or 'tag'`);
      const enable = operation === 'enable';
      const steps: SelectionStep[] = [];
      if (target.rule !== undefined) steps.push({ enable, by: 'name', pattern: String(target.rule) });
      if (target.tag !== undefined) steps.push({ enable, by: 'tag', tag: String(target.tag) });
      return steps;
    }),
  );
}

function extraOf(item: Tree): ExtraOutput {
  const match = isTree(item.match) ? item.match : {};
  const fields = Array.isArray(item.extra_fields) ? item.extra_fields : [];
  return {
    match: {
      source: textOf(match.source),
      rule: textOf(match.rule),
      tags: Array.isArray(match.tags) ? match.tags.map(String) : undefined,
    },
    ...(item.extra_output === undefined ? {} : { output: String(item.extra_output) }),
    fields: fields.flatMap(
      (field: unknown): NonNullable<ExtraOutput['fields']> =>
        isTree(field)
          ? Object.entries(field).map(([key, format]) => ({ key, format: String(format), raw: false }))
          : [{ key: String(field), format: `%${String(field)}`, raw: true }],
    ),
  };
}

function textOf(value: unknown): string | undefined {
  return value === undefined || value === null || value === '' ? undefined : String(value);
}

export type LegacySelection = {
  /** -D */
  readonly disabledNames: readonly string[];
  /** -T */
  readonly disabledTags: readonly string[];
  /** -t: only rules with one of these tags */
  readonly enabledTags: readonly string[];
};

/** Steps of the options that Falco had before `-o rules[]`. Errors: CliError when they contradict. */
export function legacySteps(selection: LegacySelection): readonly SelectionStep[] {
  const { disabledNames, disabledTags, enabledTags } = selection;
  if (enabledTags.length > 0 && disabledNames.length + disabledTags.length > 0)
    throw new CliError('You can not specify both disabled (-D/-T) and enabled (-t) rules', 2);
  return [
    ...disabledNames.map((text): SelectionStep => ({ enable: false, by: 'substring', text })),
    ...disabledTags.map((tag): SelectionStep => ({ enable: false, by: 'tag', tag })),
    ...(enabledTags.length > 0 ? [{ enable: false, by: 'name', pattern: '*' } as const] : []),
    ...enabledTags.map((tag): SelectionStep => ({ enable: true, by: 'tag', tag })),
  ];
}
