import { type FilePosition, type FileResult, type Issue, issuePosition, type Location } from './result.ts';

function issueJson(issue: Issue<string>): IssueJson {
  return {
    code: issue.code,
    codedesc: issue.description,
    message: issue.message,
    context: { snippet: issue.snippet, locations: issue.locations.map(locationJson) },
  };
}

function locationJson({
  itemType,
  itemName,
  position,
  reported,
}: Location): IssueJson['context']['locations'][number] {
  return { item_type: itemType, item_name: itemName, position: reported?.position ?? position };
}

type IssueJson = {
  readonly code: string;
  readonly codedesc: string;
  readonly message: string;
  readonly context: {
    readonly snippet: string;
    readonly locations: readonly {
      readonly item_type: string;
      readonly item_name: string;
      readonly position: FilePosition;
    }[];
  };
};
export type FalcoReport = {
  readonly falco_load_results: readonly {
    readonly name: string;
    readonly successful: boolean;
    readonly schema_validation: string;
    readonly errors: readonly IssueJson[];
    readonly warnings: readonly IssueJson[];
  }[];
};

/**
 * Falco's validation report (`falco -V … -o json_output=true`). Like Falco's it stops at a file's first error.
 * Source: falcosecurity/falco load_result.
 */
export function falcoReport(results: readonly FileResult[]): FalcoReport {
  return {
    falco_load_results: results.map((file) => ({
      name: file.name,
      successful: file.ok,
      schema_validation: file.schemaValidation,
      errors: file.errors.slice(0, 1).map(issueJson),
      warnings: file.warnings.slice(0, file.warningsBeforeError).map(issueJson),
    })),
  };
}

/** Every fault of every file for people: `file:line:column`, the line itself, and the way to it. */
export function humanReport(results: readonly FileResult[], textOf: (name: string) => string): string {
  const lines: string[] = [];
  for (const file of results) {
    for (const error of file.errors) lines.push(...issueLines(error, 'error', textOf));
    for (const warning of file.warnings) lines.push(...issueLines(warning, 'warning', textOf));
    const { errors, warnings } = file;
    lines.push(
      `${file.name}: ${file.ok ? 'ok' : 'refused'}, ${count(errors.length, 'error')}, ${count(warnings.length, 'warning')}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function count(n: number, word: string): string {
  return `${n} ${word}${n === 1 ? '' : 's'}`;
}

/** Characters of a source line that are shown around the position. */
const LINE_MAX = 120;

function issueLines(issue: Issue<string>, severity: string, textOf: (name: string) => string): string[] {
  const position = issuePosition(issue);
  if (!position) return [`${severity}: ${issue.message} [${issue.code}]`];
  const place = `${position.name}:${position.line + 1}:${position.column + 1}`;
  const line = textOf(position.name).split('\n')[position.line] ?? '';
  const from = Math.max(0, position.column - LINE_MAX / 2);
  const chain = issue.locations
    .slice(1)
    .map((l) => (l.itemName ? `${l.itemType} '${l.itemName}'` : l.itemType));
  return [
    `${place}: ${severity}: ${shown(issue.message)} [${issue.code}]`,
    `    ${shown(line.slice(from, from + LINE_MAX))}`,
    `    ${' '.repeat(position.column - from)}^`,
    ...(chain.length > 0 ? [`    in ${shown(chain.join(', '))}`] : []),
  ];
}

/** A rules file may hold anything: nothing in it may steer the terminal. One mark a character keeps the caret right. */
function shown(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (char) => (char === '\t' ? ' ' : '\ufffd'));
}
