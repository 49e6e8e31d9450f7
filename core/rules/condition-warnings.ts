import { RULE_CATALOGUE, resolveField } from '../fields/catalogue.ts';
import {
  type CheckNode,
  type FilterNode,
  type Operand,
  type Position,
  TRANSFORMERS,
  type TransformArg,
} from '../filter/ast.ts';

/** Visits every comparison of a condition. */
export function eachCheck(node: FilterNode, visit: (check: CheckNode) => void): void {
  if (node.kind === 'check') visit(node);
  else if (node.kind === 'not') eachCheck(node.child, visit);
  else if (node.kind !== 'macro') for (const child of node.children) eachCheck(child, visit);
}

/** Names of the fields that a comparison reads, on both sides and inside transformers. */
export function fieldNames(check: CheckNode): readonly string[] {
  const { left, right } = check;
  return [left, ...(right?.kind === 'field' || right?.kind === 'transform' ? [right] : [])].flatMap(namesIn);
}

function namesIn(arg: Operand | TransformArg): readonly string[] {
  if (arg.kind === 'field') return [arg.name];
  if (arg.kind === 'transform') return arg.args.flatMap(namesIn);
  return arg.kind === 'operands' ? arg.items.flatMap(namesIn) : [];
}

const EQUALITY: ReadonlySet<string> = new Set(['=', '==', '!=', 'in', 'intersects', 'pmatch']);

/** Whether an audit or JSON field is compared with `<NA>`, which is not how a missing value reads. */
export function isUnsafeNa(check: CheckNode): boolean {
  if (!EQUALITY.has(check.operator) || check.left.kind !== 'field') return false;
  if (!/^(?:ka|jevt)\./.test(check.left.name)) return false;
  return literals(check).includes('<NA>');
}

function literals(check: CheckNode): readonly string[] {
  const { right } = check;
  if (right?.kind === 'value') return [right.text];
  return right?.kind === 'list' ? right.items.map((item) => item.text) : [];
}

export type ConditionWarning = { readonly message: string; readonly pos: Position };

/**
 * Literals that look like a mistake: a field or transformer taken for text, a regular expression that needs
 * none. Source: falcosecurity/libs filter compiler, check_value_and_add_warnings.
 */
export function valueWarnings(check: CheckNode): readonly ConditionWarning[] {
  const found: ConditionWarning[] = [];
  for (const text of literals(check)) {
    const pos = check.right?.pos ?? check.pos;
    const bare = text.replace(/\s/g, '');
    if (check.operator === 'regex' && isPlainRegex(text)) {
      const message = `regex check with '${text}' may be optimized with simpler operators such as '=', 'contains', 'startswith', 'endswith'`;
      found.push({ message, pos });
    }
    if (namesField(bare)) {
      found.push({ message: `'${text}' may be a valid field misused as a const string value`, pos });
    }
    if (namesTransformer(bare)) {
      found.push({
        message: `'${text}' may be a valid field transformer misused as a const string value`,
        pos,
      });
    }
  }
  return found;
}

function namesField(text: string): boolean {
  const parts = /^([a-zA-Z]\w*(?:\.[a-zA-Z]\w*)+)(?:\[([^\]]*)\])?$/.exec(text);
  const [, name, argument] = parts ?? [];
  return name !== undefined && typeof resolveField({ name, argument }, RULE_CATALOGUE) !== 'string';
}

function namesTransformer(text: string): boolean {
  return text.endsWith(')') && ['val', ...TRANSFORMERS].some((name) => text.startsWith(`${name}(`));
}

/** No special character but anchors at the ends and `.*` beside them. */
function isPlainRegex(pattern: string): boolean {
  const { length } = pattern;
  for (let i = 0; i < length; i++) {
    const char = pattern[i] ?? '';
    if ((i === 0 && char === '^') || (i === length - 1 && char === '$')) continue;
    const anyRun = char === '.' && '+*?'.includes(pattern[i + 1] ?? ' ');
    if (anyRun && ((i === 0 && length > 1) || i === length - 2)) {
      i++;
      continue;
    }
    if ('.+*?^$()[]{}|\\'.includes(char)) return false;
  }
  return true;
}
