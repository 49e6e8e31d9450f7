import type { Catalogue, ResolvedField } from '../fields/catalogue.ts';
import { resolveField } from '../fields/catalogue.ts';
import type { Cardinality, FieldType } from '../fields/types.ts';
import { fieldText, type Operand, type TransformArg, type TransformNode } from './ast.ts';
import { comparesItself, nativeName } from './native-type.ts';

export type OperandType = { readonly type: FieldType; readonly cardinality: Cardinality };

/** Resolves a field that `checkFilter` has accepted; anything else is a broken invariant. */
export function resolved(
  ref: { name: string; argument: string | undefined },
  catalogue: Catalogue,
): ResolvedField {
  const field = resolveField(ref, catalogue);
  if (typeof field === 'string') throw new Error(`unchecked filter: ${field} (${fieldText(ref)})`);
  return field;
}

const TEXT: ReadonlySet<FieldType> = new Set(['string', 'path', 'bytes']);

/** Type of an operand's value. Errors: a text naming what does not fit. */
export function operandType(operand: Operand, catalogue: Catalogue): OperandType | string {
  if (operand.kind === 'transform') return transformType(operand, catalogue);
  const field = resolveField(operand, catalogue);
  if (typeof field === 'string') return field;
  return { type: field.def.type, cardinality: field.cardinality };
}

function transformType(node: TransformNode, catalogue: Catalogue): OperandType | string {
  const { name, args } = node;
  if (name === 'join' || name === 'concat') return joinType(node, catalogue);
  if (name === 'getopt') return getoptType(node, catalogue);
  const [arg] = args;
  if (args.length !== 1 || !arg || arg.kind === 'value' || arg.kind === 'operands') {
    return `transformer '${name}' takes one field`;
  }
  const inner = operandType(arg, catalogue);
  if (typeof inner === 'string') return inner;
  if (!catalogue.stored && comparesItself(arg, inner.cardinality)) {
    return `field '${nativeName(arg)}' does not support transformers`;
  }
  if (name === 'len') {
    if (!TEXT.has(inner.type) && inner.cardinality === 'one')
      return `transformer 'len' does not support type ${inner.type}`;
    return { type: 'number', cardinality: 'one' };
  }
  if (!TEXT.has(inner.type)) return `transformer '${name}' does not support type ${inner.type}`;
  return { type: inner.type === 'bytes' ? 'string' : inner.type, cardinality: inner.cardinality };
}

function joinType(node: TransformNode, catalogue: Catalogue): OperandType | string {
  const [first, second] = node.args;
  let items: readonly TransformArg[] = node.args;
  if (node.name === 'join') {
    if (node.args.length !== 2 || first?.kind !== 'value' || second?.kind !== 'operands') {
      return 'transformer \'join\' takes a separator and a list: join("-", (a.b, c.d))';
    }
    items = second.items;
  }
  for (const item of items) {
    if (item.kind === 'value') continue;
    if (item.kind === 'operands') return `transformer '${node.name}' takes no nested list`;
    const inner = operandType(item, catalogue);
    if (typeof inner === 'string') return inner;
    if (inner.cardinality !== 'one') return `transformer '${node.name}' takes single-valued fields`;
  }
  return { type: 'string', cardinality: 'one' };
}

function getoptType(node: TransformNode, catalogue: Catalogue): OperandType | string {
  const [list, spec] = node.args;
  if (
    node.args.length !== 2 ||
    !list ||
    list.kind === 'value' ||
    list.kind === 'operands' ||
    spec?.kind !== 'value'
  ) {
    return 'transformer \'getopt\' takes a field and an option string: getopt(proc.args, "ab:")[b]';
  }
  const inner = operandType(list, catalogue);
  if (typeof inner === 'string') return inner;
  if (!TEXT.has(inner.type)) return `transformer 'getopt' does not support type ${inner.type}`;
  return { type: 'string', cardinality: node.argument === undefined ? 'list' : 'one' };
}
