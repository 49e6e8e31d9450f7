import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import {
  FILE_CHARS_MAX,
  type LoadOptions,
  type LoadResult,
  loadRules,
  type RulesFile,
} from '../../core/rules/load.ts';
import { CliError } from './report.ts';

/** Reads a rules file as the loader wants it. Errors: CliError. */
export function readRulesFile(path: string): RulesFile {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (err) {
    throw new CliError(`cannot read ${path}: ${err instanceof Error ? err.message : String(err)}`);
  }
  // One character over the limit is enough for the loader to refuse it with its own message.
  return { name: path, text: text.slice(0, FILE_CHARS_MAX + 1) };
}

/** Rule files of the given paths in order; a directory stands for its .yaml and .yml files by name. */
export function readRulesFiles(paths: readonly string[]): readonly RulesFile[] {
  return paths.flatMap((path) => {
    const isDirectory = statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
    if (!isDirectory) return [readRulesFile(path)];
    const names = readdirSync(path).filter((name) => /\.ya?ml$/.test(name));
    return names.sort().map((name) => readRulesFile(join(path, name)));
  });
}

export type LoadedRules = LoadResult & { readonly textOf: (name: string) => string };

export function loadRulesFiles(files: readonly RulesFile[], options: LoadOptions = {}): LoadedRules {
  const texts = new Map(files.map((file) => [file.name, file.text]));
  return { ...loadRules(files, options), textOf: (name) => texts.get(name) ?? '' };
}
