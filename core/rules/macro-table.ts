import type { FilterNode } from '../filter/ast.ts';
import type { MacroInfo } from './collector.ts';
import { type MacroLookup, type MissingMacro, type Resolution, resolveMacros } from './macro-resolver.ts';

/** Macros waiting for each other: a redefined macro may name later ones, and those others. */
const WAITING_MAX = 500;

/**
 * Parsed macros and their resolved trees; each is resolved once. A macro sees those that were first defined
 * before its own last change, rules see all. Source: falcosecurity/falco rule_loader_compiler.
 */
export class MacroTable {
  readonly #infos: ReadonlyMap<string, MacroInfo>;
  readonly #parsed = new Map<string, FilterNode>();
  readonly #resolved = new Map<string, Resolution>();
  readonly #waiting = new Set<string>();
  readonly used = new Set<string>();

  constructor(infos: ReadonlyMap<string, MacroInfo>) {
    this.#infos = infos;
  }

  add(name: string, ast: FilterNode): void {
    this.#parsed.set(name, ast);
  }

  /** The macro with all macros in it put in; undefined when it did not even parse. */
  resolve(name: string): Resolution | undefined {
    const known = this.#resolved.get(name);
    const ast = this.#parsed.get(name);
    const info = this.#infos.get(name);
    if (known || !ast || !info) return known;
    this.#waiting.add(name);
    const resolution = resolveMacros(ast, (other) => {
      const index = this.#infos.get(other)?.index;
      return index !== undefined && index < info.visibility ? this.find(other) : 'undefined';
    });
    this.#waiting.delete(name);
    this.#resolved.set(name, resolution);
    return resolution;
  }

  /** What a rule sees under a name. */
  readonly find: MacroLookup = (name) => {
    if (!this.#infos.has(name)) return 'undefined';
    if (this.#waiting.has(name)) return 'loop';
    if (this.#waiting.size > WAITING_MAX) return 'deep';
    const resolution = this.resolve(name);
    if (!resolution) return 'faulty';
    if (resolution.fault) return missing(resolution.fault.cause);
    this.used.add(name);
    return resolution;
  };
}

/** What another's fault is to the one who names it. */
function missing(cause: MissingMacro): MissingMacro {
  return cause === 'loop' ? 'loop' : 'faulty';
}
