import type { EngineEvent } from '../events/syscall.ts';
import type { FilterNode } from '../filter/ast.ts';
import { compileFilter } from '../filter/compile.ts';
import { Bucket, type Candidate } from './bucket.ts';
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
  readonly #buckets = new Map<string, Bucket>();
  readonly #syscall: readonly CompiledRule[];
  readonly #audit: readonly Candidate[];
  readonly #clock = { now: 0 };
  readonly #renderers = new Map<CompiledRule, Renderer>();

  constructor(rules: readonly CompiledRule[], version: string) {
    this.rules = rules;
    this.version = version;
    const enabled = rules.filter((rule) => rule.enabled);
    const syscall = enabled.filter((rule) => rule.source === 'syscall');
    this.eventTypes = new Set(syscall.flatMap((rule) => [...(rule.types ?? [])]));
    this.needsEveryType = syscall.some((rule) => rule.types === undefined);
    this.#syscall = syscall;
    this.#audit = enabled
      .filter((rule) => rule.source === 'k8s_audit')
      .map((rule) => ({ rule, rest: compileFilter(rule.ast) }));
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
    for (const { rule, rest } of this.#candidates(event)) {
      if (rest === undefined || rest(event)) return rule;
    }
    return undefined;
  }

  every(event: EngineEvent): readonly CompiledRule[] {
    let found: CompiledRule[] | undefined;
    for (const { rule, rest } of this.#candidates(event)) {
      if (rest !== undefined && !rest(event)) continue;
      if (found) found.push(rule);
      else found = [rule];
    }
    return found ?? NO_RULES;
  }

  #candidates(event: EngineEvent): readonly Candidate[] {
    if (event.source !== 'syscall') return this.#audit;
    this.#clock.now += 1;
    return (this.#buckets.get(event.type) ?? this.#newBucket(event.type)).candidates(event);
  }

  #newBucket(type: string): Bucket {
    const bucket = new Bucket({
      owner: this,
      slot: this.#buckets.size,
      type,
      rules: this.#syscall.filter((rule) => rule.types?.has(type) ?? true),
      clock: this.#clock,
    });
    this.#buckets.set(type, bucket);
    return bucket;
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
