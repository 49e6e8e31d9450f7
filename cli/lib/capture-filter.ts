import { RULE_CATALOGUE } from '../../core/fields/catalogue.ts';
import type { Fault, FilterNode } from '../../core/filter/ast.ts';
import { checkFilter } from '../../core/filter/check.ts';
import { compileFilter } from '../../core/filter/compile.ts';
import { fieldNames } from '../../core/filter/field-names.ts';
import { parseFilter } from '../../core/filter/parser.ts';
import type { Ruleset } from '../../core/rules/ruleset.ts';
import { knownText, simplify } from '../../core/rules/simplify.ts';
import type { CaptureEvent } from '../../core/scap/capture-event.ts';
import type { CaptureOptions } from '../../core/scap/capture-options.ts';
import type { EventDef } from '../../core/scap/event-defs.ts';
import { showsThreadsOnly } from '../../core/scap/thread-fields.ts';

type Test = (event: CaptureEvent) => boolean;

/** Events of calls without a type of their own: a parameter tells which it is. */
const GENERIC_X = 1;

/** A filter over a capture, and what the reader need not do for it. */
export type CaptureFilter = {
  readonly test: Test;
  readonly options: Pick<CaptureOptions, 'interest' | 'threadsOnly'>;
};

/**
 * Compiles a filter; an empty one takes every event. `shown` are the fields that the caller reads of events,
 * undefined when they cannot be told. A fault carries its place in the text.
 */
export function captureFilter(text: string, shown?: Iterable<string>): CaptureFilter | Fault {
  if (text.trim() === '') {
    return { test: () => true, options: { threadsOnly: shown !== undefined && showsThreadsOnly(shown) } };
  }
  const parsed = parseFilter(text);
  const fault = parsed.ok ? checkFilter(parsed.ast, RULE_CATALOGUE)[0] : parsed.faults[0];
  if (fault !== undefined) return fault;
  if (!parsed.ok) throw new Error('a filter was refused without a fault');
  const { ast } = parsed;
  const threadsOnly = shown !== undefined && showsThreadsOnly(shown) && showsThreadsOnly(fieldNames(ast));
  const byType = new ByType(ast);
  const interest = (def: EventDef) => (byType.isNever(def) ? 'refused' : 'wanted');
  return { test: (event) => byType.test(event), options: { threadsOnly, interest } };
}

/** A condition compiled for each event type by itself: comparisons of type and direction are done with. */
class ByType {
  readonly #ast: FilterNode;
  readonly #whole: Test;
  readonly #tests: (Test | undefined)[] = [];

  constructor(ast: FilterNode) {
    this.#ast = ast;
    this.#whole = compileFilter(ast);
  }

  isNever(def: EventDef): boolean {
    return this.#testOf(def) === never;
  }

  test(event: CaptureEvent): boolean {
    return (this.#tests[event.def.id] ?? this.#testOf(event.def))(event);
  }

  #testOf(def: EventDef): Test {
    const test = def.id <= GENERIC_X ? this.#whole : this.#compile(def);
    this.#tests[def.id] = test;
    return test;
  }

  #compile({ name, dir }: EventDef): Test {
    const type = knownText('evt.type', name);
    const direction = knownText('evt.dir', dir);
    const left = simplify(this.#ast, (check) => type(check) ?? direction(check));
    return typeof left === 'boolean' ? (left ? always : never) : compileFilter(left);
  }
}

const always: Test = () => true;
const never: Test = () => false;

/** Types that no rule can match are of no concern to a ruleset. */
export function ruleInterest(ruleset: Ruleset): (def: EventDef) => 'wanted' | 'ignored' {
  return ({ name }) => (ruleset.needsEveryType || ruleset.eventTypes.has(name) ? 'wanted' : 'ignored');
}
