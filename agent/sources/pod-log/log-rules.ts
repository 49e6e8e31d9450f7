import { LineCounter, parseDocument } from 'yaml';
import { z } from 'zod';
import { priorityNumber } from '../../../core/events/priority.ts';
import { compileRegex } from '../../../core/filter/regex.ts';
import { parseRegex } from '../../../core/filter/regex-parser.ts';
import { contentHash } from '../../../core/rules/content-hash.ts';
import { matchesWildcard } from '../wildcard.ts';
import { requiredLiteral } from './required-literal.ts';

/** One thing to look for in the logs of containers. */
export type LogRule = {
  readonly name: string;
  readonly priority: number;
  readonly tags: readonly string[];
  readonly selects: (container: LogContainer) => boolean;
  readonly matches: (message: string) => boolean;
};

export type LogContainer = { readonly namespace: string; readonly pod: string; readonly container: string };

export type LogRules = { readonly rules: readonly LogRule[]; readonly version: string };
export type LogRulesResult =
  | ({ readonly ok: true } & LogRules)
  /** `file:line:column: what is wrong`, positions from 1. */
  | { readonly ok: false; readonly faults: readonly string[] };

export type LogRulesFile = { readonly name: string; readonly text: string };

const RULES_MAX = 200;
const PATTERN_CHARS_MAX = 500;
const FAULTS_MAX = 50;
const FILE_CHARS_MAX = 1024 * 1024;

/** One name or several; `*` stands for any text. */
const names = z
  .union([z.string().min(1).max(253), z.array(z.string().min(1).max(253)).min(1).max(100)])
  .transform((value) => (typeof value === 'string' ? [value] : value));
const ruleSchema = z.strictObject({
  name: z.string().min(1).max(256),
  desc: z.string().max(4_096).optional(),
  pattern: z.string().min(1).max(PATTERN_CHARS_MAX),
  priority: z
    .string()
    .default('Warning')
    .transform((word, context) => {
      const number = priorityNumber(word);
      if (number === undefined) context.addIssue({ code: 'custom', message: `${word} is no priority` });
      return number ?? 0;
    }),
  tags: z.array(z.string().max(128)).max(64).default([]),
  namespaces: names.optional(),
  pods: names.optional(),
  containers: names.optional(),
});

/**
 * Reads rules for container logs: a YAML list of name, pattern (RE2 syntax, found anywhere in a line),
 * priority, tags, namespaces, pods and containers.
 * Errors: all faults of all files, each with its position; then no rule is taken.
 */
export function loadLogRules(files: readonly LogRulesFile[]): LogRulesResult {
  const faults: string[] = [];
  const rules = files.flatMap((file) => readFile(file, faults));
  const seen = new Set<string>();
  for (const { name } of rules) {
    if (seen.has(name)) faults.push(`${files[0]?.name ?? ''}: rule ${name} is given twice`);
    seen.add(name);
  }
  if (rules.length > RULES_MAX) faults.push(`${rules.length} rules are more than ${RULES_MAX}`);
  if (faults.length > 0) return { ok: false, faults: faults.slice(0, FAULTS_MAX) };
  return { ok: true, rules, version: contentHash(files.map(({ text }) => text)) };
}

function readFile({ name, text }: LogRulesFile, faults: string[]): LogRule[] {
  if (text.length > FILE_CHARS_MAX) {
    faults.push(`${name}: larger than ${FILE_CHARS_MAX} characters`);
    return [];
  }
  const lineCounter = new LineCounter();
  const doc = parseDocument(text, { lineCounter, prettyErrors: false });
  const at = (offset: number) => {
    const { line, col } = lineCounter.linePos(offset);
    return `${name}:${line}:${col}`;
  };
  const place = (path: readonly PropertyKey[]): string => {
    for (let length = path.length; length >= 0; length -= 1) {
      const node: unknown = doc.getIn(path.slice(0, length), true);
      if (typeof node === 'object' && node !== null && 'range' in node && Array.isArray(node.range))
        return at(Number(node.range[0]));
    }
    return `${name}:1:1`;
  };
  if (doc.errors.length > 0) {
    faults.push(...doc.errors.map((err) => `${at(err.pos[0])}: ${err.message}`));
    return [];
  }
  let value: unknown;
  try {
    value = doc.toJS({ maxAliasCount: 0 });
  } catch (err) {
    faults.push(`${name}:1:1: ${err instanceof Error ? err.message : String(err)}`);
    return [];
  }
  const parsed = z.array(ruleSchema).safeParse(value ?? []);
  if (!parsed.success) {
    faults.push(
      ...parsed.error.issues.map(
        ({ path, message }) => `${place(path)}: ${String(path.at(-1) ?? 'rules')}: ${message}`,
      ),
    );
    return [];
  }
  return parsed.data.flatMap((rule, index) => {
    const node = parseRegex(rule.pattern);
    const compiled = typeof node === 'string' ? node : compileRegex(`.*(${rule.pattern}).*`);
    if (typeof node === 'string' || typeof compiled === 'string') {
      faults.push(`${place([index, 'pattern'])}: ${typeof node === 'string' ? node : String(compiled)}`);
      return [];
    }
    const literal = requiredLiteral(node);
    const { namespaces, pods, containers } = rule;
    return {
      name: rule.name,
      priority: rule.priority,
      tags: rule.tags,
      selects: (of: LogContainer) =>
        isAmong(namespaces, of.namespace) && isAmong(pods, of.pod) && isAmong(containers, of.container),
      matches: (message: string) => message.includes(literal) && compiled.test(message),
    };
  });
}

function isAmong(wanted: readonly string[] | undefined, name: string): boolean {
  return wanted === undefined || wanted.some((pattern) => matchesWildcard(pattern, name));
}
