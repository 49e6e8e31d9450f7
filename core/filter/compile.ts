import type { EngineEvent } from '../events/syscall.ts';
import { type Catalogue, RECORD_CATALOGUE, type ResolvedField, RULE_CATALOGUE } from '../fields/catalogue.ts';
import { storedReader } from '../fields/stored.ts';
import type { Value } from '../fields/types.ts';
import type { FilterRecord } from '../fields/virtual.ts';
import type { CheckNode, FilterNode, Operand, ValueNode } from './ast.ts';
import { literalTest, memberTest, numeric, pathTest, type Test } from './literal-test.ts';
import { type OperandType, operandType, resolved } from './operand.ts';
import { priorityCheck } from './priority.ts';
import { transformReader } from './transform.ts';

export type Read<E> = (event: E) => Value | undefined;
export type Verdict<E> = (event: E) => boolean;
type Wrap<E> = (node: FilterNode, verdict: Verdict<E>) => Verdict<E>;

/** How a back end reads one resolved field. */
export type Binder<E> = {
  readonly catalogue: Catalogue;
  readonly bind: (field: ResolvedField) => Read<E>;
  /** May stand in for the verdict of a part, e.g. to share it with other conditions. */
  readonly wrap?: Wrap<E>;
};

const EVENTS: Binder<EngineEvent> = {
  catalogue: RULE_CATALOGUE,
  bind: (field) => field.def.bind(field.argument),
};

const RECORDS: Binder<FilterRecord> = { catalogue: RECORD_CATALOGUE, bind: storedReader };

/** Compiles a checked filter over live events. */
export function compileFilter(ast: FilterNode, wrap?: Wrap<EngineEvent>): (event: EngineEvent) => boolean {
  return verdictFunction(compileNode(ast, wrap ? { ...EVENTS, wrap } : EVENTS));
}

/** Compiles a checked filter over stored events. Gives the verdict that `filterToSql` gives in Postgres. */
export function compileRecordFilter(ast: FilterNode): (record: FilterRecord) => boolean {
  return verdictFunction(compileNode(ast, RECORDS));
}

function verdictFunction<E>(verdict: Verdict<E> | boolean): Verdict<E> {
  return typeof verdict === 'boolean' ? () => verdict : verdict;
}

function compileNode<E>(node: FilterNode, binder: Binder<E>): Verdict<E> | boolean {
  const verdict = compilePlain(node, binder);
  return typeof verdict === 'boolean' || binder.wrap === undefined ? verdict : binder.wrap(node, verdict);
}

function compilePlain<E>(node: FilterNode, binder: Binder<E>): Verdict<E> | boolean {
  switch (node.kind) {
    case 'and':
      return compileChain(node.children, binder, false);
    case 'or':
      return compileChain(node.children, binder, true);
    case 'not': {
      const child = compileNode(node.child, binder);
      return typeof child === 'boolean' ? !child : (event) => !child(event);
    }
    case 'macro':
      throw new Error(`unchecked filter: macro '${node.name}' is not resolved`);
    case 'check':
      return compileCheck(node, binder);
    default:
      return node satisfies never;
  }
}

/** `decisive` is the verdict that ends the chain: false for and, true for or. */
function compileChain<E>(
  nodes: readonly FilterNode[],
  binder: Binder<E>,
  decisive: boolean,
): Verdict<E> | boolean {
  const verdicts: Verdict<E>[] = [];
  for (const node of nodes) {
    const verdict = compileNode(node, binder);
    if (verdict === decisive) return decisive;
    if (typeof verdict !== 'boolean') verdicts.push(verdict);
  }
  const [a, b, c] = verdicts;
  if (!a) return !decisive;
  if (!b) return a;
  if (verdicts.length === 2) return decisive ? (e) => a(e) || b(e) : (e) => a(e) && b(e);
  if (c && verdicts.length === 3) {
    return decisive ? (e) => a(e) || b(e) || c(e) : (e) => a(e) && b(e) && c(e);
  }
  return (event) => {
    for (const verdict of verdicts) if (verdict(event) === decisive) return decisive;
    return !decisive;
  };
}

/** Reader of a field or transformer. */
export function operandReader<E>(operand: Operand, binder: Binder<E>): Read<E> {
  if (operand.kind === 'field') return binder.bind(resolved(operand, binder.catalogue));
  return transformReader(operand, (inner) => operandReader(inner, binder));
}

/** Reader of a field or transformer of live events, for outputs. */
export function eventReader(operand: Operand): Read<EngineEvent> {
  return operandReader(operand, EVENTS);
}

function compileCheck<E>(original: CheckNode, binder: Binder<E>): Verdict<E> {
  const node = priorityCheck(original);
  const read = operandReader(node.left, binder);
  if (node.operator === 'exists') {
    return (event) => {
      const value = read(event);
      return value !== undefined && !(Array.isArray(value) && value.length === 0);
    };
  }
  const type = known(operandType(node.left, binder.catalogue));
  const { right } = node;
  if (right?.kind === 'field' || right?.kind === 'transform') {
    return compileFieldToField(node, type, read, operandReader(right, binder));
  }
  // An empty list satisfies nothing, not even `allof`. Source: libsinsp compare_rhs_with_mod.
  if (node.modifier !== undefined && right?.kind === 'list' && right.items.length === 0) return () => false;
  const test = known(checkTest(node, type));
  return applyTest(node, type, read, test);
}

function known<T>(result: T | string): T {
  if (typeof result === 'string') throw new Error(`unchecked filter: ${result}`);
  return result;
}

/** Test of a check with literals on the right. Errors: a text. */
export function checkTest(node: CheckNode, type: OperandType): Test | string {
  const { operator, right, modifier } = node;
  if (right?.kind === 'list') {
    const literals = right.items.map((item) => item.text);
    if (modifier) return modifiedTest(node, type, right.items);
    if (operator === 'pmatch') return pathTest(type.type, literals);
    return memberTest(type.type, literals);
  }
  if (right?.kind !== 'value') return 'expected a value';
  // For a pair of ends `!=` is "no end equals": the negation is applied around the ends.
  const effective = operator === '!=' && type.cardinality === 'pair' ? '=' : operator;
  return literalTest(effective, type.type, right.text);
}

function modifiedTest(node: CheckNode, type: OperandType, items: readonly ValueNode[]): Test | string {
  const tests: Test[] = [];
  for (const item of items) {
    const test = literalTest(node.operator, type.type, item.text);
    if (typeof test === 'string') return test;
    tests.push(test);
  }
  if (node.modifier === 'anyof') return (value) => tests.some((test) => test(value));
  if (node.modifier === 'allof') return (value) => tests.every((test) => test(value));
  return (value) => {
    let hits = 0;
    for (const test of tests) if (test(value) && ++hits > 1) return false;
    return hits === 1;
  };
}

function applyTest<E>(node: CheckNode, type: OperandType, read: Read<E>, test: Test): Verdict<E> {
  if (type.cardinality === 'one') {
    return (event) => {
      const value = read(event);
      return value !== undefined && test(value);
    };
  }
  if (type.cardinality === 'list' && node.operator === 'in') {
    return (event) => {
      const values = read(event);
      return Array.isArray(values) && values.length > 0 && values.every(test);
    };
  }
  const negated = type.cardinality === 'pair' && node.operator === '!=' && !node.modifier;
  return (event) => {
    const values = read(event);
    return Array.isArray(values) && values.length > 0 && values.some(test) !== negated;
  };
}

function compileFieldToField<E>(
  node: CheckNode,
  type: OperandType,
  left: Read<E>,
  right: Read<E>,
): Verdict<E> {
  const holds = (a: Value, b: Value): boolean => {
    if (node.operator === 'in' || node.operator === 'intersects') {
      const set = Array.isArray(b) ? b.map(String) : [String(b)];
      const values = Array.isArray(a) ? a.map(String) : [String(a)];
      return node.operator === 'in'
        ? values.every((v) => set.includes(v))
        : values.some((v) => set.includes(v));
    }
    if (node.operator === 'pmatch') {
      const test = pathTest(type.type, Array.isArray(b) ? b.map(String) : [String(b)]);
      return typeof test !== 'string' && test(a);
    }
    const order = type.type === 'number' || type.type === 'port' ? compareNumbers(a, b) : undefined;
    if (order !== undefined) return numberOrder(node.operator, order);
    const test = literalTest(node.operator, type.type, String(b));
    return typeof test !== 'string' && test(a);
  };
  return (event) => {
    const a = left(event);
    if (a === undefined) return false;
    const b = right(event);
    return b !== undefined && holds(a, b);
  };
}

function compareNumbers(a: Value, b: Value): number {
  const x = numeric(a);
  const y = numeric(b);
  if (x === undefined || y === undefined) return Number.NaN;
  return x < y ? -1 : x > y ? 1 : 0;
}

function numberOrder(operator: CheckNode['operator'], order: number): boolean {
  switch (operator) {
    case '=':
    case '==':
      return order === 0;
    case '!=':
      return order === -1 || order === 1;
    case '<':
      return order < 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '>=':
      return order >= 0;
    default:
      return false;
  }
}
