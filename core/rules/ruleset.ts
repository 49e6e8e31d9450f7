import type { EngineEvent } from '../events/syscall.ts';
import type { CheckNode, FilterNode } from '../filter/ast.ts';
import { compileFilter } from '../filter/compile.ts';
import type { EventTypes } from './event-types.ts';
import type { ExtraField } from './extra-output.ts';
import { compileOutput, type OutputTemplate, type Renderer } from './output.ts';

/** A rule after lists, macros and exceptions are resolved. */
export type CompiledRule = {
  readonly name: string;
  readonly description: string;
  readonly source: string;
  readonly priority: number;
  readonly tags: readonly string[];
  readonly ast: FilterNode;
  readonly output: OutputTemplate;
  readonly outputText: string;
  /** Fields that `append_output` adds to the JSON form of an alert. */
  readonly extraFields: readonly ExtraField[];
  /** As written and appended, before lists, macros and exceptions. */
  readonly conditionText: string;
  readonly capture: boolean;
  readonly captureDurationMs: number;
  readonly enabled: boolean;
  /** undefined = every type. */
  readonly types: EventTypes;
};

export type Match = {
  readonly rule: string;
  readonly priority: number;
  readonly tags: readonly string[];
  readonly output: string;
  readonly source: string;
};

const NO_RULES: readonly CompiledRule[] = [];

type Armed = { readonly rule: CompiledRule; readonly test: (event: EngineEvent) => boolean };

/** Rules ready to run, bucketed by event type: an event meets only rules that could match it. */
export class Ruleset {
  /** Every loaded rule in load order, disabled ones too. */
  readonly rules: readonly CompiledRule[];
  /** Hash of the content: equal content has equal version on every machine. */
  readonly version: string;
  /** Syscall event types that some enabled rule can match. */
  readonly eventTypes: ReadonlySet<string>;
  /** Whether some enabled syscall rule names no event type, so that all types are needed. */
  readonly needsEveryType: boolean;
  readonly #syscall = new Map<string, readonly Armed[]>();
  readonly #untyped: readonly CompiledRule[];
  readonly #audit: readonly Armed[];
  readonly #renderers = new Map<CompiledRule, Renderer>();

  constructor(rules: readonly CompiledRule[], version: string) {
    this.rules = rules;
    this.version = version;
    const enabled = rules.filter((rule) => rule.enabled);
    const syscall = enabled.filter((rule) => rule.source === 'syscall');
    this.eventTypes = new Set(syscall.flatMap((rule) => [...(rule.types ?? [])]));
    this.needsEveryType = syscall.some((rule) => rule.types === undefined);
    this.#untyped = syscall;
    this.#audit = enabled
      .filter((rule) => rule.source === 'k8s_audit')
      .map((rule) => ({ rule, test: compileFilter(rule.ast) }));
  }

  /** First enabled rule in load order that the event satisfies, rendered; undefined when none does. */
  match(event: EngineEvent): Match | undefined {
    const rule = this.first(event);
    return rule && this.#render(rule, event);
  }

  /** Every rule that the event satisfies, rendered, in load order. */
  matchAll(event: EngineEvent): readonly Match[] {
    return this.every(event).map((rule) => this.#render(rule, event));
  }

  first(event: EngineEvent): CompiledRule | undefined {
    const bucket = event.source === 'syscall' ? this.#bucket(event.type) : this.#audit;
    for (const armed of bucket) if (armed.test(event)) return armed.rule;
    return undefined;
  }

  every(event: EngineEvent): readonly CompiledRule[] {
    const bucket = event.source === 'syscall' ? this.#bucket(event.type) : this.#audit;
    let found: CompiledRule[] | undefined;
    for (const armed of bucket) {
      if (!armed.test(event)) continue;
      if (found) found.push(armed.rule);
      else found = [armed.rule];
    }
    return found ?? NO_RULES;
  }

  #bucket(type: string): readonly Armed[] {
    const known = this.#syscall.get(type);
    if (known) return known;
    const armed: Armed[] = [];
    for (const rule of this.#untyped) {
      if (rule.types && !rule.types.has(type)) continue;
      armed.push({ rule, test: compileFilter(rule.ast, knownType(type)) });
    }
    this.#syscall.set(type, armed);
    return armed;
  }

  #render(rule: CompiledRule, event: EngineEvent): Match {
    let renderer = this.#renderers.get(rule);
    if (!renderer) {
      renderer = compileOutput(rule.output);
      this.#renderers.set(rule, renderer);
    }
    const { name, priority, tags, source } = rule;
    return { rule: name, priority, tags, output: renderer(event), source };
  }
}

/** Inside the bucket of one type every evt.type comparison is a constant. */
function knownType(type: string): (check: CheckNode) => boolean | undefined {
  return (check) => {
    if (check.left.kind !== 'field' || check.left.name !== 'evt.type' || check.modifier) return undefined;
    const { operator, right } = check;
    if (operator === 'exists') return true;
    if (operator === 'in' && right?.kind === 'list') return right.items.some((item) => item.text === type);
    if (right?.kind !== 'value') return undefined;
    if (operator === '=' || operator === '==') return right.text === type;
    return operator === '!=' ? right.text !== type : undefined;
  };
}
