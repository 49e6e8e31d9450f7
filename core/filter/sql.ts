import { RECORD_CATALOGUE } from '../fields/catalogue.ts';
import { ATTRIBUTES } from '../fields/virtual.ts';
import type { CheckNode, FilterNode, Operand, TransformArg } from './ast.ts';
import { operandType } from './operand.ts';
import { priorityCheck } from './priority.ts';
import { type Columns, operandSql, type SqlContext, type SqlOperand } from './sql-operand.ts';
import { checkSql, type Params, textComparison } from './sql-test.ts';

const ARRAY_COLUMNS: ReadonlySet<string> = new Set(['categories', 'tags']);
const NUMBER_COLUMNS: ReadonlySet<string> = new Set(['priority', 'pid']);
const ONLY = { k8s_audit: "source = 'k8s_audit'", not_k8s_audit: "source <> 'k8s_audit'" } as const;

/** Columns of the event table that stand for Falco fields. */
export const EVENT_COLUMNS: Columns = Object.fromEntries(
  ATTRIBUTES.map(({ field, column, only }) => {
    const type = ARRAY_COLUMNS.has(column) ? 'texts' : NUMBER_COLUMNS.has(column) ? 'number' : 'text';
    const sql = /^"?[a-z_]+"?$/.test(column) ? column : `(${column})`;
    return [field, only ? { sql, type, only: ONLY[only] } : { sql, type }];
  }),
);

export type SqlOptions = {
  readonly columns: Columns;
  /** Number of the first placeholder. */
  readonly firstParam: number;
};

export type FilterSql = {
  readonly sql: string;
  readonly params: unknown[];
  /** What SQL cannot decide: rows that satisfy `sql` must satisfy this too, see compileRecordFilter. */
  readonly residual: FilterNode | undefined;
};

/**
 * Condition over the event table for a filter that `parseQuery` accepted. Every literal and field key is
 * a parameter. A missing field makes each comparison NULL or false, also `!=`; `not` uses IS NOT TRUE.
 * It lets every row pass that the filter lets pass; without `residual` it lets no other.
 */
export function filterToSql(ast: FilterNode, options: SqlOptions): FilterSql {
  const values: unknown[] = [];
  const known = new Map<string, string>();
  const params: Params = {
    add: (value, cast) => {
      const id = `${cast}:${JSON.stringify(value)}`;
      const placeholder = known.get(id) ?? `$${options.firstParam + values.length}::${cast}`;
      if (!known.has(id)) values.push(value);
      known.set(id, placeholder);
      return placeholder;
    },
  };
  const sql = nodeSql(ast, { columns: options.columns, params }, true);
  return { sql, params: values, residual: residualOf(ast) };
}

/** Transformers without a form in SQL. */
const CLOSURE_ONLY: ReadonlySet<string> = new Set(['b64', 'getopt']);

function needsClosure(arg: TransformArg): boolean {
  if (arg.kind === 'transform') return CLOSURE_ONLY.has(arg.name) || arg.args.some(needsClosure);
  return arg.kind === 'operands' && arg.items.some(needsClosure);
}

function checkNeedsClosure({ left, right }: CheckNode): boolean {
  return needsClosure(left) || (right?.kind === 'transform' && needsClosure(right));
}

/** The part of a filter that is left to the closure: of an `and` the children that need it. */
function residualOf(node: FilterNode): FilterNode | undefined {
  switch (node.kind) {
    case 'and': {
      const children = node.children.map(residualOf).filter((child) => child !== undefined);
      const [only] = children;
      return children.length > 1 ? { ...node, children } : only;
    }
    case 'or':
      return node.children.some(residualOf) ? node : undefined;
    case 'not':
      return residualOf(node.child) && node;
    case 'macro':
      return undefined;
    case 'check':
      return checkNeedsClosure(node) ? node : undefined;
    default:
      return node satisfies never;
  }
}

/** `over`: what is not decided counts as true; below `not` it counts as false, so that the whole lets it pass. */
function nodeSql(node: FilterNode, ctx: SqlContext, over: boolean): string {
  switch (node.kind) {
    case 'and':
      return `(${node.children.map((child) => nodeSql(child, ctx, over)).join(' AND ')})`;
    case 'or':
      return `(${node.children.map((child) => nodeSql(child, ctx, over)).join(' OR ')})`;
    case 'not':
      return `((${nodeSql(node.child, ctx, !over)}) IS NOT TRUE)`;
    case 'macro':
      throw new Error(`unchecked filter: macro '${node.name}'`);
    case 'check':
      return checkNeedsClosure(node) ? (over ? 'TRUE' : 'FALSE') : leafSql(priorityCheck(node), ctx);
    default:
      return node satisfies never;
  }
}

function leafSql(node: CheckNode, ctx: SqlContext): string {
  const left = operandSql(node.left, ctx);
  const condition = left.kind === 'set' ? setSql(node, left, ctx) : scalarSql(node, left, ctx);
  return left.guard ? `(${left.guard} AND ${condition})` : condition;
}

function scalarSql(node: CheckNode, left: SqlOperand & { kind: 'scalar' }, ctx: SqlContext): string {
  if (node.operator === 'exists') return `${left.sql} IS NOT NULL`;
  const { right } = node;
  if (right?.kind === 'field' || right?.kind === 'transform') return fieldToFieldSql(node, left, right, ctx);
  return checkSql(node, left.type, left.sql, ctx.params);
}

function fieldToFieldSql(
  node: CheckNode,
  left: SqlOperand & { kind: 'scalar' },
  right: Operand,
  ctx: SqlContext,
): string {
  const other = operandSql(right, ctx);
  if (other.kind !== 'scalar') throw new Error('unchecked filter: list on the right');
  const plain = left.type === 'number' || left.type === 'port' || left.type === 'bool';
  const sign =
    node.operator === '!='
      ? '<>'
      : node.operator === '==' || node.operator === 'in' || node.operator === 'intersects'
        ? '='
        : node.operator;
  const sql = plain ? `${left.sql} ${sign} ${other.sql}` : textComparison(node.operator, left.sql, other.sql);
  return other.guard ? `(${other.guard} AND ${sql})` : sql;
}

function setSql(node: CheckNode, left: SqlOperand & { kind: 'set' }, ctx: SqlContext): string {
  const some = (condition: string): string => `EXISTS (SELECT 1 FROM ${left.from} WHERE ${condition})`;
  if (node.operator === 'exists') return `${left.length} > 0`;
  const cardinality = cardinalityOf(node);
  const negated = cardinality === 'pair' && node.operator === '!=' && !node.modifier;
  const effective: CheckNode = negated ? { ...node, operator: '=' } : node;
  const test = checkSql(effective, left.type, left.element, ctx.params);
  if (negated) return `(${left.length} > 0 AND NOT ${some(test)})`;
  if (cardinality === 'list' && node.operator === 'in') {
    return `(${left.length} > 0 AND NOT ${some(`(${test}) IS NOT TRUE`)})`;
  }
  return some(test);
}

function cardinalityOf(node: CheckNode): string {
  const type = operandType(node.left, RECORD_CATALOGUE);
  return typeof type === 'string' ? 'one' : type.cardinality;
}
