import {
  type CheckNode,
  type Fault,
  type FieldRef,
  type FilterNode,
  type ListNode,
  MODIFIERS,
  type Modifier,
  type Operand,
  type Operator,
  type RightSide,
  STRING_OPERATORS,
  TRANSFORMERS,
  type TransformArg,
  type TransformerName,
  type TransformNode,
  type ValueNode,
} from './ast.ts';
import { FilterSyntaxError, Scanner } from './scanner.ts';

/*
 * Falco / sysdig filter grammar. Source: falcosecurity/libs userspace/libsinsp/filter/parser.h.
 *
 *   Filter      ::= Or End
 *   Or          ::= And ( 'or' And )*
 *   And         ::= Not ( 'and' Not )*
 *   Not         ::= ( 'not' )* Primary
 *   Primary     ::= '(' Or ')' | Left Condition | Identifier
 *   Left        ::= Field | Transformer
 *   Condition   ::= 'exists'
 *                 | ( '=' | '==' | '!=' ) ( Modified | Operand | String )
 *                 | ( '<' | '<=' | '>' | '>=' ) ( Operand | Number )
 *                 | StringOperator ( Modified | Operand | String )
 *                 | ( 'in' | 'intersects' | 'pmatch' ) ( Operand | List )
 *   Modified    ::= ( 'oneof' | 'anyof' | 'allof' ) Blank+ List
 *   Operand     ::= 'val(' Field ')' | Transformer
 *   Transformer ::= Name '(' Arg ( ',' Arg )* ')' ( '[' Argument ']' )?
 *   Arg         ::= Field | Transformer | QuotedStr | '(' ( Item ( ',' Item )* )? ')'
 *   List        ::= '(' ( String ( ',' String )* )? ')' | Identifier
 *   Field       ::= Identifier ( '.' Identifier )+ ( '[' Argument ']' )? | 'rule'
 *   Argument    ::= QuotedStr | [^ \b\t\r\n\[\]"']+
 *   String      ::= QuotedStr | [^()"'=, \b\t\r\n]+
 *   Number      ::= '0x' [0-9a-fA-F]+ | [+-]? [0-9]+ ( '.' [0-9]* )? ( [eE] [+-] [0-9]+ )? | PriorityWord
 *
 * `not`, `and`, `or` need a blank or a parenthesis behind them. `rule` as a field and priority words as
 * numbers are our additions for stored events; in Falco those texts are syntax errors.
 */

/** Nesting of parentheses and transformers. Source: Falco's parser depth limit. */
export const DEPTH_MAX = 100;
/** Longest accepted filter text; upstream's longest expanded condition is below 20 KiB. */
export const FILTER_CHARS_MAX = 256 * 1024;

export type ParseResult =
  | { readonly ok: true; readonly ast: FilterNode }
  | { readonly ok: false; readonly faults: readonly Fault[] };

const IDENTIFIER = /[a-zA-Z][a-zA-Z0-9_]*/y;
const FIELD = /[a-zA-Z][a-zA-Z0-9_]*(?:\.[a-zA-Z][a-zA-Z0-9_]*)+/y;
const BARE_FIELD =
  /rule(?=[ \t\r\n\b]*(?:[=<>!]|(?:exists|in|contains|icontains|startswith|endswith|glob|iglob|regex|intersects|pmatch)[ \t\r\n\b(]))/y;
const ARGUMENT = /[^ \b\t\r\n[\]"']+/y;
const BARE_STRING = /[^()"'=, \b\t\r\n]+/y;
const NUMBER = /[+-]?[0-9]+(?:\.[0-9]*)?(?:[eE][+-][0-9]+)?/y;
const HEX = /0[xX][0-9a-fA-F]+/y;
const PRIORITY =
  /(?:emergency|alert|critical|error|warning|notice|informational|info|debug)(?![^()"'=, \b\t\r\n])/iy;
const TRANSFORMER = new RegExp(`(?:${TRANSFORMERS.join('|')})(?=\\()`, 'y');
const SYMBOLS = ['==', '=', '!=', '<=', '<', '>=', '>'] as const;
/** Longer ones first where one begins another. */
const LIST_WORDS = ['intersects', 'in', 'pmatch'] as const;
/** Operators in the order in which Falco's messages name them. */
const OPERATORS = [
  'exists',
  '<=',
  '<',
  '>=',
  '>',
  '==',
  '=',
  '!=',
  ...STRING_OPERATORS,
  ...LIST_WORDS,
] as const;
const OR_TRANSFORMER = `a field with a valid transformer: ${quoted(['val', ...TRANSFORMERS])}`;

function quoted(words: readonly string[]): string {
  return words.map((word) => `'${word}'`).join(', ');
}

/** Parses a whole filter. Errors: one fault, at the first text that cannot be understood. */
export function parseFilter(text: string): ParseResult {
  if (text.length > FILTER_CHARS_MAX) {
    const message = `filter is longer than ${FILTER_CHARS_MAX} characters`;
    return { ok: false, faults: [{ index: 0, line: 1, column: 1, message }] };
  }
  const scanner = new Scanner(text.toWellFormed());
  try {
    const ast = new Parser(scanner).filter();
    return { ok: true, ast };
  } catch (error) {
    if (error instanceof FilterSyntaxError) return { ok: false, faults: [error.fault] };
    throw error;
  }
}

/** Parses a field or transformer in the middle of a text, as outputs need it; undefined when there is none. */
export function parseOperandAt(text: string, index: number): { operand: Operand; end: number } | undefined {
  const scanner = new Scanner(text);
  scanner.index = index;
  try {
    const operand = new Parser(scanner).left();
    return operand && { operand, end: scanner.index };
  } catch (error) {
    if (error instanceof FilterSyntaxError) return undefined;
    throw error;
  }
}

class Parser {
  readonly #s: Scanner;
  #depth = 0;

  constructor(scanner: Scanner) {
    this.#s = scanner;
  }

  filter(): FilterNode {
    const s = this.#s;
    if (s.text === '') s.fail('filter input string is empty');
    s.blank();
    const node = this.#or();
    s.blank();
    if (s.peek() !== undefined)
      s.fail(`unexpected token after '${s.last}', expecting 'or', 'and'`, ['or', 'and']);
    return node;
  }

  #or(): FilterNode {
    return this.#chain('or', () => this.#and());
  }

  #and(): FilterNode {
    return this.#chain('and', () => this.#not());
  }

  #chain(word: 'and' | 'or', next: () => FilterNode): FilterNode {
    const s = this.#s;
    const pos = s.position();
    const children = [next()];
    for (;;) {
      const before = s.index;
      const last = s.last;
      s.blank();
      if (!s.symbol(word)) {
        s.index = before;
        s.last = last;
        break;
      }
      // Falco takes `or(…)` as one operand: what follows is not joined to it by a tighter `and`.
      if (!s.blank()) {
        if (s.peek() !== '(') s.fail(`expected blank or '(' after '${word}'`);
        children.push(this.#primary());
      } else children.push(next());
    }
    const [only] = children;
    return children.length === 1 && only ? only : { kind: word, children, pos };
  }

  #not(): FilterNode {
    const s = this.#s;
    const starts: number[] = [];
    for (;;) {
      const index = s.index;
      if (!s.word('not')) break;
      if (s.peek() === undefined) s.fail("unexpected end after 'not'");
      starts.push(index);
      s.blank();
    }
    const negate = starts.length % 2 === 1;
    const pos = s.position(starts[0] ?? s.index);
    const child = this.#primary();
    // An even number of negations cancels: without a third truth value `not not x` is `x`.
    if (!negate) return child;
    return child.kind === 'not' ? child.child : { kind: 'not', child, pos };
  }

  #nested<T>(parse: () => T): T {
    if (++this.#depth > DEPTH_MAX) this.#s.fail(`exceeded max depth of ${DEPTH_MAX} nested expressions`);
    const result = parse();
    this.#depth--;
    return result;
  }

  #primary(): FilterNode {
    const s = this.#s;
    if (s.symbol('(')) {
      return this.#nested(() => {
        s.blank();
        const node = this.#or();
        s.blank();
        if (!s.symbol(')')) s.fail("expected a ')' token", [')', 'or', 'and']);
        return node;
      });
    }
    const index = s.index;
    const left = this.left();
    if (left) return this.#condition(left, index);
    const name = s.take(IDENTIFIER);
    if (name === undefined || name === 'and' || name === 'or' || name === 'not') {
      return s.fail("expected a '(' token, a field check, or an identifier", ['(', 'field', 'macro'], index);
    }
    return { kind: 'macro', name, pos: s.position(index) };
  }

  left(): Operand | undefined {
    return this.#transformer() ?? this.#field();
  }

  #field(): FieldRef | undefined {
    const s = this.#s;
    const pos = s.position();
    const name = s.take(FIELD) ?? s.take(BARE_FIELD);
    if (name === undefined) return undefined;
    return { kind: 'field', name, argument: this.#argument(), pos };
  }

  #argument(): string | undefined {
    const s = this.#s;
    if (!s.symbol('[')) return undefined;
    const argument = s.quoted() ?? s.take(ARGUMENT);
    if (argument === undefined)
      return s.fail('expected a valid field argument: a quoted string or a bare string');
    if (!s.symbol(']')) s.fail("expected a ']' token", [']']);
    return argument;
  }

  #transformer(): TransformNode | undefined {
    const s = this.#s;
    const pos = s.position();
    const name = s.take(TRANSFORMER) as TransformerName | undefined;
    if (name === undefined) return undefined;
    s.symbol('(');
    return this.#nested(() => {
      const args: TransformArg[] = [];
      do {
        s.blank();
        args.push(this.#transformArg());
        s.blank();
      } while (s.symbol(','));
      if (!s.symbol(')')) s.fail("expected a ')' token closing the transformer", [')']);
      const argument = name === 'getopt' ? this.#argument() : undefined;
      return { kind: 'transform', name, args, argument, pos };
    });
  }

  #transformArg(): TransformArg {
    const s = this.#s;
    const pos = s.position();
    if (!s.symbol('(')) return this.#transformItem();
    const items: (Operand | ValueNode)[] = [];
    s.blank();
    if (!s.symbol(')')) {
      do {
        s.blank();
        items.push(this.#transformItem());
        s.blank();
      } while (s.symbol(','));
      if (!s.symbol(')')) s.fail("expected a ')' token", [')', ',']);
    }
    return { kind: 'operands', items, pos };
  }

  #transformItem(): Operand | ValueNode {
    const s = this.#s;
    const pos = s.position();
    const text = s.quoted();
    if (text !== undefined) return { kind: 'value', text, quoted: true, pos };
    return (
      this.left() ?? s.fail('expected a field or a valid nested field transformer', ['field', 'transformer'])
    );
  }

  #condition(left: Operand, index: number): CheckNode {
    const s = this.#s;
    const pos = s.position(index);
    s.blank();
    if (s.word('exists', ')')) {
      return { kind: 'check', left, operator: 'exists', modifier: undefined, right: undefined, pos };
    }
    const operator = this.#operator();
    s.blank();
    if (isListOperator(operator)) {
      const right = this.#operand() ?? this.#list();
      return { kind: 'check', left, operator, modifier: undefined, right, pos };
    }
    if (operator === '<' || operator === '<=' || operator === '>' || operator === '>=') {
      const right = this.#operand() ?? this.#number();
      return { kind: 'check', left, operator, modifier: undefined, right, pos };
    }
    const modifier = this.#modifier();
    const right: RightSide = modifier ? this.#list() : (this.#operand() ?? this.#string(false));
    return { kind: 'check', left, operator, modifier, right, pos };
  }

  #operator(): Operator {
    const s = this.#s;
    for (const symbol of SYMBOLS) if (s.symbol(symbol)) return symbol;
    for (const word of STRING_OPERATORS) if (s.word(word, '')) return word;
    // No blank is needed behind these: `in(a, b)`, and even `inlist`.
    for (const word of LIST_WORDS) if (s.symbol(word)) return word;
    return s.fail(`expected a valid check operator: one of ${quoted(OPERATORS)}`, OPERATORS);
  }

  /** `oneof`, `anyof`, `allof` are modifiers only before a list; `proc.name = oneof or …` names a process. */
  #modifier(): Modifier | undefined {
    const s = this.#s;
    const { index, last } = s;
    for (const modifier of MODIFIERS) {
      if (!s.word(modifier, '')) continue;
      if (s.blank()) {
        const list = s.index;
        const name = s.take(IDENTIFIER);
        s.index = list;
        s.last = modifier;
        if (s.peek() === '(' || (name !== undefined && name !== 'and' && name !== 'or')) return modifier;
      }
      s.index = index;
      s.last = last;
    }
    return undefined;
  }

  #operand(): Operand | undefined {
    const s = this.#s;
    if (!s.symbol('val(')) return this.#transformer();
    s.blank();
    const field = this.#field();
    if (!field) return s.fail("expected a field within 'val' transformer", ['field']);
    s.blank();
    if (!s.symbol(')')) s.fail("expected a ')' token closing the transformer", [')']);
    return field;
  }

  #list(): ListNode {
    const s = this.#s;
    const pos = s.position();
    if (!s.symbol('(')) {
      const name = s.take(IDENTIFIER);
      if (name === undefined)
        return s.fail(`expected a list, an identifier, or ${OR_TRANSFORMER}`, ['(', 'list']);
      return { kind: 'list', items: [], name, pos };
    }
    const items: ValueNode[] = [];
    s.blank();
    if (!s.symbol(')')) {
      do {
        s.blank();
        items.push(this.#string(true));
        s.blank();
      } while (s.symbol(','));
      if (!s.symbol(')')) s.fail("expected a ')' token closing the list", [')', ',']);
    }
    return { kind: 'list', items, name: undefined, pos };
  }

  #string(inList: boolean): ValueNode {
    const s = this.#s;
    const pos = s.position();
    const quoted = s.quoted();
    if (quoted !== undefined) return { kind: 'value', text: quoted, quoted: true, pos };
    const text = s.take(BARE_STRING);
    if (text === undefined)
      return s.fail(inList ? 'expected a string value' : `expected a string value or ${OR_TRANSFORMER}`, [
        'string',
      ]);
    return { kind: 'value', text, quoted: false, pos };
  }

  #number(): ValueNode {
    const s = this.#s;
    const pos = s.position();
    const text = s.take(HEX) ?? s.take(NUMBER) ?? s.take(PRIORITY);
    if (text === undefined) return s.fail(`expected a number value or ${OR_TRANSFORMER}`, ['number']);
    return { kind: 'value', text, quoted: false, pos };
  }
}

function isListOperator(operator: Operator): boolean {
  return operator === 'in' || operator === 'intersects' || operator === 'pmatch';
}
