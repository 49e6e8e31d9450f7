import type { FilterNode, Position } from '../filter/ast.ts';

export type MacroFault = { readonly message: string; readonly pos: Position };
/** Nodes of one condition after macros are put in: nested macros can double at every level. */
const NODES_MAX = 20_000;
/** Nesting after macros are put in; what follows walks trees recursively. Source: Falco allows 1000. */
const DEPTH_MAX = 1_000;

/** Macros that a condition may see, by name; `undefined` body = it failed to compile. */
export type VisibleMacros = (name: string) => FilterNode | undefined;

export type Resolution = {
  readonly ast: FilterNode;
  readonly fault: MacroFault | undefined;
};

/**
 * Replaces macro names by the macros' trees. Trees are shared, not copied: nothing writes to them.
 * `used` receives every name that was replaced.
 */
export function resolveMacros(ast: FilterNode, macros: VisibleMacros, used: Set<string>): Resolution {
  let fault: MacroFault | undefined;
  let nodes = 0;
  const path: string[] = [];
  const report = (message: string, pos: Position): void => {
    fault ??= { message, pos };
  };
  const visit = (node: FilterNode, use: Position | undefined, depth: number): FilterNode => {
    if (depth > DEPTH_MAX) {
      report(`condition is nested deeper than ${DEPTH_MAX} after macro expansion`, use ?? node.pos);
      return node;
    }
    if (++nodes > NODES_MAX) {
      report(`condition has more than ${NODES_MAX} nodes after macro expansion`, use ?? node.pos);
      return node;
    }
    switch (node.kind) {
      case 'and':
      case 'or':
        return { ...node, children: node.children.map((child) => visit(child, use, depth + 1)) };
      case 'not':
        return { ...node, child: visit(node.child, use, depth + 1) };
      case 'check':
        return node;
      case 'macro': {
        if (path.includes(node.name)) {
          report(`reference loop in macro '${node.name}'`, use ?? node.pos);
          return node;
        }
        const body = macros(node.name);
        if (!body) {
          report(`Undefined macro '${node.name}' used in filter.`, use ?? node.pos);
          return node;
        }
        used.add(node.name);
        path.push(node.name);
        const resolved = visit(body, use ?? node.pos, depth + 1);
        path.pop();
        return resolved;
      }
      default:
        return node satisfies never;
    }
  };
  return { ast: visit(ast, undefined, 0), fault };
}
