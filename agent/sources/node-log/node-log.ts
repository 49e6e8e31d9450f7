import { existsSync, readdirSync } from 'node:fs';
import type { PreflightItem } from '../../../core/wire/agents.ts';
import type { Spool } from '../../spool/spool.ts';
import { Journal } from './journal.ts';
import { LogFile } from './log-file.ts';
import { LogReader } from './log-reader.ts';
import { noLogCounters } from './log-state.ts';

export type NodeLogOptions = {
  /** `auto`: the files of this node, else journald. `journald`: that alone. Else the files to follow. */
  readonly logs: 'auto' | 'journald' | readonly string[];
  readonly node: string;
  readonly spool: Spool;
  readonly nowMs: () => number;
  readonly onError: (message: string) => void;
  readonly pollMs?: number;
  readonly journal?: { readonly command?: string; readonly extraArgs?: readonly string[] };
};

type Reading = LogFile | Journal;

/** Debian and SUSE; Red Hat. The first pair holds logins, the second the rest. */
const AUTH_LOGS = ['/var/log/auth.log', '/var/log/secure'];
const GENERAL_LOGS = ['/var/log/syslog', '/var/log/messages'];
const JOURNAL_DIRS = ['/var/log/journal', '/run/log/journal'];
const JOURNAL_PATHS = ['/usr/bin/journalctl', '/bin/journalctl'];

/** Logins, sudo, su, accounts and errors of the container runtime, out of the node's own logs. */
export class NodeLog {
  readonly #options: NodeLogOptions;
  readonly #counters = noLogCounters();
  readonly #logs: readonly Reading[];

  constructor(options: NodeLogOptions) {
    this.#options = options;
    const reader = new LogReader(options.node);
    const common = { ...options, reader, counters: this.#counters };
    const paths = choose(options.logs);
    this.#logs =
      paths === 'journald'
        ? [new Journal({ ...common, ...options.journal })]
        : paths.map((path) => new LogFile({ ...common, path }));
  }

  start(): void {
    for (const log of this.#logs) log.start();
  }

  close(): void {
    for (const log of this.#logs) log.close();
  }

  get counters(): Readonly<Record<string, number>> {
    return this.#counters;
  }

  get lagMs(): number {
    return Math.max(0, ...this.#logs.map(({ lagMs }) => lagMs));
  }

  get health(): PreflightItem {
    const states = this.#logs.map(({ state }) => state);
    const detail = states
      .map(({ text }) => text)
      .join('; ')
      .slice(0, 1_024);
    const read = states.filter(({ access }) => access === 'ok').length;
    const forbidden = states.some(({ access }) => access === 'unreadable');
    const name = 'node_log';
    const fix = forbidden ? PERMISSION_FIX : MISSING_FIX;
    if (states.length === 0)
      return { name, state: 'blind', detail: 'no auth.log, secure, syslog, messages or journald here', fix };
    if (read === 0) return { name, state: 'blind', detail, fix };
    if (forbidden || (read < states.length && this.#options.logs !== 'auto'))
      return { name, state: 'degraded', detail, fix };
    return { name, state: 'ok', detail };
  }
}

const PERMISSION_FIX =
  'Let the agent read the logs: add its user to the group of the files (adm on Debian) or to systemd-journal, and start it again.';
const MISSING_FIX =
  'Install rsyslog or journald on the node, mount /var/log into the agent, or name the files with --node-logs.';

function choose(logs: NodeLogOptions['logs']): 'journald' | readonly string[] {
  if (logs !== 'auto') return logs;
  const hasAuth = AUTH_LOGS.some((path) => existsSync(path));
  if (!hasAuth && hasJournal()) return 'journald';
  return [...AUTH_LOGS, ...GENERAL_LOGS].filter((path) => existsSync(path));
}

/** The program may be there without any journal, as in many container images. */
function hasJournal(): boolean {
  if (!JOURNAL_PATHS.some((path) => existsSync(path))) return false;
  return existsSync('/run/systemd/journal/socket') || JOURNAL_DIRS.some(hasEntries);
}

function hasEntries(dir: string): boolean {
  try {
    return readdirSync(dir).length > 0;
  } catch {
    return false;
  }
}
