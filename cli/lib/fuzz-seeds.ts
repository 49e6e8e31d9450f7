import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { EngineEvent } from '../../core/events/syscall.ts';
import { AUDIT_CASES } from '../../rulesets/cases/audit-cases.ts';
import { CORPUS, HAS_CORPUS, readCases } from '../../rulesets/cases/corpus.ts';
import { SYSCALL_CASES } from '../../rulesets/cases/syscall-cases.ts';
import { ROOT } from './paths.ts';

/** Longest rules text used as one seed: whole upstream files would make one input cost milliseconds. */
const RULES_CHARS_MAX = 2_000;

export type Seeds = {
  readonly filters: readonly string[];
  readonly rules: readonly string[];
  readonly audits: readonly unknown[];
  readonly events: readonly EngineEvent[];
};

/** Seeds from the corpus where it lies beside the repository, and from the product's own rules and cases. */
export function readSeeds(): Seeds {
  const events = [...Object.values(SYSCALL_CASES), ...Object.values(AUDIT_CASES)].flatMap(
    ({ fires, silent }): readonly EngineEvent[] => [...fires, ...silent],
  );
  const ruleFiles = [
    ...yamlFiles(join(ROOT, 'rulesets')),
    ...['upstream-rules', 'rules/falco', 'rules/exceptions', 'rules/unit', 'rules/k8saudit'].flatMap(
      (folder) => yamlFiles(join(CORPUS, folder)),
    ),
  ];
  const rules = ruleFiles.flatMap((path) => ruleItems(readFileSync(path, 'utf8')));
  const conditions = rules.flatMap((text) =>
    [...text.matchAll(/^ +condition: *>?-?\s*(.+(?:\n {4,}.+)*)/gm)].flatMap(([, body]) => body ?? []),
  );
  const grammar = HAS_CORPUS
    ? readCases(join(CORPUS, 'cases.json')).flatMap(({ filter }) => filter ?? [])
    : [];
  const audits: unknown[] = events.flatMap((event) => (event.source === 'k8s_audit' ? [event.raw] : []));
  const folder = join(CORPUS, 'k8s-audit');
  if (existsSync(folder)) {
    for (const name of readdirSync(folder)) {
      const [line = ''] = readFileSync(join(folder, name), 'utf8').split('\n');
      if (line.startsWith('{')) audits.push(JSON.parse(line));
    }
  }
  return { filters: [...conditions, ...grammar], rules, audits, events };
}

function yamlFiles(folder: string): readonly string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder)
    .filter((name) => name.endsWith('.yaml'))
    .map((name) => join(folder, name));
}

/** Runs of whole items of a rules file. */
function ruleItems(text: string): readonly string[] {
  const pieces: string[] = [];
  let piece = '';
  for (const item of text.split(/^(?=- )/m)) {
    if (piece !== '' && piece.length + item.length > RULES_CHARS_MAX) {
      pieces.push(piece);
      piece = '';
    }
    piece += item;
  }
  if (piece !== '') pieces.push(piece);
  return pieces.map((part) => part.slice(0, 2 * RULES_CHARS_MAX));
}
