import type { EngineEvent, SyscallEvent } from '../events/syscall.ts';
import type { FilterNode } from '../filter/ast.ts';
import { compileFilter } from '../filter/compile.ts';
import type { CompiledRule } from './ruleset.ts';
import { type EventClock, SharedParts } from './shared-parts.ts';
import { knownType, simplify } from './simplify.ts';
import { eventPart, threadPart } from './thread-part.ts';

type Verdict = (event: EngineEvent) => boolean;

/** A rule whose demands on the thread hold: `rest` is what the event still has to satisfy. */
export type Candidate = { readonly rule: CompiledRule; readonly rest: Verdict | undefined };
type Armed = Candidate & { readonly thread: Verdict | undefined };

/** Kinds of threads beyond this many get lists of their own; somebody is playing with names. */
const LISTS_MAX = 4_096;
const NONE: readonly Candidate[] = [];

/**
 * The rules of one event type. Most threads satisfy the demands of few rules or none, so what a rule demands
 * of the thread is decided once per thread and an event meets only the rules that are left.
 */
export class Bucket {
  readonly #owner: object;
  readonly #slot: number;
  readonly #armed: readonly Armed[];
  /** Equal lists are one list: a node has thousands of threads and few kinds of them. */
  readonly #lists = new Map<string, readonly Candidate[]>();

  constructor(options: {
    readonly owner: object;
    readonly slot: number;
    readonly type: string;
    readonly rules: readonly CompiledRule[];
    readonly clock: EventClock;
  }) {
    this.#owner = options.owner;
    this.#slot = options.slot;
    const known = knownType(options.type);
    const parts = options.rules.flatMap((rule) => {
      const ast = simplify(rule.ast, known);
      if (ast === false) return [];
      return ast === true
        ? [{ rule, thread: undefined, rest: undefined }]
        : [{ rule, thread: threadPart(ast), rest: eventPart(ast) }];
    });
    const shared = new SharedParts(
      options.clock,
      parts.flatMap(({ rest }) => (rest ? [rest] : [])),
    );
    const compile = (node: FilterNode | undefined, wrap?: SharedParts['wrap']) =>
      node && compileFilter(node, wrap);
    this.#armed = parts.map(({ rule, thread, rest }) => ({
      rule,
      thread: compile(thread),
      rest: compile(rest, shared.wrap),
    }));
  }

  /** The rules that the event's thread leaves, in load order. */
  candidates(event: SyscallEvent): readonly Candidate[] {
    if (this.#armed.length === 0) return NONE;
    const { thread } = event;
    if (thread === undefined) return this.#choose(event);
    const { version } = thread;
    let { memo } = thread;
    if (memo === undefined || memo.owner !== this.#owner) {
      memo = { owner: this.#owner, version, lists: [] };
      thread.memo = memo;
    } else if (memo.version !== version) {
      memo.version = version;
      memo.lists.length = 0;
    }
    const known = memo.lists[this.#slot];
    // Only buckets of this owner write here, each into its own slot.
    if (known !== undefined) return known as readonly Candidate[];
    const chosen = this.#choose(event);
    memo.lists[this.#slot] = chosen;
    return chosen;
  }

  #choose(event: SyscallEvent): readonly Candidate[] {
    const chosen = this.#armed.filter(({ thread }) => thread === undefined || thread(event));
    if (chosen.length === 0) return NONE;
    const key = chosen.map(({ rule }) => rule.name).join('\n');
    const known = this.#lists.get(key);
    if (known !== undefined) return known;
    if (this.#lists.size < LISTS_MAX) this.#lists.set(key, chosen);
    return chosen;
  }
}
