import type { Category, EventRecord, FieldValue } from '../../../core/events/event.ts';
import type { LogFact, NodeLogType } from './fact.ts';

export type LogEntry = {
  readonly timeNs: bigint;
  readonly program: string;
  readonly pid: number | undefined;
  readonly message: string;
  /** File path, or `journald`. */
  readonly log: string;
};

const MESSAGE_CHARS_MAX = 2_048;
const TEXT_CHARS_MAX = 256;
const CATEGORY: Readonly<Partial<Record<NodeLogType, Category>>> = {
  login: 'login',
  sudo: 'privilege',
  sudo_failed: 'privilege',
  su: 'privilege',
  su_failed: 'privilege',
  account_changed: 'privilege',
};
/** Notice: what an operator looks for. Everything else is informational. */
const NOTICE: ReadonlySet<NodeLogType> = new Set([
  'login_failed',
  'sudo_failed',
  'su_failed',
  'pam_failure',
  'account_locked',
  'account_changed',
  'runtime_error',
]);

/** Makes the record of one log entry; `counts` = it is one failed authentication. */
export function nodeLogRecord(
  entry: LogEntry,
  fact: LogFact,
  at: { readonly node: string; readonly counts: boolean },
): EventRecord {
  const category = CATEGORY[fact.type];
  return {
    timeNs: String(entry.timeNs),
    source: 'node_log',
    type: fact.type,
    categories: [
      ...(at.counts ? (['auth_failure'] as const) : []),
      ...(category === undefined ? [] : [category]),
    ],
    outcome: fact.outcome,
    priority: NOTICE.has(fact.type) ? 5 : 6,
    summary: fact.summary,
    node: at.node,
    user: cut(fact.user),
    process: entry.program,
    pid: entry.pid,
    peer: fact.peer,
    object: fact.command?.slice(0, 4_096) ?? cut(fact.target ?? fact.service),
    enrichment: 'none',
    fields: fieldsOf(entry, fact),
  };
}

function fieldsOf(entry: LogEntry, fact: LogFact): Record<string, FieldValue> {
  const fields: Record<string, FieldValue | undefined> = {
    'evt.type': fact.type,
    'evt.source': 'node_log',
    'proc.name': entry.program,
    'proc.pid': entry.pid,
    'proc.cmdline': fact.command?.slice(0, 4_096),
    'proc.cwd': cut(fact.cwd),
    'user.name': cut(fact.user),
    'fd.rip': fact.peer,
    'fd.rport': fact.port,
    'log.file': entry.log,
    'log.message': entry.message.slice(0, MESSAGE_CHARS_MAX),
    'log.service': fact.service,
    'log.method': fact.method,
    'log.target_user': cut(fact.target),
    'log.tty': cut(fact.tty),
    'log.attempts': fact.attempts,
    'log.key': fact.key,
    'log.reason': cut(fact.reason),
  };
  const kept: Record<string, FieldValue> = {};
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) kept[name] = value;
  return kept;
}

function cut(text: string | undefined): string | undefined {
  return text?.slice(0, TEXT_CHARS_MAX);
}
