/** Where a node starts in the filter text: 0-based index, 1-based line and column. */
export type Position = { readonly index: number; readonly line: number; readonly column: number };

export const COMPARE_OPERATORS = ['=', '==', '!='] as const;
export const NUMBER_OPERATORS = ['<=', '<', '>=', '>'] as const;
export const STRING_OPERATORS = [
  'contains',
  'icontains',
  'bcontains',
  'startswith',
  'bstartswith',
  'endswith',
  'glob',
  'iglob',
  'regex',
] as const;
export const LIST_OPERATORS = ['in', 'intersects', 'pmatch'] as const;
export const MODIFIERS = ['oneof', 'anyof', 'allof'] as const;
export const TRANSFORMERS = [
  'tolower',
  'toupper',
  'b64',
  'basename',
  'len',
  'join',
  'concat',
  'getopt',
] as const;

export type CompareOperator = (typeof COMPARE_OPERATORS)[number];
export type NumberOperator = (typeof NUMBER_OPERATORS)[number];
export type StringOperator = (typeof STRING_OPERATORS)[number];
export type ListOperator = (typeof LIST_OPERATORS)[number];
export type Operator = CompareOperator | NumberOperator | StringOperator | ListOperator | 'exists';
export type Modifier = (typeof MODIFIERS)[number];
export type TransformerName = (typeof TRANSFORMERS)[number];

export type AndNode = {
  readonly kind: 'and';
  readonly children: readonly FilterNode[];
  readonly pos: Position;
};
export type OrNode = {
  readonly kind: 'or';
  readonly children: readonly FilterNode[];
  readonly pos: Position;
};
export type NotNode = { readonly kind: 'not'; readonly child: FilterNode; readonly pos: Position };
/** A name on its own: a macro, until the macro resolver replaces it. */
export type MacroNode = { readonly kind: 'macro'; readonly name: string; readonly pos: Position };
export type CheckNode = {
  readonly kind: 'check';
  readonly left: Operand;
  readonly operator: Operator;
  readonly modifier: Modifier | undefined;
  /** undefined only for `exists`. */
  readonly right: RightSide | undefined;
  readonly pos: Position;
};
export type FilterNode = AndNode | OrNode | NotNode | MacroNode | CheckNode;

export type FieldRef = {
  readonly kind: 'field';
  readonly name: string;
  readonly argument: string | undefined;
  readonly pos: Position;
};
export type TransformNode = {
  readonly kind: 'transform';
  readonly name: TransformerName;
  readonly args: readonly TransformArg[];
  /** `getopt(...)[opt]` */
  readonly argument: string | undefined;
  readonly pos: Position;
};
export type Operand = FieldRef | TransformNode;
export type TransformArg = Operand | ValueNode | OperandList;
export type OperandList = {
  readonly kind: 'operands';
  readonly items: readonly (Operand | ValueNode)[];
  readonly pos: Position;
};
export type ValueNode = {
  readonly kind: 'value';
  readonly text: string;
  readonly quoted: boolean;
  readonly pos: Position;
};
/** `name` is set when the list was given by a bare identifier that no list expansion replaced. */
export type ListNode = {
  readonly kind: 'list';
  readonly items: readonly ValueNode[];
  readonly name: string | undefined;
  readonly pos: Position;
};
export type RightSide = ValueNode | ListNode | Operand;

/** A defect in a filter text, for people: message in Falco's words where Falco has one. */
export type Fault = Position & { readonly message: string; readonly expected?: readonly string[] };

/** Text of a field reference as written in rules: `proc.aname[2]`. */
export function fieldText(ref: { readonly name: string; readonly argument: string | undefined }): string {
  return ref.argument === undefined ? ref.name : `${ref.name}[${ref.argument}]`;
}
