import { type LogFact, named, peerOf } from './fact.ts';

/** Their own message tells the outcome, so that PAM's line beside it must not count again. */
const SPEAKS_ITSELF: ReadonlySet<string> = new Set([
  'sshd',
  'sshd-session',
  'sudo',
  'sudo-i',
  'su',
  'su-l',
  'login',
]);
/** Opened and closed all day by the system itself, or told by the program's own message. */
const SESSIONS_IGNORED: ReadonlySet<string> = new Set([
  ...SPEAKS_ITSELF,
  'cron',
  'crond',
  'atd',
  'systemd-user',
  'runuser',
  'runuser-l',
]);
const HEAD = /^(?:\S{1,32}: )?(pam_\w{1,32})\(([\w.-]{1,64}):(\w{1,32})\): /;

/**
 * Reads the messages of PAM modules, which any program may write. `program` is the log's tag.
 * Source: Linux-PAM modules pam_unix, pam_faillock, pam_tally2; sssd's pam_sss.
 */
export function parsePam(message: string, program: string): LogFact | undefined {
  const summed = /^PAM (\d{1,6}) more authentication failures?; (.*)$/s.exec(message);
  if (summed !== null) return failure(program, summed[2] ?? '', Number(summed[1]));
  const head = HEAD.exec(message);
  if (head === null) return undefined;
  const [whole, module = '', service = '', phase = ''] = head;
  const rest = message.slice(whole.length);
  if (rest.startsWith('authentication failure; ')) return failure(service, rest.slice(24), 1);
  const more = /^(\d{1,6}) more authentication failures?; (.*)$/s.exec(rest);
  if (more !== null) return failure(service, more[2] ?? '', Number(more[1]));
  if (module === 'pam_faillock' || module.startsWith('pam_tally')) return lock(service, rest);
  if (phase === 'chauthtok') return passwordChange(service, rest);
  return phase === 'session' ? session(service, rest) : undefined;
}

/** `logname=bob uid=1000 euid=0 tty=/dev/pts/0 ruser=bob rhost=1.2.3.4  user=root`; user comes last. */
function failure(service: string, text: string, attempts: number): LogFact {
  const user = settingOf(text, ' user=', true);
  const ruser = settingOf(text, ' ruser=', false);
  const peer = peerOf(settingOf(text, ' rhost=', false));
  const whose = user ?? ruser;
  return {
    type: 'pam_failure',
    outcome: 'failed',
    isAuthFailure: !SPEAKS_ITSELF.has(service),
    user: whose,
    peer,
    tty: settingOf(text, ' tty=', false),
    attempts,
    service,
    summary: `${service} could not authenticate ${named(whose)}${peer === undefined ? '' : ` from ${peer}`}`,
  };
}

function lock(service: string, text: string): LogFact | undefined {
  const match = /^Consecutive login failures for user (.{1,256}) account temporarily locked/s.exec(text);
  const tally = /^user (.{1,256}) \(\d{1,10}\) tally \d+, deny \d+/s.exec(text);
  const user = match?.[1] ?? tally?.[1];
  if (user === undefined) return undefined;
  const summary = `the account ${named(user)} is locked after repeated failures (${service})`;
  return { type: 'account_locked', outcome: 'denied', user, service, summary };
}

function passwordChange(service: string, text: string): LogFact | undefined {
  const user = /^password changed for (.{1,256})$/s.exec(text)?.[1];
  if (user === undefined) return undefined;
  const summary = `the password of ${named(user)} was changed`;
  return { type: 'account_changed', outcome: 'ok', target: user, service, summary };
}

function session(service: string, text: string): LogFact | undefined {
  const match = /^session (opened|closed) for user (.{1,256}?)(?:\(uid=\d{1,10}\))?(?: by (.*))?$/s.exec(
    text,
  );
  if (match === null || SESSIONS_IGNORED.has(service)) return undefined;
  const [, what, user = ''] = match;
  if (what === 'opened') {
    return {
      type: 'login',
      outcome: 'ok',
      user,
      service,
      summary: `${named(user)} logged in through ${service}`,
    };
  }
  return { type: 'logout', outcome: 'ok', user, service, summary: `${named(user)} left ${service}` };
}

function settingOf(text: string, key: string, isLast: boolean): string | undefined {
  const padded = ` ${text}`;
  const at = isLast ? padded.lastIndexOf(key) : padded.indexOf(key);
  if (at < 0) return undefined;
  const value = padded.slice(at + key.length);
  const end = isLast ? -1 : value.indexOf(' ');
  return (end < 0 ? value : value.slice(0, end)).slice(0, 256) || undefined;
}
