import { priorityName } from '../events/priority.ts';
import type { EngineEvent } from '../events/syscall.ts';
import type { Value } from '../fields/types.ts';
import { eventReader } from '../filter/compile.ts';
import { compileOutput, type OutputTemplate, parseOutput, type Renderer, valueText } from './output.ts';
import type { CompiledRule } from './ruleset.ts';

/** How alerts are written; names and defaults are those of falco.yaml. */
export type AlertOptions = {
  readonly json: boolean;
  /** time_format_iso_8601 */
  readonly isoTime: boolean;
  readonly includeOutput: boolean;
  readonly includeMessage: boolean;
  readonly includeTags: boolean;
  readonly includeOutputFields: boolean;
  readonly hostname: string;
};

export const ALERT_DEFAULTS: AlertOptions = {
  json: false,
  isoTime: false,
  includeOutput: true,
  includeMessage: false,
  includeTags: true,
  includeOutputFields: true,
  hostname: '',
};

type Json = null | string | number | bigint | boolean | readonly Json[] | { readonly [key: string]: Json };
type FieldReader = readonly [name: string, read: (event: EngineEvent) => Json];
type Compiled = { readonly message: Renderer; readonly fields: readonly FieldReader[] };

/** Fields that are text in a line and integer nanoseconds in JSON. */
const TIME_FIELDS: ReadonlySet<string> = new Set([
  'evt.time',
  'evt.time.s',
  'evt.time.iso8601',
  'evt.datetime',
  'evt.datetime.s',
]);

/** Writes alerts as Falco does: `TIME: Priority message`, or one JSON object with sorted keys a line. */
export class AlertWriter {
  readonly #options: AlertOptions;
  readonly #time: Compiled;
  readonly #compiled = new Map<CompiledRule, Compiled>();

  constructor(options: AlertOptions) {
    this.#options = options;
    const time = parseOutput(options.isoTime ? '*%evt.time.iso8601' : '*%evt.time');
    if (typeof time === 'string') throw new Error(time);
    this.#time = compile(time, options.json);
  }

  line(rule: CompiledRule, event: EngineEvent): string {
    const { message, fields } = this.#of(rule);
    const text = message(event);
    const priority = priorityName(rule.priority);
    const output = `${this.#time.message(event)}: ${priority} ${text}`;
    const { json, includeOutput, includeMessage, includeTags, includeOutputFields, hostname } = this.#options;
    if (!json) return output;
    const alert: Record<string, Json> = {
      hostname,
      priority,
      rule: rule.name,
      source: rule.source,
      time: isoTime(event.timeNs),
    };
    if (includeOutput) alert.output = output;
    if (includeMessage) alert.message = text;
    if (includeTags) alert.tags = [...rule.tags].sort();
    if (includeOutputFields) {
      const all = [...fields, ...this.#time.fields];
      alert.output_fields = Object.fromEntries(all.map(([name, read]) => [name, read(event)]));
    }
    return sortedJson(alert);
  }

  #of(rule: CompiledRule): Compiled {
    let compiled = this.#compiled.get(rule);
    if (!compiled) {
      const { message, fields } = compile(rule.output, this.#options.json);
      const extra = rule.extraFields.map(({ key, template, raw }): FieldReader => {
        const own = compile(template, true);
        return [key, raw ? (own.fields[0]?.[1] ?? own.message) : own.message];
      });
      compiled = { message, fields: [...fields, ...extra] };
      this.#compiled.set(rule, compiled);
    }
    return compiled;
  }
}

/** Inside JSON the text stays as it is: the encoding of JSON escapes it. */
function compile(template: OutputTemplate, json: boolean): Compiled {
  return { message: compileOutput(template, json), fields: templateFields(template) };
}

/** Readers of a template's fields for JSON: typed values, times as integer nanoseconds, null for a missing one. */
export function templateFields(template: OutputTemplate): readonly FieldReader[] {
  return template.parts.flatMap((part): FieldReader[] => {
    if (part.kind !== 'field') return [];
    const { name, operand, cardinality } = part;
    if (operand.kind === 'field' && TIME_FIELDS.has(operand.name)) return [[name, (event) => event.timeNs]];
    const read = eventReader(operand);
    return [[name, (event) => jsonValue(read(event), cardinality === 'list')]];
  });
}

function jsonValue(value: Value | undefined, list: boolean): Json {
  if (value === undefined) return null;
  if (value instanceof Uint8Array) return valueText(value);
  if (!Array.isArray(value)) return value as Exclude<Value, Uint8Array>;
  return list ? value : value.join(' ');
}

/** `2016-08-04T16:17:57.881781397Z` */
function isoTime(timeNs: bigint): string {
  const seconds = new Date(Number(timeNs / 1_000_000n)).toISOString().slice(0, 19);
  return `${seconds}.${String(timeNs % 1_000_000_000n).padStart(9, '0')}Z`;
}

/** JSON with sorted keys, whose integers keep all their digits. */
export function sortedJson(value: Json): string {
  if (typeof value === 'bigint') return String(value);
  if (typeof value === 'string') return JSON.stringify(value.toWellFormed());
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(sortedJson).join(',')}]`;
  const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${sortedJson(item)}`).join(',')}}`;
}
