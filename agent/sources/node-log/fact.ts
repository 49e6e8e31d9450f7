/** What a line says happened; the event type of node logs. */
export const NODE_LOG_TYPES = [
  'login',
  'logout',
  'login_failed',
  'invalid_user',
  'preauth_disconnect',
  'sudo',
  'sudo_failed',
  'su',
  'su_failed',
  'pam_failure',
  'account_locked',
  'account_changed',
  'runtime_error',
] as const;
export type NodeLogType = (typeof NODE_LOG_TYPES)[number];

/** One thing that a program's message tells. All text is the writer's, and hostile. */
export type LogFact = {
  readonly type: NodeLogType;
  readonly outcome: 'ok' | 'denied' | 'failed';
  /**
   * One failed authentication. Several lines tell of one attempt; the program's own verdict is the one
   * that counts.
   */
  readonly isAuthFailure?: boolean;
  /** Counts only where the same process has told of no failure before: it sums them up or ends them. */
  readonly isOncePerProcess?: boolean;
  /** Who acts: the claimed login name, or who called sudo or su. */
  readonly user?: string | undefined;
  /** Whom they became or wanted to become. */
  readonly target?: string | undefined;
  /** Address or host name of the other end. */
  readonly peer?: string | undefined;
  readonly port?: number | undefined;
  readonly method?: string | undefined;
  readonly command?: string | undefined;
  readonly tty?: string | undefined;
  readonly cwd?: string | undefined;
  readonly attempts?: number | undefined;
  readonly service?: string | undefined;
  /** Fingerprint or other proof. */
  readonly key?: string | undefined;
  readonly reason?: string | undefined;
  /** One plain sentence without a full stop. */
  readonly summary: string;
};

/** An address or host name as sshd and PAM write it; anything else is no peer. */
export function peerOf(text: string | undefined): string | undefined {
  return text !== undefined && /^[0-9A-Za-z._:%-]{1,64}$/.test(text) ? text : undefined;
}

export function portOf(text: string | undefined): number | undefined {
  if (text === undefined || !/^\d{1,5}$/.test(text)) return undefined;
  const port = Number(text);
  return port <= 65_535 ? port : undefined;
}

/** A name for a sentence: cut, and visibly nothing when empty. */
export function named(text: string | undefined): string {
  if (text === undefined || text === '') return 'unknown';
  return text.length > 128 ? `${text.slice(0, 128)}…` : text;
}
