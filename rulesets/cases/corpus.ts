import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type LoadResult, loadRules } from '../../core/rules/load.ts';

/** Directory of the Falco corpus: EYRIE_CORPUS, else beside the repository. */
export const CORPUS = process.env.EYRIE_CORPUS ?? join(import.meta.dirname, '../../../shared/data/falco');
export const HAS_CORPUS = existsSync(join(CORPUS, 'cases.json'));

export type IssueExpectation = {
  readonly code?: string;
  readonly item_type?: string;
  readonly item_name?: string;
  readonly message?: string;
  readonly message_regex?: string;
};

export type CorpusCase = {
  readonly id: string;
  readonly kind: string;
  readonly filter?: string;
  readonly rules_files?: readonly string[];
  readonly validate_files?: readonly string[];
  readonly input_file?: string;
  readonly options?: Readonly<Record<string, unknown>>;
  readonly expect: Readonly<Record<string, unknown>> & {
    readonly accept?: boolean;
    readonly error_contains?: string | readonly string[];
    readonly errors?: readonly IssueExpectation[];
    readonly warnings?: readonly IssueExpectation[];
    readonly rule_counts?: Readonly<Record<string, number>>;
    readonly levels_present?: readonly string[];
    readonly levels_absent?: readonly string[];
    readonly compiled_conditions?: Readonly<Record<string, string>>;
    readonly compiled_outputs?: Readonly<Record<string, string>>;
    readonly describe_rule?: readonly {
      readonly rule_index: number;
      readonly path: string;
      readonly value: unknown;
    }[];
  };
};

export function corpusCases(kind: string): readonly CorpusCase[] {
  const file = JSON.parse(readFileSync(join(CORPUS, 'cases.json'), 'utf8')) as { cases: CorpusCase[] };
  return file.cases.filter((item) => item.kind === kind);
}

export function corpusText(path: string): string {
  return readFileSync(join(CORPUS, path), 'utf8');
}

export function loadCorpus(paths: readonly string[]): LoadResult {
  return loadRules(paths.map((path) => ({ name: path, text: corpusText(path) })));
}
