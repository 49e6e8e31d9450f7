import { type LogFact, named, peerOf } from './fact.ts';
import { parsePam } from './pam.ts';
import { parseSshd } from './sshd.ts';
import { parseSu, parseSudo } from './sudo.ts';

type Parser = (message: string) => LogFact | undefined;

const ACCOUNT_TOOLS = [
  'useradd',
  'userdel',
  'usermod',
  'groupadd',
  'groupdel',
  'groupmod',
  'gpasswd',
  'chage',
  'chpasswd',
  'passwd',
  'adduser',
] as const;
const RUNTIMES = ['containerd', 'crio', 'dockerd', 'kubelet', 'k3s'] as const;

const PARSERS: ReadonlyMap<string, Parser> = new Map<string, Parser>([
  ['sshd', parseSshd],
  ['sshd-session', parseSshd],
  ['sshd-auth', parseSshd],
  ['sudo', parseSudo],
  ['su', parseSu],
  ['su-l', parseSu],
  ['login', parseLogin],
  ...ACCOUNT_TOOLS.map((tool) => [tool, (message: string) => parseAccountTool(message, tool)] as const),
  ...RUNTIMES.map((name) => [name, (message: string) => parseRuntime(message, name)] as const),
]);

/** Tags of the messages that have a reader; those of PAM can come under any. */
export const KNOWN_PROGRAMS: readonly string[] = [...PARSERS.keys()];

/** What a program's message says happened; undefined for the many that say nothing of interest. */
export function parseMessage(program: string, message: string): LogFact | undefined {
  const parser = PARSERS.get(program);
  return parser === undefined ? parsePam(message, program) : parser(message);
}

/** Source: util-linux login.c and shadow login.c. */
function parseLogin(message: string): LogFact | undefined {
  const failed =
    /^FAILED LOGIN (?:SESSION )?(?:\(?\d+\)? )?(?:on|FROM) '?([^' ]{1,64})'? FOR '?(.{0,256}?)'?, (.{1,200})$/s.exec(
      message,
    );
  if (failed !== null) {
    const [, where = '', user = '', reason = ''] = failed;
    const isTty = where.startsWith('/dev/') || where.startsWith('tty') || where.startsWith('pts');
    return {
      type: 'login_failed',
      outcome: 'failed',
      isAuthFailure: true,
      user,
      tty: isTty ? where : undefined,
      peer: isTty ? undefined : peerOf(where),
      service: 'login',
      reason,
      summary: `console login of ${named(user)} on ${named(where)} failed`,
    };
  }
  const ok = /^(?:LOGIN ON (\S{1,64}) BY (.{1,256})|ROOT LOGIN {1,2}[Oo][Nn] '?([^' ]{1,64})'?.*)$/s.exec(
    message,
  );
  if (ok === null) return parsePam(message, 'login');
  const [user, tty] = ok[1] === undefined ? ['root', ok[3]] : [ok[2], ok[1]];
  return {
    type: 'login',
    outcome: 'ok',
    user,
    tty,
    service: 'login',
    summary: `${named(user)} logged in on ${named(tty)}`,
  };
}

/** Source: shadow-utils src/*.c, which log through SYSLOG with these verbs. */
function parseAccountTool(message: string, tool: string): LogFact | undefined {
  const pam = parsePam(message, tool);
  if (pam !== undefined) return pam;
  if (!/\b(?:new|add|delete|remove|change|changed|lock|unlock|set|member)/i.test(message)) return undefined;
  const target = /'([^']{1,256})'|name=([^,\s]{1,256})|user ([^\s:]{1,256})/.exec(message);
  return {
    type: 'account_changed',
    outcome: /fail|cannot|denied/i.test(message) ? 'failed' : 'ok',
    target: target?.[1] ?? target?.[2] ?? target?.[3],
    service: tool,
    summary: `${tool}: ${message.slice(0, 256)}`,
  };
}

/** Errors alone: `level=error` of the Go runtimes' logfmt, or klog's `E1121 08:00:00.0`. */
function parseRuntime(message: string, service: string): LogFact | undefined {
  const isError =
    /\blevel=(?:error|fatal|panic)\b/.test(message) || /^[EF]\d{4} \d\d:\d\d:\d\d/.test(message);
  if (!isError) return undefined;
  const reason = message.slice(0, 512);
  return {
    type: 'runtime_error',
    outcome: 'failed',
    service,
    reason,
    summary: `${service}: ${message.slice(0, 256)}`,
  };
}
