import { type OutputTemplate, parseOutput } from './output.ts';

/** One entry of Falco's `append_output`: what rules that fit get in addition. */
export type ExtraOutput = {
  /** Which rules: all conditions that are given must hold; tags: the rule has every one of them. */
  readonly match?: {
    readonly source?: string | undefined;
    readonly rule?: string | undefined;
    readonly tags?: readonly string[] | undefined;
  };
  /** Text appended to the rule's output after a blank. */
  readonly output?: string;
  /** Fields added to output_fields: a field's own value under its name, or a rendered format. */
  readonly fields?: readonly { readonly key: string; readonly format: string; readonly raw: boolean }[];
};

export type ExtraField = { readonly key: string; readonly template: OutputTemplate; readonly raw: boolean };

type Subject = { readonly name: string; readonly source: string; readonly tags: readonly string[] };

function fits(extra: ExtraOutput, rule: Subject): boolean {
  const { source, rule: name, tags } = extra.match ?? {};
  if (source !== undefined && source !== rule.source) return false;
  if (name !== undefined && name !== rule.name) return false;
  return (tags ?? []).every((tag) => rule.tags.includes(tag));
}

/** The rule's output with everything appended that fits it. */
export function extendedOutput(output: string, rule: Subject, extras: readonly ExtraOutput[]): string {
  let text = output;
  for (const extra of extras) {
    if (extra.output !== undefined && extra.output !== '' && fits(extra, rule)) text += ` ${extra.output}`;
  }
  return text;
}

/** Extra fields of a rule; a later entry wins over an earlier one of the same key. Errors: Falco's text. */
export function extraFields(rule: Subject, extras: readonly ExtraOutput[]): readonly ExtraField[] | string {
  const found = new Map<string, ExtraField>();
  for (const extra of extras) {
    if (!fits(extra, rule)) continue;
    for (const { key, format, raw } of extra.fields ?? []) {
      const template = parseOutput(format);
      if (typeof template === 'string') return template;
      found.set(key, { key, template, raw });
    }
  }
  return [...found.values()];
}
