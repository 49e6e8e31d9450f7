import { RECORD_CATALOGUE } from '../fields/catalogue.ts';
import { storedPlace } from '../fields/stored.ts';
import type { FieldType } from '../fields/types.ts';
import type { Operand, TransformArg, TransformNode } from './ast.ts';
import { operandType, resolved } from './operand.ts';
import { lowerSql, type Params } from './sql-test.ts';

/** A typed column that stands for a Falco field. */
export type Column = {
  readonly sql: string;
  /** numeric columns of any width are `number`; text arrays are `texts`. */
  readonly type: 'text' | 'number' | 'texts';
  /** Condition under which the column carries the field's meaning. */
  readonly only?: string;
};
export type Columns = Readonly<Record<string, Column>>;

export type SqlOperand = {
  readonly type: FieldType;
  /** Must hold too, or the field is missing. */
  readonly guard: string | undefined;
} & (
  | { readonly kind: 'scalar'; readonly sql: string }
  /** `from` yields rows e(v); `element` is the expression over e.v. */
  | { readonly kind: 'set'; readonly from: string; readonly element: string; readonly length: string }
);

export type SqlContext = { readonly columns: Columns; readonly params: Params };

/** SQL of a field or transformer that `checkFilter` has accepted for stored events. */
export function operandSql(operand: Operand, ctx: SqlContext): SqlOperand {
  return operand.kind === 'field' ? fieldSql(operand, ctx) : transformSql(operand, ctx);
}

const DECIMAL = `'^-?[0-9]{1,40}$'`;

function numberOfText(text: string): string {
  return `CASE WHEN ${text} ~ ${DECIMAL} THEN (${text})::numeric END`;
}

function fieldSql(ref: { name: string; argument: string | undefined }, ctx: SqlContext): SqlOperand {
  const field = resolved(ref, RECORD_CATALOGUE);
  const { type } = field.def;
  const place = storedPlace(field);
  const many = field.cardinality !== 'one';
  const name = place.kind === 'attribute' ? place.attribute.field : place.key;
  const column = place.kind === 'key' && place.element !== undefined ? undefined : own(ctx.columns, name);
  if (column) {
    const guard = column.only;
    if (column.type !== 'texts') return { kind: 'scalar', type, guard, sql: column.sql };
    const length = `cardinality(${column.sql})`;
    return { kind: 'set', type, guard, from: `unnest(${column.sql}) AS e(v)`, element: 'e.v', length };
  }
  const key = ctx.params.add(name, 'text');
  const array = `CASE WHEN jsonb_typeof(fields->${key}) = 'array' THEN fields->${key} END`;
  if (many) {
    const from = `jsonb_array_elements_text(COALESCE(${array}, '[]'::jsonb)) AS e(v)`;
    const element = type === 'number' || type === 'port' ? `(${numberOfText('e.v')})` : 'e.v';
    return { kind: 'set', type, guard: undefined, from, element, length: `jsonb_array_length(${array})` };
  }
  const element = place.kind === 'key' ? place.element : undefined;
  // A jsonb scalar answers -> 0 with itself, so the array test is needed here too.
  const value = element === undefined ? `fields->${key}` : `(${array})->${element}`;
  return { kind: 'scalar', type, guard: undefined, sql: `(${typedSql(value, type)})` };
}

/** Value of a jsonb expression when it has the field's type, else NULL; mirrors `typed` of the closure. */
function typedSql(value: string, type: FieldType): string {
  const text = `(${value})#>>'{}'`;
  if (type === 'bool') return `CASE WHEN jsonb_typeof(${value}) = 'boolean' THEN (${value})::boolean END`;
  if (type !== 'number' && type !== 'port') {
    return `CASE WHEN jsonb_typeof(${value}) = 'string' THEN ${text} END`;
  }
  return `CASE jsonb_typeof(${value}) WHEN 'number' THEN (${value})::numeric WHEN 'string' THEN ${numberOfText(text)} END`;
}

function own(columns: Columns, name: string): Column | undefined {
  return Object.hasOwn(columns, name) ? columns[name] : undefined;
}

function transformSql(node: TransformNode, ctx: SqlContext): SqlOperand {
  const type = operandType(node, RECORD_CATALOGUE);
  if (typeof type === 'string') throw new Error(`unchecked filter: ${type}`);
  if (node.name === 'join' || node.name === 'concat') return joinSql(node, ctx);
  const [arg] = node.args;
  if (arg?.kind !== 'field' && arg?.kind !== 'transform') throw new Error('unchecked filter: no field');
  const inner = operandSql(arg, ctx);
  if (node.name === 'len') {
    const sql = inner.kind === 'set' ? inner.length : `octet_length(${inner.sql})`;
    return { kind: 'scalar', type: 'number', guard: inner.guard, sql };
  }
  const change = CHANGES[node.name];
  if (!change) throw new Error(`unchecked filter: transformer ${node.name}`);
  if (inner.kind === 'set') return { ...inner, type: type.type, element: change(inner.element) };
  return { ...inner, type: type.type, sql: change(inner.sql) };
}

const CHANGES: Readonly<Record<string, (x: string) => string>> = {
  tolower: lowerSql,
  toupper: (x) => `upper(${x} COLLATE "C")`,
  basename: (x) => `regexp_replace(${x}, '^.*/', '')`,
};

function joinSql(node: TransformNode, ctx: SqlContext): SqlOperand {
  const [first, second] = node.args;
  const separator = node.name === 'join' && first?.kind === 'value' ? first.text : '';
  const items: readonly TransformArg[] =
    node.name === 'join' && second?.kind === 'operands' ? second.items : node.args;
  const guards: string[] = [];
  const parts = items.map((item) => {
    if (item.kind === 'value') return ctx.params.add(item.text.replaceAll('\0', ''), 'text');
    if (item.kind === 'operands') throw new Error('unchecked filter: nested list');
    const inner = operandSql(item, ctx);
    if (inner.kind !== 'scalar') throw new Error('unchecked filter: list in join');
    if (inner.guard) guards.push(inner.guard);
    return `(${inner.sql})::text`;
  });
  const glue =
    separator === '' ? ' || ' : ` || ${ctx.params.add(separator.replaceAll('\0', ''), 'text')} || `;
  const sql = parts.length === 0 ? "''" : `(${parts.join(glue)})`;
  return { kind: 'scalar', type: 'string', guard: guards.length > 0 ? guards.join(' AND ') : undefined, sql };
}
