import type { FilterNode, Position } from '../filter/ast.ts';

/** `cause` `faulty`: the fault is another macro's, and told there. */
export type MacroFault = {
  readonly cause: MissingMacro;
  readonly message: string;
  readonly pos: Position;
};
/** Nodes of one condition after macros are put in: nested macros can double at every level. */
const NODES_MAX = 20_000;
/** Nesting after macros are put in; what follows walks trees recursively. Source: Falco allows 1000. */
const DEPTH_MAX = 1_000;

const TOO_DEEP = `condition is nested deeper than ${DEPTH_MAX} after macro expansion`;
const TOO_LARGE = `condition has more than ${NODES_MAX} nodes after macro expansion`;

/** A tree without macros, and how large it is. */
export type ResolvedTree = { readonly ast: FilterNode; readonly nodes: number; readonly depth: number };

/** Why a macro has no tree: `faulty` = it has a fault of its own, which is told where it is defined. */
export type MissingMacro = 'undefined' | 'loop' | 'deep' | 'faulty';
/** A macro as a condition sees it. */
export type MacroLookup = (name: string) => ResolvedTree | MissingMacro;

export type Resolution = ResolvedTree & { readonly fault: MacroFault | undefined };

/**
 * Replaces macro names by the macros' trees, which are resolved already. Trees are shared, not copied: nothing
 * writes to them. Errors: the first fault; the tree is then of no use.
 */
export function resolveMacros(ast: FilterNode, macros: MacroLookup): Resolution {
  let fault: MacroFault | undefined;
  let nodes = 0;
  let deepest = 0;
  const report = (cause: MissingMacro, message: string, pos: Position): void => {
    fault ??= { cause, message, pos };
  };
  const count = (more: number, depth: number, pos: Position): void => {
    nodes += more;
    if (depth > deepest) deepest = depth;
    if (depth > DEPTH_MAX) report('deep', TOO_DEEP, pos);
    if (nodes > NODES_MAX) report('deep', TOO_LARGE, pos);
  };
  const visit = (node: FilterNode, depth: number): FilterNode => {
    if (node.kind !== 'macro') count(1, depth, node.pos);
    if (fault) return node;
    switch (node.kind) {
      case 'and':
      case 'or':
        return { ...node, children: node.children.map((child) => visit(child, depth + 1)) };
      case 'not':
        return { ...node, child: visit(node.child, depth + 1) };
      case 'check':
        return node;
      case 'macro': {
        const found = macros(node.name);
        if (found === 'undefined') report(found, `Undefined macro '${node.name}' used in filter.`, node.pos);
        else if (found === 'loop') report(found, `reference loop in macro '${node.name}'`, node.pos);
        else if (found === 'deep') report(found, TOO_DEEP, node.pos);
        else if (found === 'faulty') report(found, `macro '${node.name}' is faulty`, node.pos);
        else {
          count(found.nodes, depth + found.depth, node.pos);
          return found.ast;
        }
        return node;
      }
      default:
        return node satisfies never;
    }
  };
  const resolved = visit(ast, 1);
  return { ast: resolved, nodes, depth: deepest, fault };
}
