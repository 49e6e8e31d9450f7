import { Collector } from './collector.ts';
import { compileRules } from './compiler.ts';
import { contentHash } from './content-hash.ts';
import type { ExtraOutput } from './extra-output.ts';
import { pluginFault } from './plugin-requirements.ts';
import { readRules } from './reader.ts';
import { type FileResult, IssueSink, type Location } from './result.ts';
import { type CompiledRule, Ruleset } from './ruleset.ts';

export type RulesFile = { readonly name: string; readonly text: string };
export type LoadResult = {
  readonly ok: boolean;
  /** Present only when every file is good: a bad file refuses the whole load. */
  readonly ruleset?: Ruleset;
  readonly results: readonly FileResult[];
  /** Why good rules cannot run here: they require a plugin that is not built in. */
  readonly pluginFault?: string | undefined;
};

export type LoadOptions = {
  /** Falco's `append_output`. */
  readonly extraOutputs?: readonly ExtraOutput[];
};

/** Largest rules file in UTF-16 units: the largest upstream file is 95 KiB, and whatever 512 KiB hold loads in a second. */
export const FILE_CHARS_MAX = 512 * 1024;
export const FILES_MAX = 256;

/**
 * Loads rules files in order into one namespace: reader → collector → macro resolver → compiler → index.
 * Errors: `ok: false` with every fault of every file, coded as Falco codes them, with positions.
 */
export function loadRules(files: readonly RulesFile[], options: LoadOptions = {}): LoadResult {
  const collector = new Collector();
  const texts = new Map<string, string>();
  const results: FileResult[] = [];
  let rules: readonly CompiledRule[] = [];
  for (const [index, file] of files.entries()) {
    const sink = new IssueSink(file.name, file.text);
    texts.set(file.name, file.text);
    const refusal = sizeRefusal(file, index);
    if (refusal) sink.error('LOAD_ERR_FILE_READ', refusal, [contentLocation(file.name)]);
    else {
      readRules(sink, (item) => collector.take(item, sink));
      const fileText = (name: string): string => texts.get(name) ?? '';
      rules = compileRules(collector, { sink, fileText, extras: options.extraOutputs ?? [] });
    }
    results.push(fileResult(sink));
  }
  const ok = results.every((result) => result.ok);
  if (!ok) return { ok, results };
  const ruleset = new Ruleset(rules, contentHash(files.map((file) => file.text)));
  return { ok, ruleset, results, pluginFault: pluginFault(collector.requiredPlugins) };
}

function contentLocation(name: string): Location {
  return { itemType: 'rules content', itemName: '', position: { name, line: 0, column: 0, offset: 0 } };
}

function sizeRefusal(file: RulesFile, index: number): string | undefined {
  if (file.text.length > FILE_CHARS_MAX) return `file is larger than ${FILE_CHARS_MAX} characters`;
  return index >= FILES_MAX ? `more than ${FILES_MAX} files` : undefined;
}

function fileResult(sink: IssueSink): FileResult {
  const schemaValidation = sink.schemaFaults.length === 0 ? 'ok' : 'failed';
  return {
    name: sink.name,
    ok: sink.errors.length === 0,
    schemaValidation,
    schemaFaults: sink.schemaFaults,
    errors: sink.errors,
    warnings: sink.warnings,
    warningsBeforeError: sink.warningsBeforeError,
  };
}
