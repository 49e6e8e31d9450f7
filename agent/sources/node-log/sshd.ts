import { type LogFact, named, peerOf, portOf } from './fact.ts';
import { parsePam } from './pam.ts';

type Ends = { readonly user: string; readonly peer: string | undefined; readonly port: number | undefined };

const PREAUTH = ' [preauth]';

/**
 * Reads sshd's messages. A user name may hold any text, also ` from 1.2.3.4 port 22`, so the address is
 * taken from the end of the message, where sshd writes it after the name.
 * Source: OpenSSH 7 to 10, auth.c auth_log(), packet.c, sshconnect messages at LogLevel INFO.
 */
export function parseSshd(message: string): LogFact | undefined {
  const isPreauth = message.endsWith(PREAUTH);
  const text = isPreauth ? message.slice(0, -PREAUTH.length) : message;
  return (
    verdict(text) ??
    refusal(text.replace(/^(?:error|fatal): /, '')) ??
    ending(text, isPreauth) ??
    parsePam(text, 'sshd')
  );
}

function verdict(text: string): LogFact | undefined {
  const match = /^(Failed|Accepted) ([\w/.-]{1,64}) for (.*)$/s.exec(text);
  if (match === null) return undefined;
  const [, word, method = '', rest = ''] = match;
  const { bare, key } = withoutKey(rest, word === 'Accepted');
  const ends = fromEnds(bare.replace(/ ssh\d?$/, ''));
  if (ends === undefined) return undefined;
  const isInvalid = word === 'Failed' && ends.user.startsWith('invalid user ');
  const user = isInvalid ? ends.user.slice('invalid user '.length) : ends.user;
  const common = { user, peer: ends.peer, port: ends.port, method, key, service: 'sshd' };
  if (word === 'Accepted') {
    const summary = `${named(user)} logged in by ssh from ${named(ends.peer)} with ${method}`;
    return { type: 'login', outcome: 'ok', ...common, summary };
  }
  const who = isInvalid ? `unknown user ${named(user)}` : named(user);
  return {
    type: 'login_failed',
    outcome: 'failed',
    isAuthFailure: true,
    ...common,
    ...(isInvalid ? { reason: 'invalid user' } : {}),
    summary: `ssh login of ${who} from ${named(ends.peer)} failed (${method})`,
  };
}

/**
 * `…port 5 ssh2: ED25519 SHA256:abc`, to the very end: a name may hold such text before its address. The name
 * of an accepted login is a real one.
 */
function withoutKey(text: string, isAccepted: boolean): { bare: string; key: string | undefined } {
  const at = text.lastIndexOf(' ssh2: ');
  const key = at < 0 ? '' : text.slice(at + 7);
  const isKey = /^[A-Z][A-Z0-9-]{1,24} (?:SHA256|MD5|SHA1|SHA384|SHA512):[\w+/=:-]{1,128}$/.test(key);
  if (at >= 0 && (isKey || isAccepted)) return { bare: text.slice(0, at), key: key.slice(0, 256) };
  return { bare: text, key: undefined };
}

function refusal(text: string): LogFact | undefined {
  const max = /^maximum authentication attempts exceeded for (.*?)(?: ssh\d?)?$/s.exec(text)?.[1];
  if (max !== undefined) {
    const ends = fromEnds(max);
    if (ends === undefined) return undefined;
    const user = ends.user.replace(/^invalid user /, '');
    return refused({ ...ends, user }, 'too many authentication attempts');
  }
  const invalid = /^Invalid user (.*)$/s.exec(text)?.[1];
  if (invalid !== undefined) {
    const ends = fromEnds(invalid) ?? { user: invalid, peer: undefined, port: undefined };
    const summary = `ssh login as unknown user ${named(ends.user)} from ${named(ends.peer)}`;
    return { type: 'invalid_user', outcome: 'failed', ...ends, service: 'sshd', summary };
  }
  const notAllowed = /^User (.*) not allowed because (.{1,200})$/s.exec(text);
  if (notAllowed !== null) {
    const ends = fromEnds(notAllowed[1] ?? '') ?? {
      user: notAllowed[1] ?? '',
      peer: undefined,
      port: undefined,
    };
    return { ...refused(ends, `not allowed: ${notAllowed[2]}`), isAuthFailure: false };
  }
  const root = /^ROOT LOGIN REFUSED FROM (\S{1,64})(?: port (\d{1,5}))?/.exec(text);
  if (root === null) return undefined;
  const ends = { user: 'root', peer: peerOf(root[1]), port: portOf(root[2]) };
  return refused(ends, 'root may not log in');
}

function refused(ends: Ends, reason: string): LogFact {
  return {
    type: 'login_failed',
    outcome: 'denied',
    isAuthFailure: true,
    isOncePerProcess: true,
    ...ends,
    service: 'sshd',
    reason,
    summary: `ssh login of ${named(ends.user)} from ${named(ends.peer)} refused: ${reason}`,
  };
}

const ENDING =
  /^(?:Connection (?:closed|reset) by|Disconnected from|Disconnecting|Unable to negotiate with|banner exchange: Connection from|Did not receive identification string from|Received disconnect from|Bad protocol version identification)/;
const TOO_MANY = ': Too many authentication failures';

function ending(text: string, isPreauth: boolean): LogFact | undefined {
  if (!ENDING.test(text)) return undefined;
  const claimed = / (invalid user|authenticating user) (.*)$/s.exec(text);
  const whole = claimed?.[2];
  const body = whole?.endsWith(TOO_MANY) ? whole.slice(0, -TOO_MANY.length) : whole;
  const ends = body === undefined ? undefined : portEnds(body);
  if (claimed !== null && ends !== undefined && isPreauth) {
    const reason = text.endsWith(TOO_MANY)
      ? 'too many authentication failures'
      : 'gave up before authenticating';
    return {
      type: 'preauth_disconnect',
      outcome: 'failed',
      isAuthFailure: true,
      isOncePerProcess: true,
      ...ends,
      service: 'sshd',
      reason: claimed[1] === 'invalid user' ? `invalid user, ${reason}` : reason,
      summary: `ssh connection of ${named(ends.user)} from ${named(ends.peer)} ended before authentication`,
    };
  }
  const user = /^Disconnected from user (.*)$/s.exec(text)?.[1];
  const left = user === undefined ? undefined : portEnds(user);
  if (left !== undefined) {
    const summary = `${named(left.user)} from ${named(left.peer)} left ssh`;
    return { type: 'logout', outcome: 'ok', ...left, service: 'sshd', summary };
  }
  // What follows the address is the other end's own words here, so the first address counts.
  const other = / (?:by|from|with) (\S{1,64}) port (\d{1,5})/.exec(text);
  if (!isPreauth && !/^(?:banner|Did not|Bad|Unable)/.test(text)) return undefined;
  const peer = peerOf(other?.[1]);
  if (peer === undefined) return undefined;
  const summary = `ssh connection from ${peer} ended before authentication`;
  return {
    type: 'preauth_disconnect',
    outcome: 'failed',
    peer,
    port: portOf(other?.[2]),
    service: 'sshd',
    summary,
  };
}

/** `NAME from ADDRESS[ port N]`, the last of them. */
function fromEnds(text: string): Ends | undefined {
  const at = text.lastIndexOf(' from ');
  if (at < 0) return undefined;
  const match = /^(\S{1,64})(?: port (\d{1,5}))?$/.exec(text.slice(at + 6));
  const peer = peerOf(match?.[1]);
  return peer === undefined ? undefined : { user: text.slice(0, at), peer, port: portOf(match?.[2]) };
}

/** `NAME ADDRESS port N`. */
function portEnds(text: string): Ends | undefined {
  const at = text.lastIndexOf(' port ');
  const port = portOf(text.slice(at + 6));
  if (at < 0 || port === undefined) return undefined;
  const head = text.slice(0, at);
  const space = head.lastIndexOf(' ');
  const peer = peerOf(head.slice(space + 1));
  return peer === undefined ? undefined : { user: head.slice(0, Math.max(0, space)), peer, port };
}
