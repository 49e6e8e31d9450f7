import { type LogFact, named } from './fact.ts';
import { parsePam } from './pam.ts';

const COMMAND = ' ; COMMAND=';

/**
 * Reads sudo's messages: `bob : [verdict ; ]TTY=pts/0 ; PWD=/home/bob ; USER=root ; COMMAND=/bin/ls -l`.
 * COMMAND is last and may hold anything; a working directory that holds ` ; COMMAND=` cannot be told
 * from it, and the first is taken.
 * Source: sudo 1.8 to 1.9, lib/eventlog/eventlog.c.
 */
export function parseSudo(message: string): LogFact | undefined {
  const pam = parsePam(message, 'sudo');
  if (pam !== undefined) return pam;
  const head = /^ {0,32}(\S{1,256}) : /.exec(message);
  if (head?.[1] === undefined) return undefined;
  const user = head[1];
  const rest = message.slice(head[0].length);
  if (rest.startsWith('(command continued)')) return undefined;
  const at = rest.indexOf(COMMAND);
  const command = at < 0 ? undefined : rest.slice(at + COMMAND.length);
  const parts = (at < 0 ? rest : rest.slice(0, at)).split(' ; ');
  const settings = new Map<string, string>();
  const verdicts: string[] = [];
  for (const part of parts) {
    const pair = /^(TTY|PWD|USER|GROUP|TSID|ENV|HOST|CHROOT|CWD)=(.*)$/s.exec(part);
    if (pair?.[1] === undefined) verdicts.push(part);
    else if (!settings.has(pair[1])) settings.set(pair[1], pair[2] ?? '');
  }
  if (settings.size === 0) return undefined;
  const target = settings.get('USER');
  const common = {
    user,
    target,
    tty: settings.get('TTY'),
    cwd: settings.get('PWD') ?? settings.get('CWD'),
    command,
    service: 'sudo',
  };
  const verdict = verdicts.join(' ; ').slice(0, 256);
  const what = command === undefined ? 'a command' : named(command);
  if (verdict === '') {
    return {
      type: 'sudo',
      outcome: 'ok',
      ...common,
      summary: `${user} ran ${what} as ${named(target)} with sudo`,
    };
  }
  const attempts = /^(\d{1,4}) incorrect password attempts?$/.exec(verdict)?.[1];
  return {
    type: 'sudo_failed',
    outcome: 'denied',
    isAuthFailure: attempts !== undefined,
    ...common,
    attempts: attempts === undefined ? undefined : Number(attempts),
    reason: verdict,
    summary: `${user} may not run ${what} as ${named(target)} with sudo: ${verdict}`,
  };
}

/**
 * Reads su's messages in the forms of util-linux, shadow and BusyBox.
 * Source: util-linux login-utils/su-common.c log_syslog(), shadow su.c.
 */
export function parseSu(message: string): LogFact | undefined {
  const pam = parsePam(message, 'su');
  if (pam !== undefined) return pam;
  const linux = /^(FAILED SU )?\(to (.{1,256})\) (\S{1,256}) on (\S{1,64})$/s.exec(message);
  if (linux !== null) return su(linux[1] !== undefined, linux[3], linux[2], linux[4]);
  const shadow = /^(Successful|FAILED) su for (\S{1,256}) by (\S{1,256})$/.exec(message);
  if (shadow !== null) return su(shadow[1] === 'FAILED', shadow[3], shadow[2], undefined);
  const short = /^([+-]) (\S{1,64}) (\S{1,256})[:-](\S{1,256})$/.exec(message);
  return short === null ? undefined : su(short[1] === '-', short[3], short[4], short[2]);
}

function su(
  isFailed: boolean,
  user: string | undefined,
  target: string | undefined,
  tty: string | undefined,
): LogFact {
  const common = { user, target, tty, service: 'su' };
  if (!isFailed) {
    return {
      type: 'su',
      outcome: 'ok',
      ...common,
      summary: `${named(user)} became ${named(target)} with su`,
    };
  }
  const summary = `${named(user)} failed to become ${named(target)} with su`;
  return { type: 'su_failed', outcome: 'denied', isAuthFailure: true, ...common, summary };
}
