/** Codes and texts of rule loading. Source: falcosecurity/falco userspace/engine load_result. */
const ERRORS = {
  LOAD_ERR_FILE_READ: 'File read error',
  LOAD_ERR_YAML_PARSE: 'YAML parse error',
  LOAD_ERR_YAML_VALIDATE: 'Error validating internal structure of YAML file',
  LOAD_ERR_COMPILE_CONDITION: 'Error compiling condition',
  LOAD_ERR_COMPILE_OUTPUT: 'Error compiling output',
  LOAD_ERR_VALIDATE: 'Error validating rule/macro/list/exception objects',
  LOAD_ERR_EXTENSION: 'Error in extension item',
} as const;

const WARNINGS = {
  LOAD_UNKNOWN_SOURCE: 'Unknown event source',
  LOAD_UNSAFE_NA_CHECK: 'Unsafe <NA> comparison in condition',
  LOAD_NO_EVTTYPE: 'Condition has no event-type restriction',
  LOAD_UNKNOWN_FILTER: 'Unknown field or event-type in condition or output',
  LOAD_UNUSED_MACRO: 'Unused macro',
  LOAD_UNUSED_LIST: 'Unused list',
  LOAD_UNKNOWN_ITEM: 'Unknown rules file item',
  LOAD_DEPRECATED_ITEM: 'Used deprecated item',
  LOAD_WARNING_EXTENSION: 'Warning in extension item',
  LOAD_APPEND_NO_VALUES: 'Overriding/appending with no values',
  LOAD_EXCEPTION_NAME_NOT_UNIQUE: 'Multiple exceptions defined with the same name',
  LOAD_INVALID_MACRO_NAME: 'Invalid macro name',
  LOAD_INVALID_LIST_NAME: 'Invalid list name',
  LOAD_COMPILE_CONDITION: 'Warning in rule condition',
  LOAD_UNKNOWN_KEY: 'Unknown key in item definition',
} as const;

export type ErrorCode = keyof typeof ERRORS;
export type WarningCode = keyof typeof WARNINGS;

/** A place in a rules file: 0-based line, column and offset, as Falco prints them. */
export type FilePosition = {
  readonly name: string;
  readonly line: number;
  readonly column: number;
  readonly offset: number;
};

/** One step of the chain file → item → part; item types in Falco's words. */
export type Location = {
  readonly itemType: string;
  readonly itemName: string;
  readonly position: FilePosition;
  /** For a place inside a condition: the position that Falco's report gives, and the text it shows. */
  readonly reported?: { readonly position: FilePosition; readonly content: string };
};

export type Issue<Code extends string> = {
  readonly code: Code;
  readonly description: string;
  readonly message: string;
  /** Outermost first; never empty. */
  readonly locations: readonly Location[];
  readonly snippet: string;
};

export type FileResult = {
  readonly name: string;
  readonly ok: boolean;
  readonly schemaValidation: 'ok' | 'failed' | 'none';
  readonly schemaFaults: readonly string[];
  /** Every fault found, in file order; Falco's own report stops at the first. */
  readonly errors: readonly Issue<ErrorCode>[];
  readonly warnings: readonly Issue<WarningCode>[];
  /** Warnings that came before the first error, where Falco stops. */
  readonly warningsBeforeError: number;
};

/** Thrown between the stages of loading one item; the loader turns it into an issue. */
export class RuleFault extends Error {
  readonly code: ErrorCode;
  readonly locations: readonly Location[];
  constructor(code: ErrorCode, message: string, locations: readonly Location[]) {
    super(message);
    this.code = code;
    this.locations = locations;
  }
}

/** Characters of source shown with an issue; Falco's number. */
const SNIPPET_MAX = 160;

/** Collects the issues of one file. */
export class IssueSink {
  readonly name: string;
  readonly text: string;
  readonly errors: Issue<ErrorCode>[] = [];
  readonly warnings: Issue<WarningCode>[] = [];
  readonly schemaFaults: string[] = [];
  #warningsBeforeError: number | undefined;

  constructor(name: string, text: string) {
    this.name = name;
    this.text = text;
  }

  get warningsBeforeError(): number {
    return this.#warningsBeforeError ?? this.warnings.length;
  }

  error(code: ErrorCode, message: string, locations: readonly Location[]): void {
    this.#warningsBeforeError ??= this.warnings.length;
    this.errors.push({
      code,
      description: ERRORS[code],
      message,
      locations,
      snippet: this.#snippet(locations),
    });
  }

  warn(code: WarningCode, message: string, locations: readonly Location[]): void {
    this.warnings.push({
      code,
      description: WARNINGS[code],
      message,
      locations,
      snippet: this.#snippet(locations),
    });
  }

  /** Turns a fault of a stage into an error; other exceptions are broken invariants and pass. */
  catch(error: unknown): void {
    if (!(error instanceof RuleFault)) throw error;
    this.error(error.code, error.message, error.locations);
  }

  #snippet(locations: readonly Location[]): string {
    const last = locations.at(-1);
    if (!last) return NO_CONTEXT;
    if (last.reported) return snippet(last.reported.content, last.reported.position.offset);
    const { name, offset } = last.position;
    if (name !== this.name) return `<No context for file + ${name}>\n`;
    return snippet(this.text, offset);
  }
}

const NO_CONTEXT = '<No context available>\n';

/** The line around an offset, cut to SNIPPET_MAX, with a caret below. Source: falco rule_loader context. */
function snippet(content: string, offset: number): string {
  if (content === '') return NO_CONTEXT;
  const half = SNIPPET_MAX / 2;
  let at = Math.min(offset, content.length - 1);
  while (at > 0 && content[at] === '\n') at--;
  let from = at;
  while (from > 0 && content[from] !== '\n' && at - from < half) from--;
  let to = at;
  while (to < content.length - 1 && content[to] !== '\n' && to - at < half) to++;
  if (content[from] === '\n') from++;
  if (content[to] === '\n') to--;
  let line = content.slice(from, to + 1);
  if (line === '') return NO_CONTEXT;
  if (at - from >= half) line = `...${line.slice(3)}`;
  if (to - at >= half) line = `${line.slice(0, -3)}...`;
  const caret = at - from <= line.length ? `${' '.repeat(at - from)}^\n` : '';
  return `${line}\n${caret}`;
}

/** Innermost place of an issue. */
export function issuePosition(issue: Issue<string>): FilePosition | undefined {
  return issue.locations.at(-1)?.position;
}
