import type { FieldType } from '../fields/types.ts';
import type { Operator } from './ast.ts';
import type { OperandType } from './operand.ts';

const NUMBERS = '= == != < <= > >= in intersects';
const EQUALITIES = '= == != in intersects';

/** Operators of each family of types, and what libsinsp calls the family. Source: libsinsp filter_compare. */
const FAMILIES: Readonly<Record<FieldType, readonly [operators: string, name: string]>> = {
  number: [NUMBERS, 'for numeric filters'],
  port: [NUMBERS, 'for numeric filters'],
  bool: [EQUALITIES, 'for numeric filters'],
  ip: [EQUALITIES, 'for ip address and network filters'],
  net: [EQUALITIES, 'for ip address and network filters'],
  string: [`${NUMBERS} contains icontains startswith endswith glob iglob regex pmatch`, 'for string filters'],
  path: [`${NUMBERS} contains icontains startswith endswith glob iglob regex pmatch`, 'for string filters'],
  // A raw parameter has the type of the parameter: numbers have an order.
  bytes: [`${NUMBERS} contains startswith endswith bcontains bstartswith`, 'for buffer filters'],
};

const ALLOWED = new Map(
  Object.entries(FAMILIES).map(([type, [operators]]) => [type, new Set(operators.split(' '))]),
);

/** Whether an operator can be used on values of a type. Errors: Falco's text. */
export function operatorFault(operator: Operator, type: OperandType): string | undefined {
  if (operator === 'exists') return undefined;
  if (type.cardinality === 'list') {
    if (operator === 'in' || operator === 'intersects') return undefined;
    return `filter error: '${operator}' operator not supported list filters`;
  }
  if (ALLOWED.get(type.type)?.has(operator) !== false) return undefined;
  return `filter error: '${operator}' operator not supported ${FAMILIES[type.type][1]}`;
}
