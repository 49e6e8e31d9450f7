import { type FSWatcher, readdirSync, readFileSync, realpathSync, statSync, watch } from 'node:fs';
import { join } from 'node:path';
import { FILE_CHARS_MAX, FILES_MAX, type RulesFile } from '../../core/rules/load.ts';

/**
 * Reads every .yaml and .yml file of a directory in the order of their names.
 * Errors: throws with the path when a file cannot be read or is too large.
 */
export function readRuleFiles(dir: string): RulesFile[] {
  const names = readdirSync(dir)
    .filter((name) => /\.ya?ml$/.test(name) && !name.startsWith('.'))
    .sort();
  if (names.length > FILES_MAX)
    throw new Error(`${dir} has ${names.length} rules files, more than ${FILES_MAX}`);
  return names.map((name) => {
    const path = join(dir, name);
    // A character takes at most three bytes in the units that the loader counts.
    if (statSync(path).size > FILE_CHARS_MAX * 3) throw new Error(`${path} is too large for a rules file`);
    return { name, text: readFileSync(path, 'utf8') };
  });
}

/** Where the product's own rules lie: beside the bundle, or in the repository. */
export function findShippedRules(): string | undefined {
  return [join(import.meta.dirname, 'rulesets'), join(import.meta.dirname, '..', '..', 'rulesets')].find(
    (dir) => statSync(dir, { throwIfNoEntry: false })?.isDirectory() ?? false,
  );
}

export function isSameDirectory(a: string, b: string): boolean {
  try {
    return realpathSync(a) === realpathSync(b);
  } catch {
    return false;
  }
}

/** Calls back once a directory has been quiet for 200 ms after a change; editors write in several steps. */
export function watchRuleFiles(dir: string, onChange: () => void): { close(): void } {
  let timer: NodeJS.Timeout | undefined;
  let watcher: FSWatcher | undefined;
  try {
    watcher = watch(dir, () => {
      clearTimeout(timer);
      timer = setTimeout(onChange, 200);
    });
    watcher.on('error', () => watcher?.close());
  } catch {
    // Without notification the reload signal still works.
  }
  return {
    close: () => {
      clearTimeout(timer);
      watcher?.close();
    },
  };
}
