import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

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

type OneOrMore = string | readonly string[];

/** What a case must give; what is absent is not looked at. */
export type CaseExpectation = {
  readonly accept?: boolean;
  readonly load_ok?: boolean;
  readonly schema_validation?: string;
  readonly has_warnings?: boolean;
  readonly error_contains?: OneOrMore;
  readonly warning_contains?: OneOrMore;
  readonly warning_not_contains?: OneOrMore;
  readonly errors?: readonly IssueExpectation[];
  readonly warnings?: readonly IssueExpectation[];
  readonly errors_count?: number;
  readonly validation_successful_at?: readonly number[];
  readonly num_enabled_rules?: number;
  readonly compiled_conditions?: Readonly<Record<string, string>>;
  readonly compiled_outputs?: Readonly<Record<string, string>>;
  readonly describe_rule?: readonly {
    readonly rule_index: number;
    readonly path: string;
    readonly value: unknown;
  }[];
  readonly detect?: boolean;
  /** Set when the newer test asserts nothing about alerts, so that the older one decides. */
  readonly detect_from?: string;
  readonly total?: number;
  readonly rule_counts?: Readonly<Record<string, number>>;
  readonly levels_present?: readonly string[];
  readonly levels_absent?: readonly string[];
  readonly exit_code?: number;
  readonly output_file?: string;
  readonly streams?: readonly {
    readonly op: string;
    readonly pattern: string;
    readonly stream: string;
  }[];
  /** What an older test of the same name asserts; counts where the newer one is silent. */
  readonly legacy_rule_counts?: Readonly<Record<string, number>>;
  readonly legacy_stdout_contains?: OneOrMore;
  readonly legacy_stderr_contains?: OneOrMore;
};

export type CaseOptions = {
  readonly args?: readonly string[];
  readonly disabled_rules_substr?: readonly string[];
  readonly enabled_tags?: readonly string[];
  readonly disabled_tags?: readonly string[];
  readonly min_priority?: OneOrMore;
  readonly json_output?: boolean;
  readonly env?: Readonly<Record<string, string>>;
};

export type CorpusCase = {
  readonly id: string;
  readonly kind: string;
  readonly filter?: string;
  readonly rules_files?: readonly string[];
  readonly validate_files?: readonly string[];
  readonly input_file?: string | null;
  readonly input_available?: boolean;
  readonly config_file?: string;
  readonly options?: CaseOptions;
  readonly needs?: readonly string[];
  readonly expect: CaseExpectation;
};

/** Cases of a cases.json: `{ cases: […] }` or the list alone. */
export function readCases(path: string): readonly CorpusCase[] {
  const content = JSON.parse(readFileSync(path, 'utf8')) as
    | readonly CorpusCase[]
    | { readonly cases: readonly CorpusCase[] };
  return 'cases' in content ? content.cases : content;
}

export function corpusText(path: string): string {
  return readFileSync(join(CORPUS, path), 'utf8');
}
