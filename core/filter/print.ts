import {
  type CheckNode,
  type FilterNode,
  fieldText,
  type Operand,
  type TransformArg,
  type ValueNode,
} from './ast.ts';

/** Canonical text of a filter: and/or groups in parentheses, single blanks. Parses to the same tree. */
export function printFilter(node: FilterNode): string {
  switch (node.kind) {
    case 'and':
    case 'or':
      return `(${node.children.map(printFilter).join(` ${node.kind} `)})`;
    case 'not':
      return `not ${printFilter(node.child)}`;
    case 'macro':
      return node.name;
    case 'check':
      return printCheck(node);
    default:
      return node satisfies never;
  }
}

function printCheck(node: CheckNode): string {
  const head = `${printOperand(node.left)} ${node.operator}`;
  const { right, modifier } = node;
  if (!right) return head;
  const operator = modifier ? `${head} ${modifier}` : head;
  if (right.kind === 'value') return `${operator} ${printValue(right)}`;
  if (right.kind === 'list')
    return `${operator} ${right.name ?? `(${right.items.map(printValue).join(', ')})`}`;
  return `${operator} ${right.kind === 'field' ? `val(${printOperand(right)})` : printOperand(right)}`;
}

function printOperand(operand: Operand): string {
  if (operand.kind === 'field') {
    const { name, argument } = operand;
    const bare = argument === undefined || /^[^ \b\t\r\n[\]"']+$/.test(argument);
    return bare ? fieldText(operand) : `${name}[${quoteText(argument)}]`;
  }
  const args = operand.args.map(printArg).join(', ');
  const index = operand.argument === undefined ? '' : `[${operand.argument}]`;
  return `${operand.name}(${args})${index}`;
}

function printArg(arg: TransformArg): string {
  if (arg.kind === 'value') return quoteText(arg.text);
  if (arg.kind === 'operands') return `(${arg.items.map(printArg).join(', ')})`;
  return printOperand(arg);
}

/** Quotes a value only when it would not read back as one bare word. */
function printValue(value: ValueNode): string {
  const bare = /^[^()"'=, \b\t\r\n]+$/.test(value.text);
  return bare && !/^(?:oneof|anyof|allof)$/.test(value.text) ? value.text : quoteText(value.text);
}

const ESCAPES: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\f': '\\f',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '"': '\\"',
};

function quoteText(text: string): string {
  // A backslash is written \x5c: `\\` before the closing delimiter would not end the string.
  const body = text.replace(/[\b\f\n\r\t"\\]/g, (char) => ESCAPES[char] ?? '\\x5c');
  return `"${body}"`;
}
