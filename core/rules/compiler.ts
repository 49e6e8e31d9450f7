import type { FilterNode, Position } from '../filter/ast.ts';
import { checkFilter } from '../filter/check.ts';
import { parseFilter } from '../filter/parser.ts';
import type { Collector, MacroInfo, RuleInfo } from './collector.ts';
import { eachCheck, fieldNames, isUnsafeNa, valueWarnings } from './condition-warnings.ts';
import { eventCodeCount } from './event-codes.ts';
import { eventTypes } from './event-types.ts';
import { exceptionText } from './exception.ts';
import { type ExtraOutput, extendedOutput, extraFields } from './extra-output.ts';
import { expandLists, ListExpander } from './list-expander.ts';
import { resolveMacros } from './macro-resolver.ts';
import { MacroTable } from './macro-table.ts';
import { parseOutput } from './output.ts';
import { type IssueSink, type Location, RuleFault } from './result.ts';
import type { CompiledRule } from './ruleset.ts';
import { sourceCatalogue } from './source-catalogue.ts';
import { locate, TracedText } from './traced-text.ts';

/** Event codes a rule may match before LOAD_NO_EVTTYPE. */
const CODES_WARN_ABOVE = 100;
const SKIPPABLE = /nonexistent field|invalid formatting token|unknown event type|unknown filter:/;
const DEPRECATED_FIELDS = [
  'evt.dir',
  'evt.latency',
  'evt.latency.s',
  'evt.latency.ns',
  'evt.latency.human',
  'evt.wait_latency',
] as const;

export type CompileOptions = {
  readonly sink: IssueSink;
  /** Text of a loaded file, for positions. */
  readonly fileText: (name: string) => string;
  readonly extras: readonly ExtraOutput[];
};

type Context = CompileOptions & {
  readonly collector: Collector;
  readonly lists: ListExpander;
  readonly macros: MacroTable;
  readonly usedLists: Set<string>;
};

/** Compiles everything collected so far; faults go to the sink, each costs its own rule or macro. */
export function compileRules(collector: Collector, options: CompileOptions): readonly CompiledRule[] {
  const { sink } = options;
  const usedLists = new Set<string>();
  const lists = new ListExpander(expandLists(collector.lists, usedLists));
  const macros = new MacroTable(collector.macros);
  const ctx: Context = { ...options, collector, lists, macros, usedLists };
  for (const macro of collector.macros.values()) attempt(sink, () => parseMacro(macro, ctx));
  for (const macro of collector.macros.values()) attempt(sink, () => checkMacro(macro, ctx));
  const rules: CompiledRule[] = [];
  for (const rule of collector.rules.values()) {
    if (rule.unknownSource) continue;
    const compiled = attempt(sink, () => compileRule(rule, ctx));
    if (compiled) rules.push(compiled);
  }
  // What a refused item refers to would be called unused.
  if (sink.errors.length === 0) warnUnused(ctx);
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
  ctx.macros.add(macro.name, parseCondition(macro.condition, chain, ctx));
}

function parseCondition(condition: TracedText, chain: readonly Location[], ctx: Context): FilterNode {
  const text = ctx.lists.expand(condition, ctx.usedLists);
  const parsed = parseFilter(text.text);
  if (parsed.ok) return parsed.ast;
  const [fault] = parsed.faults;
  const place = { text, shown: text.text, chain };
  throw conditionFault('LOAD_ERR_COMPILE_CONDITION', fault?.message ?? '', fault, place, ctx);
}

/** A condition for finding positions in: expanded, as Falco shows it, and where it stands. */
type Place = { readonly text: TracedText; readonly shown: string; readonly chain: readonly Location[] };

function conditionFault(
  code: 'LOAD_ERR_COMPILE_CONDITION' | 'LOAD_ERR_VALIDATE',
  message: string,
  pos: Position | undefined,
  place: Place,
  ctx: Context,
): RuleFault {
  return new RuleFault(code, message, expressionChain(pos, place, ctx));
}

/** Characters of a condition that stand for its name in Falco's report. */
const NAME_CHARS_MAX = 20;

function expressionChain(pos: Position | undefined, place: Place, ctx: Context): readonly Location[] {
  const { text, shown, chain } = place;
  const { origin, index } = text.trace(Math.min(pos?.index ?? 0, Math.max(text.text.length - 1, 0)));
  const position = locate(origin, index, ctx.fileText(origin.file));
  const cut = shown.length > NAME_CHARS_MAX ? `${shown.slice(0, NAME_CHARS_MAX - 3)}...` : shown;
  const name = `"${cut}"`.replace(/[\r\n]/g, ' ');
  // Falco adds the place inside the condition to where the item around it starts.
  const outer = chain.at(-1)?.position;
  const reported = {
    name,
    line: (pos?.line ?? 1) + (outer?.line ?? 0),
    column: (pos?.column ?? 1) + (outer?.column ?? 0),
    offset: (pos?.index ?? 0) + (outer?.offset ?? 0),
  };
  const itemType = 'condition expression';
  return [...chain, { itemType, itemName: '', position, reported: { position: reported, content: shown } }];
}

function checkMacro(macro: MacroInfo, ctx: Context): void {
  const fault = ctx.macros.resolve(macro.name)?.fault;
  if (!fault || fault.cause === 'faulty') return;
  const text = ctx.lists.expand(macro.condition, new Set());
  const place = { text, shown: macro.condition.text, chain: macro.chain };
  throw conditionFault('LOAD_ERR_VALIDATE', fault.message, fault.pos, place, ctx);
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
  // Falco looks at the output first, so of two faults the one in the output is the one reported.
  const output = compileTemplates(rule, ctx);
  if (!output) return undefined;
  const chain = [...rule.chain, rule.conditionLocation];
  const parsed = parseCondition(condition, chain, ctx);
  const text = ctx.lists.expand(condition, new Set());
  const shown = condition.text;
  const { ast, fault } = resolveMacros(parsed, ctx.macros.find);
  if (fault) {
    // The macro's own error says it; a loop is told where it closes and wherever it is used.
    if (fault.cause === 'faulty') return undefined;
    const place = { text, shown, chain: rule.chain };
    throw conditionFault('LOAD_ERR_VALIDATE', fault.message, fault.pos, place, ctx);
  }
  const place = { text, shown, chain };
  warnFields(ast, chain, ctx);
  for (const found of checkFilter(ast, sourceCatalogue(rule.source))) {
    const locations = expressionChain(found, place, ctx);
    if (rule.skipIfUnknownFilter && SKIPPABLE.test(found.message)) {
      ctx.sink.warn('LOAD_UNKNOWN_FILTER', found.message, locations);
      return undefined;
    }
    throw new RuleFault('LOAD_ERR_COMPILE_CONDITION', found.message, locations);
  }
  eachCheck(ast, (check) => {
    for (const { message, pos } of valueWarnings(check)) {
      ctx.sink.warn('LOAD_COMPILE_CONDITION', message, expressionChain(pos, place, ctx));
    }
  });
  const types = rule.source === 'syscall' ? eventTypes(ast) : undefined;
  if (
    rule.source === 'syscall' &&
    rule.warnEvtTypes &&
    (types === undefined || eventCodeCount(types) > CODES_WARN_ABOVE)
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
    ...output,
    conditionText: rule.condition.text,
    capture,
    captureDurationMs: rule.captureDuration,
    enabled,
    types,
  };
}

const CONTAINER_INFO = '%container.info';

function compileTemplates(
  rule: RuleInfo,
  ctx: Context,
): Pick<CompiledRule, 'output' | 'outputText' | 'extraFields'> | undefined {
  let text = extendedOutput(rule.output, rule, ctx.extras);
  if (text.includes(CONTAINER_INFO)) {
    ctx.sink.warn(
      'LOAD_DEPRECATED_ITEM',
      '%container.info is deprecated and no more useful, and will be dropped by Falco 1.0.0. The container plugin will automatically add required fields to the output message.',
      rule.chain,
    );
    text = text.replaceAll(CONTAINER_INFO, '');
  }
  const chain = [...rule.chain, rule.outputLocation];
  const output = parseOutput(text);
  if (typeof output === 'string') {
    if (!rule.skipIfUnknownFilter || !SKIPPABLE.test(output))
      throw new RuleFault('LOAD_ERR_COMPILE_OUTPUT', output, chain);
    ctx.sink.warn('LOAD_UNKNOWN_FILTER', output, chain);
    return undefined;
  }
  const extra = extraFields(rule, ctx.extras);
  if (typeof extra === 'string') throw new RuleFault('LOAD_ERR_COMPILE_OUTPUT', extra, chain);
  for (const field of DEPRECATED_FIELDS) {
    if (!text.includes(field)) continue;
    const message = `usage of deprecated field '${field}' has been detected in the rule output`;
    ctx.sink.warn('LOAD_DEPRECATED_ITEM', message, chain);
  }
  return { output, outputText: text, extraFields: extra };
}

function warnFields(ast: FilterNode, chain: readonly Location[], ctx: Context): void {
  const reported = new Set<string>();
  let unsafe = false;
  eachCheck(ast, (check) => {
    unsafe ||= isUnsafeNa(check);
    for (const name of fieldNames(check)) {
      if (reported.has(name) || !DEPRECATED_FIELDS.some((field) => field === name)) continue;
      reported.add(name);
      ctx.sink.warn(
        'LOAD_DEPRECATED_ITEM',
        `usage of deprecated field '${name}' has been detected in the rule condition`,
        chain,
      );
    }
  });
  if (!unsafe) return;
  ctx.sink.warn(
    'LOAD_UNSAFE_NA_CHECK',
    `comparing a field value with <NA> is unsafe and can lead to unpredictable behavior of the rule condition. If you need to check for the existence of a field, consider using the 'exists' operator instead.`,
    chain,
  );
}

function warnUnused(ctx: Context): void {
  for (const macro of ctx.collector.macros.values()) {
    if (ctx.macros.used.has(macro.name)) continue;
    ctx.sink.warn('LOAD_UNUSED_MACRO', 'Macro not referred to by any other rule/macro', macro.chain);
  }
  for (const list of ctx.collector.lists.values()) {
    if (ctx.usedLists.has(list.name)) continue;
    ctx.sink.warn('LOAD_UNUSED_LIST', 'List not referred to by any other rule/macro', list.chain);
  }
}
