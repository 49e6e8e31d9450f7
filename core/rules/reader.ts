import { type MapNode, origin, place, readAppend, readName, refuse, texts } from './decode.ts';
import type { ListItem, MacroItem, RulesItem } from './items.ts';
import { MESSAGES } from './messages.ts';
import { readOverrides } from './read-override.ts';
import { readRule } from './read-rule.ts';
import { readEngineVersion, readPluginVersions } from './read-versions.ts';
import { type IssueSink, type Location, RuleFault } from './result.ts';
import { checkKeys } from './schema.ts';
import { readYaml, type YamlNode } from './yaml-source.ts';

/**
 * Reads one rules file and hands over its items one by one, so that faults of reading and of taking come in
 * the file's order. Faults, also those that `take` throws, go to the sink; each costs its own item only.
 */
export function readRules(sink: IssueSink, take: (item: RulesItem) => void): void {
  try {
    const file = readYaml(sink.name, sink.text);
    for (const document of file.documents) readDocument(document, file.root, sink, take);
  } catch (error) {
    sink.catch(error);
  }
}

function readDocument(
  document: YamlNode,
  root: Location,
  sink: IssueSink,
  take: (item: RulesItem) => void,
): void {
  if (document.kind === 'null') return;
  if (document.kind === 'scalar') refuse('Rules content is not yaml', [root]);
  if (document.kind !== 'list') refuse('Rules content is not yaml array of objects', [root]);
  for (const node of document.items) {
    if (node.kind === 'null') continue;
    try {
      const chain = [root, place('rules content item', '', node)];
      if (node.kind !== 'map') {
        refuse('Unexpected element type. Each element should be a yaml associative array.', chain);
      }
      for (const item of readItem(node, root, sink)) take(item);
    } catch (error) {
      sink.catch(error);
    }
  }
}

function readItem(node: MapNode, root: Location, sink: IssueSink): readonly RulesItem[] {
  checkKeys(node, root, sink);
  if (node.entries.has('required_engine_version')) return [readEngineVersion(node, root)];
  if (node.entries.has('required_plugin_versions')) return readPluginVersions(node, root);
  if (node.entries.has('list')) return [readList(node, root, sink)];
  if (node.entries.has('macro')) return [readMacro(node, root, sink)];
  if (node.entries.has('rule')) return [readRule(node, root, sink)];
  sink.warn('LOAD_UNKNOWN_ITEM', 'Unknown top level item', [root, place('rules content item', '', node)]);
  return [];
}

/** Whether the single content of a list or macro is to be appended. */
function appends(node: MapNode, key: string, chain: readonly Location[], sink: IssueSink): boolean {
  const append = readAppend(node, chain, sink);
  const overrides = readOverrides(node, new Set([key]), new Set([key]), chain);
  if (append && overrides.size > 0) {
    throw new RuleFault('LOAD_ERR_YAML_VALIDATE', MESSAGES.appendAndOverride, chain);
  }
  return append || overrides.get(key) === 'append';
}

const LIST_NAME = /^[^()"'\s=,]+$/;
const MACRO_NAME = /^[a-zA-Z]+[a-zA-Z0-9_]*$/;

function readList(node: MapNode, root: Location, sink: IssueSink): ListItem {
  const { name, chain } = readName(node, 'list', root);
  if (!LIST_NAME.test(name)) sink.warn('LOAD_INVALID_LIST_NAME', MESSAGES.listName, chain);
  const items = texts(node, 'items', chain, false) ?? [];
  return { kind: 'list', name, items, append: appends(node, 'items', chain, sink), chain };
}

function readMacro(node: MapNode, root: Location, sink: IssueSink): MacroItem {
  const { name, chain } = readName(node, 'macro', root);
  if (!MACRO_NAME.test(name)) sink.warn('LOAD_INVALID_MACRO_NAME', MESSAGES.macroName, chain);
  const condition = origin(node, 'condition', chain);
  return { kind: 'macro', name, condition, append: appends(node, 'condition', chain, sink), chain };
}
