import { type Catalogue, RECORD_CATALOGUE } from '../fields/catalogue.ts';
import { EVENT_NAMES } from '../fields/event-names.ts';
import type { CheckNode, Fault, FilterNode, Operand, Operator, Position, ValueNode } from './ast.ts';
import { operatorFault } from './comparable.ts';
import { checkTest } from './compile.ts';
import { comparesItself, nativeName, nativeType } from './native-type.ts';
import { type OperandType, operandType } from './operand.ts';
import { type ParseResult, parseFilter } from './parser.ts';
import { priorityCheck } from './priority.ts';

/** Faults of a parsed filter against a catalogue: unknown fields and macros, misfit operators and literals. */
export function checkFilter(ast: FilterNode, catalogue: Catalogue): Fault[] {
  const faults: Fault[] = [];
  walk(ast, catalogue, faults);
  return faults;
}

/** Parses and checks a filter over stored events. */
export function parseQuery(text: string): ParseResult {
  const parsed = parseFilter(text);
  if (!parsed.ok) return parsed;
  const faults = checkFilter(parsed.ast, RECORD_CATALOGUE);
  return faults.length > 0 ? { ok: false, faults } : parsed;
}

function walk(node: FilterNode, catalogue: Catalogue, faults: Fault[]): void {
  switch (node.kind) {
    case 'and':
    case 'or':
      for (const child of node.children) walk(child, catalogue, faults);
      return;
    case 'not':
      walk(node.child, catalogue, faults);
      return;
    case 'macro':
      faults.push({ ...node.pos, message: `Undefined macro '${node.name}' used in filter.` });
      return;
    case 'check':
      checkCheck(node, catalogue, faults);
      return;
    default:
      node satisfies never;
  }
}

function checkCheck(original: CheckNode, catalogue: Catalogue, faults: Fault[]): void {
  const fault = findFault(original, catalogue);
  if (!fault) return;
  const { index, line, column } = fault[0];
  faults.push({ index, line, column, message: fault[1] });
}

/** The first fault of a check, with the node that it concerns. */
function findFault(original: CheckNode, catalogue: Catalogue): readonly [Position, string] | undefined {
  const node = catalogue.stored ? priorityCheck(original) : original;
  const left = operandType(node.left, catalogue);
  if (typeof left === 'string') return [node.left.pos, left];
  if (node.operator === 'exists') return undefined;
  const { right } = node;
  if (!right) return [node.pos, `operator '${node.operator}' needs a value`];
  if (catalogue.stored && left.type === 'bytes' && ORDERED.has(node.operator)) {
    return [node.pos, `operator '${node.operator}' is not supported for fields of type bytes`];
  }
  const misfit = operatorFault(node.operator, left);
  if (misfit) return [node.pos, misfit];
  if (right.kind === 'field' || right.kind === 'transform') {
    const message = fieldToFieldFault(node, left, right, catalogue);
    return message ? [right.pos, message] : undefined;
  }
  if (right.kind === 'list' && right.name !== undefined) {
    return [right.pos, `Undefined list '${right.name}' used in filter.`];
  }
  const items = right.kind === 'list' ? right.items : [right];
  const event = catalogue.stored ? undefined : unknownEvent(node, items);
  if (event) return [event.pos, `unknown event type ${event.text}`];
  const test = checkTest(node, left);
  return typeof test === 'string' ? [faultPosition(node, left, items), test] : undefined;
}

/** Position of the first literal that alone is faulty; else of the check. */
function faultPosition(node: CheckNode, left: OperandType, items: readonly ValueNode[]): Position {
  const bad = items.find((item) => {
    const right = node.right?.kind === 'list' ? { ...node.right, items: [item] } : item;
    return typeof checkTest({ ...node, right }, left) === 'string';
  });
  return (bad ?? node).pos;
}

const ORDERED: ReadonlySet<Operator> = new Set(['<', '<=', '>', '>=']);
/** Operators whose right side is compiled ahead: in SQL it cannot come from a field. */
const COMPILED: ReadonlySet<Operator> = new Set([
  'glob',
  'iglob',
  'regex',
  'pmatch',
  'bcontains',
  'bstartswith',
]);

function fieldToFieldFault(
  node: CheckNode,
  left: OperandType,
  right: Operand,
  catalogue: Catalogue,
): string | undefined {
  const type = operandType(right, catalogue);
  if (typeof type === 'string') return type;
  if (node.operator === 'pmatch' || node.operator === 'regex') {
    return `operator '${node.operator.toUpperCase()}' doesn't support right-hand side fields`;
  }
  if (left.type === 'net') return "field type 'IPNET' doesn't support right-hand side fields";
  if (!catalogue.stored) {
    if (comparesItself(node.left, left.cardinality))
      return `field '${nativeName(node.left)}' doesn't support right-hand side fields`;
    if (comparesItself(right, type.cardinality))
      return `field '${nativeName(right)}' can't be used as a right-hand side field`;
  }
  if (catalogue.stored) {
    if (left.cardinality !== 'one' || type.cardinality !== 'one') {
      return 'comparing two stored fields needs single-valued fields';
    }
    if (COMPILED.has(node.operator) || left.type === 'bytes') {
      return `operator '${node.operator}' cannot compare two stored fields of type ${left.type}`;
    }
  }
  const [mine, other] = [told(node.left, left, catalogue), told(right, type, catalogue)];
  if (mine === other) return undefined;
  return `field '${nativeName(node.left)}' has type ${mine} while the right-hand side field '${nativeName(right)}' has incompatible type ${other}`;
}

function told(operand: Operand, type: OperandType, catalogue: Catalogue): string {
  const list = type.cardinality === 'list' ? ' (list)' : '';
  return `'${nativeType(operand, type.type, catalogue)}${list}'`;
}

/** First event name of an evt.type comparison, whatever its operator, that no event has. Audit verbs are names of their own. */
function unknownEvent(node: CheckNode, items: readonly ValueNode[]): ValueNode | undefined {
  if (node.left.kind !== 'field' || node.left.name !== 'evt.type') return undefined;
  return items.find((item) => !EVENT_NAMES.has(item.text));
}
