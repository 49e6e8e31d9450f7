import { resolveField } from '../fields/catalogue.ts';
import { checkException } from './exception.ts';
import type {
  ExceptionItem,
  ListItem,
  MacroItem,
  PluginVersionItem,
  RuleItem,
  RuleParts,
  RulesItem,
} from './items.ts';
import { MESSAGES } from './messages.ts';
import { type IssueSink, type Location, RuleFault } from './result.ts';
import { sourceCatalogue } from './source-catalogue.ts';
import { TracedText } from './traced-text.ts';

/** Engine version that rules may require at most. Source: falcosecurity/falco engine 0.63.0. */
export const ENGINE_VERSION = [0, 63, 0] as const;
export const SOURCES_KNOWN: ReadonlySet<string> = new Set(['syscall', 'k8s_audit']);
/** Rules of all files together. */
export const RULES_MAX = 5_000;

export type ListInfo = {
  name: string;
  items: readonly string[];
  index: number;
  visibility: number;
  chain: readonly Location[];
};
export type MacroInfo = {
  name: string;
  condition: TracedText;
  conditionLocation: Location;
  index: number;
  visibility: number;
  chain: readonly Location[];
};
export type RuleInfo = {
  name: string;
  condition: TracedText;
  conditionLocation: Location;
  output: string;
  outputLocation: Location;
  description: string;
  priority: number;
  tags: readonly string[];
  exceptions: readonly ExceptionItem[];
  source: string;
  unknownSource: boolean;
  enabled: boolean;
  warnEvtTypes: boolean;
  skipIfUnknownFilter: boolean;
  capture: boolean;
  captureDuration: number;
  chain: readonly Location[];
};

function invalid(message: string, chain: readonly Location[]): never {
  throw new RuleFault('LOAD_ERR_VALIDATE', message, chain);
}

/** Merges items of all files in load order. A later definition keeps the first one's place. */
export class Collector {
  readonly lists = new Map<string, ListInfo>();
  readonly macros = new Map<string, MacroInfo>();
  readonly rules = new Map<string, RuleInfo>();
  readonly requiredPlugins: PluginVersionItem['alternatives'][] = [];
  #next = 0;

  /** Takes the next item. Errors: throws RuleFault; what came before stays as it is. */
  take(item: RulesItem, sink: IssueSink): void {
    switch (item.kind) {
      case 'list':
        this.#list(item);
        break;
      case 'macro':
        this.#macro(item);
        break;
      case 'rule':
        this.#rule(item, sink);
        break;
      case 'engine-version':
        checkEngine(item);
        break;
      case 'plugin-version':
        checkAlternatives(item);
        this.requiredPlugins.push(item.alternatives);
        break;
      default:
        item satisfies never;
    }
  }

  #list(item: ListItem): void {
    const known = this.lists.get(item.name);
    const visibility = this.#next++;
    if (item.append) {
      if (!known) invalid(MESSAGES.noPreviousList, item.chain);
      known.items = [...known.items, ...item.items];
      known.visibility = visibility;
      return;
    }
    const index = known?.index ?? visibility;
    this.lists.set(item.name, { name: item.name, items: item.items, index, visibility, chain: item.chain });
  }

  #macro(item: MacroItem): void {
    const known = this.macros.get(item.name);
    const visibility = this.#next++;
    const condition = TracedText.of(item.condition);
    if (item.append) {
      if (!known) invalid(MESSAGES.noPreviousMacro, item.chain);
      known.condition = join(known.condition, condition);
      known.visibility = visibility;
      return;
    }
    const conditionLocation = {
      itemType: 'macro condition',
      itemName: '',
      position: item.condition.position,
    };
    const index = known?.index ?? visibility;
    const { name, chain } = item;
    this.macros.set(name, { name, condition, conditionLocation, index, visibility, chain });
  }

  #rule(item: RuleItem, sink: IssueSink): void {
    switch (item.action) {
      case 'define':
        this.#define(item, sink);
        break;
      case 'enable': {
        const known = this.rules.get(item.name);
        if (!known) invalid("Rule has 'enabled' key but no rule by that name already exists", item.chain);
        known.enabled = item.enabled;
        break;
      }
      case 'update':
        if (item.append) this.#append(item, item.append);
        if (item.replace) this.#replace(item, item.replace);
        break;
      default:
        item satisfies never;
    }
  }

  #define(item: RuleItem & { action: 'define' }, sink: IssueSink): void {
    const { name, chain, source, parts } = item;
    const known = this.rules.get(name);
    if (known && known.source !== source) invalid('Rule has been re-defined with a different source', chain);
    if (!known && this.rules.size >= RULES_MAX) invalid(`more than ${RULES_MAX} rules`, chain);
    const unknownSource = !SOURCES_KNOWN.has(source);
    if (unknownSource) sink.warn('LOAD_UNKNOWN_SOURCE', `Unknown source ${source}, skipping`, chain);
    const exceptions = parts.exceptions.map((exception) => {
      if (!exception.fields)
        invalid('Rule exception item must have fields property with a list of fields', exception.chain);
      return checkException(exception, !unknownSource && fieldTest(source));
    });
    this.rules.set(name, {
      name,
      condition: TracedText.of(parts.condition),
      conditionLocation: { itemType: 'rule condition', itemName: '', position: parts.condition.position },
      output: parts.output.text,
      outputLocation: { itemType: 'rule output', itemName: '', position: parts.output.position },
      description: parts.description,
      priority: parts.priority,
      tags: parts.tags,
      exceptions,
      source,
      unknownSource,
      enabled: parts.enabled,
      warnEvtTypes: parts.warnEvtTypes,
      skipIfUnknownFilter: parts.skipIfUnknownFilter,
      capture: parts.capture,
      captureDuration: parts.captureDuration ?? 0,
      chain,
    });
  }

  #append(item: RuleItem, parts: RuleParts): void {
    const known = this.rules.get(item.name);
    if (!known) invalid(MESSAGES.noPreviousRuleAppend, item.chain);
    if (Object.keys(parts).length === 0)
      invalid('Appended rule must have exceptions or condition property', item.chain);
    if (parts.condition) known.condition = join(known.condition, TracedText.of(parts.condition));
    if (parts.output) known.output = `${known.output} ${parts.output.text}`;
    if (parts.description !== undefined) known.description = `${known.description} ${parts.description}`;
    if (parts.tags) known.tags = [...new Set([...known.tags, ...parts.tags])];
    for (const exception of parts.exceptions ?? []) appendException(known, exception);
  }

  #replace(item: RuleItem, parts: RuleParts): void {
    const known = this.rules.get(item.name);
    if (!known) invalid(MESSAGES.noPreviousRuleReplace, item.chain);
    if (parts.condition) known.condition = TracedText.of(parts.condition);
    if (parts.output) known.output = parts.output.text;
    if (parts.exceptions) {
      known.exceptions = parts.exceptions.map((exception) => {
        if (!exception.fields)
          invalid('Rule exception must have fields property with a list of fields', exception.chain);
        return checkException(exception, !known.unknownSource && fieldTest(known.source));
      });
    }
    known.description = parts.description ?? known.description;
    known.tags = parts.tags ? [...new Set(parts.tags)] : known.tags;
    known.priority = parts.priority ?? known.priority;
    known.enabled = parts.enabled ?? known.enabled;
    known.warnEvtTypes = parts.warnEvtTypes ?? known.warnEvtTypes;
    known.skipIfUnknownFilter = parts.skipIfUnknownFilter ?? known.skipIfUnknownFilter;
    known.capture = parts.capture ?? known.capture;
    known.captureDuration = parts.captureDuration ?? known.captureDuration;
  }
}

/** Appended text follows after one blank, so that `or x` continues the condition. */
function join(text: TracedText, more: TracedText): TracedText {
  const start = more.trace(0).origin;
  return text.concat(TracedText.made(' ', start)).concat(more);
}

function fieldTest(source: string): (text: string) => boolean {
  const catalogue = sourceCatalogue(source);
  return (text) => {
    const bracket = text.indexOf('[');
    const name = bracket < 0 ? text : text.slice(0, bracket);
    const argument = bracket < 0 ? undefined : text.slice(bracket + 1, -1);
    return typeof resolveField({ name, argument }, catalogue) !== 'string';
  };
}

function appendException(rule: RuleInfo, exception: ExceptionItem): void {
  const known = rule.exceptions.find((other) => other.name === exception.name);
  if (!known) {
    if (!exception.fields)
      invalid('Rule exception must have fields property with a list of fields', exception.chain);
    if (exception.values.length === 0) {
      invalid('Rule exception must have values property with a list of values', exception.chain);
    }
    const isField = !rule.unknownSource && fieldTest(rule.source);
    rule.exceptions = [...rule.exceptions, checkException(exception, isField)];
    return;
  }
  if (exception.fields) {
    invalid('Can not append exception fields to existing exception, only values', exception.chain);
  }
  if (exception.comps) {
    invalid('Can not append exception comps to existing exception, only values', exception.chain);
  }
  const merged = { ...known, values: [...known.values, ...exception.values] };
  rule.exceptions = rule.exceptions.map((other) => (other === known ? merged : other));
}

function checkEngine(item: RulesItem & { kind: 'engine-version' }): void {
  const [major, minor, patch] = item.version;
  const [ourMajor, ourMinor, ourPatch] = ENGINE_VERSION;
  const enough = minor < ourMinor || (minor === ourMinor && patch <= ourPatch);
  if (major === ourMajor && enough) return;
  const ours = ENGINE_VERSION.join('.');
  invalid(`Rules require engine version ${item.text}, but engine version is ${ours}`, item.chain);
}

function checkAlternatives(item: RulesItem & { kind: 'plugin-version' }): void {
  const names = new Set<string>();
  for (const { name, version } of item.alternatives) {
    if (!/^\d+\.\d+\.\d+/.test(version))
      invalid(`Invalid required version '${version}' for plugin '${name}'`, item.chain);
    if (names.has(name)) {
      invalid(`Defined multiple alternative version requirements for plugin '${name}'`, item.chain);
    }
    names.add(name);
  }
}
