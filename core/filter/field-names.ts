import type { FilterNode, Operand, RightSide, TransformArg } from './ast.ts';

/** Names of all fields that a condition reads, on either side of its operators. */
export function fieldNames(node: FilterNode): ReadonlySet<string> {
  const names = new Set<string>();
  visit(node, names);
  return names;
}

/** Names of the fields that an operand reads. */
export function operandFields(operand: Operand): ReadonlySet<string> {
  const names = new Set<string>();
  visitOperand(operand, names);
  return names;
}

function visit(node: FilterNode, names: Set<string>): void {
  if (node.kind === 'not') visit(node.child, names);
  else if (node.kind === 'check') {
    visitOperand(node.left, names);
    if (node.right !== undefined) visitOperand(node.right, names);
  } else if (node.kind !== 'macro') for (const child of node.children) visit(child, names);
}

function visitOperand(operand: RightSide | TransformArg, names: Set<string>): void {
  if (operand.kind === 'field') names.add(operand.name);
  else if (operand.kind === 'transform') for (const arg of operand.args) visitOperand(arg, names);
  else if (operand.kind === 'operands') for (const item of operand.items) visitOperand(item, names);
}
