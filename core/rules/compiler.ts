import { RULE_CATALOGUE } from '../fields/catalogue.ts';
import type { CheckNode, FilterNode, Position } from '../filter/ast.ts';
import { checkFilter } from '../filter/check.ts';
import { parseFilter } from '../filter/parser.ts';
import type { Collector, MacroInfo, RuleInfo } from './collector.ts';
import { eventTypes } from './event-types.ts';
import { exceptionText } from './exception.ts';
import { type ExpandedList, expandCondition, expandLists } from './list-expander.ts';
import { resolveMacros } from './macro-resolver.ts';
import { parseOutput } from './output.ts';
import { type IssueSink, type Location, RuleFault } from './result.ts';
import type { CompiledRule } from './ruleset.ts';
import { locate, TracedText } from './traced-text.ts';

/** Types a rule may match before LOAD_NO_EVTTYPE. */
const TYPES_WARN_ABOVE = 100;
const SKIPPABLE = /nonexistent field|invalid formatting token|unknown event type/;
const DEPRECATED_FIELDS = [
  'evt.dir',
  'evt.latency',
  'evt.latency.s',
  'evt.latency.ns',
  'evt.latency.human',
  'evt.wait_latency',
] as const;

type Context = {
  readonly collector: Collector;
  readonly sink: IssueSink;
  /** Text of a loaded file, for positions. */
  readonly fileText: (name: string) => string;
  readonly lists: readonly ExpandedList[];
  readonly macros: Map<string, FilterNode>;
  readonly usedLists: Set<string>;
  readonly usedMacros: Set<string>;
};

/** Compiles everything collected so far; faults go to the sink, each costs its own rule or macro. */
export function compileRules(
  collector: Collector,
  sink: IssueSink,
  fileText: (name: string) => string,
): readonly CompiledRule[] {
  const usedLists = new Set<string>();
  const usedMacros = new Set<string>();
  const lists = expandLists(collector.lists, usedLists);
  const macros = new Map<string, FilterNode>();
  const ctx: Context = { collector, sink, fileText, lists, macros, usedLists, usedMacros };
  for (const macro of collector.macros.values()) attempt(sink, () => parseMacro(macro, ctx));
  for (const macro of collector.macros.values()) attempt(sink, () => checkMacro(macro, ctx));
  const rules: CompiledRule[] = [];
  for (const rule of collector.rules.values()) {
    if (rule.unknownSource) continue;
    const compiled = attempt(sink, () => compileRule(rule, ctx));
    if (compiled) rules.push(compiled);
  }
  warnUnused(ctx);
  return rules;
}

function attempt<T>(sink: IssueSink, work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    sink.catch(error);
    return undefined;
  }
}

function parseMacro(macro: MacroInfo, ctx: Context): void {
  const chain = [...macro.chain, macro.conditionLocation];
  ctx.macros.set(macro.name, parseCondition(macro.condition, chain, ctx));
}

function parseCondition(condition: TracedText, chain: readonly Location[], ctx: Context): FilterNode {
  const text = expandCondition(condition, ctx.lists, ctx.usedLists);
  const parsed = parseFilter(text.text);
  if (parsed.ok) return parsed.ast;
  const [fault] = parsed.faults;
  throw conditionFault('LOAD_ERR_COMPILE_CONDITION', fault?.message ?? '', fault, text, chain, ctx);
}

function conditionFault(
  code: 'LOAD_ERR_COMPILE_CONDITION' | 'LOAD_ERR_VALIDATE',
  message: string,
  pos: Position | undefined,
  text: TracedText,
  chain: readonly Location[],
  ctx: Context,
): RuleFault {
  return new RuleFault(code, message, [...chain, expressionLocation(pos, text, ctx)]);
}

function expressionLocation(pos: Position | undefined, text: TracedText, ctx: Context): Location {
  const { origin, index } = text.trace(Math.min(pos?.index ?? 0, Math.max(text.text.length - 1, 0)));
  const position = locate(origin, index, ctx.fileText(origin.file));
  return { itemType: 'condition expression', itemName: '', position };
}

function checkMacro(macro: MacroInfo, ctx: Context): void {
  const ast = ctx.macros.get(macro.name);
  if (!ast) return;
  const text = expandCondition(macro.condition, ctx.lists, new Set());
  const visible = (name: string): FilterNode | undefined => {
    const other = ctx.collector.macros.get(name);
    return other && other.index < macro.visibility ? ctx.macros.get(name) : undefined;
  };
  const { fault } = resolveMacros(ast, visible, ctx.usedMacros);
  if (fault && !blames(fault.message, ctx)) {
    throw conditionFault('LOAD_ERR_VALIDATE', fault.message, fault.pos, text, macro.chain, ctx);
  }
}

/** Whether an "undefined macro" is one that exists and already has its own error. */
function blames(message: string, ctx: Context): boolean {
  const name = /^Undefined macro '(.*)' used in filter\.$/.exec(message)?.[1];
  return name !== undefined && ctx.collector.macros.has(name) && !ctx.macros.has(name);
}

function fullCondition(rule: RuleInfo): TracedText {
  const texts = rule.exceptions.map(exceptionText);
  if (rule.exceptions.length === 0) return rule.condition;
  const { origin } = rule.condition.trace(0);
  let condition = TracedText.made('(', origin).concat(rule.condition).concat(TracedText.made(')', origin));
  rule.exceptions.forEach((exception, i) => {
    const text = texts[i];
    if (!text) return;
    const made = { text: '', file: exception.position.name, position: exception.position };
    condition = condition.concat(TracedText.made(` and not ${text}`, made));
  });
  return condition;
}

function compileRule(rule: RuleInfo, ctx: Context): CompiledRule | undefined {
  const condition = fullCondition(rule);
  const chain = [...rule.chain, rule.conditionLocation];
  const parsed = parseCondition(condition, chain, ctx);
  const text = expandCondition(condition, ctx.lists, new Set());
  const { ast, fault } = resolveMacros(parsed, (name) => ctx.macros.get(name), ctx.usedMacros);
  if (fault) {
    if (blames(fault.message, ctx)) return undefined;
    throw conditionFault('LOAD_ERR_VALIDATE', fault.message, fault.pos, text, rule.chain, ctx);
  }
  warnFields(ast, rule, chain, ctx);
  for (const found of checkFilter(ast, RULE_CATALOGUE)) {
    const location = expressionLocation(found, text, ctx);
    if (rule.skipIfUnknownFilter && SKIPPABLE.test(found.message)) {
      ctx.sink.warn('LOAD_UNKNOWN_FILTER', found.message, [...chain, location]);
      return undefined;
    }
    throw new RuleFault('LOAD_ERR_COMPILE_CONDITION', found.message, [...chain, location]);
  }
  const output = compileTemplate(rule, ctx);
  if (!output) return undefined;
  const types = rule.source === 'syscall' ? eventTypes(ast) : undefined;
  if (
    rule.source === 'syscall' &&
    rule.warnEvtTypes &&
    (types === undefined || types.size > TYPES_WARN_ABOVE)
  ) {
    ctx.sink.warn(
      'LOAD_NO_EVTTYPE',
      'Rule matches too many evt.type values. This has a significant performance penalty.',
      rule.chain,
    );
  }
  const { name, description, source, priority, tags, enabled, capture } = rule;
  return {
    name,
    description,
    source,
    priority,
    tags,
    ast,
    output,
    outputText: rule.output,
    conditionText: rule.condition.text,
    capture,
    captureDurationMs: rule.captureDuration,
    enabled,
    types,
  };
}

function compileTemplate(rule: RuleInfo, ctx: Context): CompiledRule['output'] | undefined {
  const template = parseOutput(rule.output);
  if (typeof template !== 'string') return template;
  const chain = [...rule.chain, rule.outputLocation];
  if (rule.skipIfUnknownFilter && SKIPPABLE.test(template)) {
    ctx.sink.warn('LOAD_UNKNOWN_FILTER', template, chain);
    return undefined;
  }
  throw new RuleFault('LOAD_ERR_COMPILE_OUTPUT', template, chain);
}

function warnFields(ast: FilterNode, rule: RuleInfo, chain: readonly Location[], ctx: Context): void {
  const reported = new Set<string>();
  eachCheck(ast, (check) => {
    if (check.left.kind !== 'field') return;
    const { name } = check.left;
    if (isUnsafeNa(check)) {
      ctx.sink.warn(
        'LOAD_UNSAFE_NA_CHECK',
        `comparing a field value with <NA> is unsafe and can lead to unpredictable behavior of the rule condition. If you need to check for the existence of a field, consider using the 'exists' operator instead.`,
        chain,
      );
    }
    const deprecated = DEPRECATED_FIELDS.some((field) => field === name);
    if (!deprecated || reported.has(name)) return;
    reported.add(name);
    ctx.sink.warn(
      'LOAD_DEPRECATED_ITEM',
      `usage of deprecated field '${name}' has been detected in the rule condition`,
      chain,
    );
  });
  for (const field of DEPRECATED_FIELDS) {
    if (!rule.output.includes(`%${field}`)) continue;
    const location = [...rule.chain, rule.outputLocation];
    ctx.sink.warn(
      'LOAD_DEPRECATED_ITEM',
      `usage of deprecated field '${field}' has been detected in the rule output`,
      location,
    );
    break;
  }
}

function isUnsafeNa(check: CheckNode): boolean {
  if (check.left.kind !== 'field' || !/^(?:ka|jevt)\./.test(check.left.name)) return false;
  const { right } = check;
  if (right?.kind === 'value') return right.text === '<NA>';
  return right?.kind === 'list' && right.items.some((item) => item.text === '<NA>');
}

function eachCheck(node: FilterNode, visit: (check: CheckNode) => void): void {
  if (node.kind === 'check') visit(node);
  else if (node.kind === 'not') eachCheck(node.child, visit);
  else if (node.kind !== 'macro') for (const child of node.children) eachCheck(child, visit);
}

function warnUnused(ctx: Context): void {
  for (const macro of ctx.collector.macros.values()) {
    if (ctx.usedMacros.has(macro.name)) continue;
    ctx.sink.warn('LOAD_UNUSED_MACRO', 'Macro not referred to by any other rule/macro', macro.chain);
  }
  for (const list of ctx.collector.lists.values()) {
    if (ctx.usedLists.has(list.name)) continue;
    ctx.sink.warn('LOAD_UNUSED_LIST', 'List not referred to by any other rule/macro', list.chain);
  }
}
