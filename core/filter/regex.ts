import type { Assertion, Ranges, RegexNode } from './regex-ast.ts';
import { parseRegex } from './regex-parser.ts';
import { postgresRegex } from './regex-postgres.ts';

export type CompiledRegex = {
  /** Whole-string match. Time: program size × text length, whatever the pattern. */
  readonly test: (text: string) => boolean;
  /** The same language as a Postgres advanced regular expression, anchored at both ends. */
  readonly postgres: string;
};

type Instruction =
  | { readonly kind: 'set'; readonly ranges: Ranges }
  | { readonly kind: 'split'; a: number; b: number }
  | { readonly kind: 'assert'; readonly what: Assertion; readonly next: number }
  | { readonly kind: 'match' };

/** Instructions of one program; counted repetition is unrolled. */
const PROGRAM_MAX = 5_000;

class TooLarge extends Error {}

/** Compiles a pattern of RE2 syntax to a simulated automaton: no input makes it slow. Errors: a text. */
export function compileRegex(pattern: string): CompiledRegex | string {
  const node = parseRegex(pattern);
  if (typeof node === 'string') return node;
  const program: Instruction[] = [];
  try {
    emit(node, program);
  } catch (error) {
    if (error instanceof TooLarge) return 'invalid regex pattern: pattern too large - compile failed';
    throw error;
  }
  program.push({ kind: 'match' });
  return { test: (text) => run(program, text), postgres: `^(?:${postgresRegex(node)})$` };
}

/** Appends code for `node`; execution falls through to the next instruction. */
function emit(node: RegexNode, program: Instruction[]): void {
  if (program.length > PROGRAM_MAX) throw new TooLarge();
  switch (node.kind) {
    case 'empty':
      return;
    case 'set':
      program.push({ kind: 'set', ranges: node.ranges });
      return;
    case 'assert':
      program.push({ kind: 'assert', what: node.what, next: program.length + 1 });
      return;
    case 'cat':
      for (const item of node.items) emit(item, program);
      return;
    case 'alt':
      emitAlternatives(node.items, program);
      return;
    case 'repeat':
      emitRepeat(node, program);
      return;
    default:
      node satisfies never;
  }
}

function emitAlternatives(items: readonly RegexNode[], program: Instruction[]): void {
  const jumps: { a: number; b: number }[] = [];
  items.forEach((item, i) => {
    if (i === items.length - 1) {
      emit(item, program);
      return;
    }
    const split = { kind: 'split' as const, a: program.length + 1, b: 0 };
    program.push(split);
    emit(item, program);
    const jump = { kind: 'split' as const, a: 0, b: 0 };
    program.push(jump);
    jumps.push(jump);
    split.b = program.length;
  });
  for (const jump of jumps) {
    jump.a = program.length;
    jump.b = program.length;
  }
}

function emitRepeat(node: RegexNode & { kind: 'repeat' }, program: Instruction[]): void {
  for (let i = 0; i < node.min; i++) emit(node.item, program);
  if (node.max === undefined) {
    const split = { kind: 'split' as const, a: program.length + 1, b: 0 };
    const start = program.length;
    program.push(split);
    emit(node.item, program);
    program.push({ kind: 'split', a: start, b: start });
    split.b = program.length;
    return;
  }
  const splits: { a: number; b: number }[] = [];
  for (let i = node.min; i < node.max; i++) {
    const split = { kind: 'split' as const, a: program.length + 1, b: 0 };
    program.push(split);
    splits.push(split);
    emit(node.item, program);
  }
  for (const split of splits) split.b = program.length;
}

function run(program: readonly Instruction[], text: string): boolean {
  const codes = Array.from(text, (char) => char.codePointAt(0) ?? 0);
  // Marks of the step in which an instruction was last added: no set is cleared per character.
  const seen = new Int32Array(program.length).fill(-1);
  let current: number[] = [];
  let matched = false;
  const add = (start: number, step: number, into: number[]): void => {
    const stack = [start];
    for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
      if (seen[at] === step) continue;
      seen[at] = step;
      const op = program[at];
      if (op?.kind === 'match') matched = true;
      else if (op?.kind === 'split') stack.push(op.b, op.a);
      else if (op?.kind === 'set') into.push(at);
      else if (op && holds(op.what, codes, step)) stack.push(op.next);
    }
  };
  add(0, 0, current);
  for (let i = 0; i < codes.length; i++) {
    if (current.length === 0) return false;
    matched = false;
    const next: number[] = [];
    for (const at of current) {
      const op = program[at];
      if (op?.kind === 'set' && within(op.ranges, codes[i] ?? 0)) add(at + 1, i + 1, next);
    }
    current = next;
  }
  return matched;
}

function within(ranges: Ranges, code: number): boolean {
  for (const [low, high] of ranges) if (code >= low && code <= high) return true;
  return false;
}

const NEWLINE = 10;

function holds(what: Assertion, codes: readonly number[], at: number): boolean {
  if (what === 'line-begin') return at === 0 || codes[at - 1] === NEWLINE;
  return at === codes.length || codes[at] === NEWLINE;
}
