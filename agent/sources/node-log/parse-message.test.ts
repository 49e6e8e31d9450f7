import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseMessage } from './parse-message.ts';

const cases: readonly [program: string, message: string, fact: object][] = [
  [
    'sshd',
    'Failed password for root from 10.0.0.9 port 50022 ssh2',
    {
      type: 'login_failed',
      isAuthFailure: true,
      user: 'root',
      peer: '10.0.0.9',
      port: 50022,
      method: 'password',
    },
  ],
  [
    'sshd-session',
    'Failed password for invalid user bob from 2001:db8::1 port 22 ssh2',
    { type: 'login_failed', user: 'bob', peer: '2001:db8::1', reason: 'invalid user' },
  ],
  [
    'sshd',
    'Failed publickey for eve from 10.0.0.9 port 4 ssh2: ED25519 SHA256:AAAAbbbb/cc+dd=',
    {
      type: 'login_failed',
      user: 'eve',
      port: 4,
      method: 'publickey',
      key: 'ED25519 SHA256:AAAAbbbb/cc+dd=',
    },
  ],
  ['sshd', 'Failed none for invalid user  from 10.0.0.9 port 4 ssh2', { user: '', peer: '10.0.0.9' }],
  [
    'sshd',
    'Accepted password for alice from 192.168.1.7 port 50100 ssh2',
    { type: 'login', outcome: 'ok', user: 'alice', peer: '192.168.1.7', method: 'password' },
  ],
  [
    'sshd',
    'Accepted publickey for alice from 192.168.1.7 port 50100 ssh2: RSA SHA256:1a2b3c',
    { type: 'login', user: 'alice', port: 50100, method: 'publickey', key: 'RSA SHA256:1a2b3c' },
  ],
  [
    'sshd',
    'Invalid user admin from 10.0.0.9 port 6',
    { type: 'invalid_user', user: 'admin', peer: '10.0.0.9' },
  ],
  [
    'sshd',
    'error: maximum authentication attempts exceeded for invalid user root2 from 10.0.0.9 port 6 ssh2 [preauth]',
    { type: 'login_failed', outcome: 'denied', user: 'root2', isOncePerProcess: true, port: 6 },
  ],
  [
    'sshd',
    'Connection closed by authenticating user root 10.0.0.9 port 6 [preauth]',
    { type: 'preauth_disconnect', user: 'root', peer: '10.0.0.9', port: 6, isAuthFailure: true },
  ],
  [
    'sshd',
    'Disconnecting invalid user x 10.0.0.9 port 6: Too many authentication failures [preauth]',
    { type: 'preauth_disconnect', user: 'x', reason: 'invalid user, too many authentication failures' },
  ],
  ['sshd', 'Connection reset by 10.0.0.9 port 6 [preauth]', { type: 'preauth_disconnect', peer: '10.0.0.9' }],
  [
    'sshd',
    'Received disconnect from 10.0.0.9 port 6:11: Bye from 6.6.6.6 port 1 [preauth]',
    { type: 'preauth_disconnect', peer: '10.0.0.9' },
  ],
  ['sshd', 'Disconnected from user alice 192.168.1.7 port 50100', { type: 'logout', user: 'alice' }],
  [
    'sshd',
    'User mallory from 10.0.0.9 not allowed because not listed in AllowUsers',
    { type: 'login_failed', outcome: 'denied', user: 'mallory', isAuthFailure: false },
  ],
  [
    'sshd',
    'PAM 2 more authentication failures; logname= uid=0 euid=0 tty=ssh ruser= rhost=10.0.0.9  user=root',
    { type: 'pam_failure', attempts: 2, isAuthFailure: false, user: 'root', peer: '10.0.0.9' },
  ],
  [
    'sudo',
    '   alice : TTY=pts/0 ; PWD=/home/alice ; USER=root ; COMMAND=/usr/bin/id -u',
    {
      type: 'sudo',
      user: 'alice',
      target: 'root',
      tty: 'pts/0',
      cwd: '/home/alice',
      command: '/usr/bin/id -u',
    },
  ],
  [
    'sudo',
    'bob : 3 incorrect password attempts ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/sh',
    { type: 'sudo_failed', isAuthFailure: true, attempts: 3, user: 'bob', command: '/bin/sh' },
  ],
  [
    'sudo',
    'bob : user NOT in sudoers ; TTY=pts/1 ; PWD=/ ; USER=root ; COMMAND=/bin/sh -c echo ; COMMAND=/bin/true',
    {
      type: 'sudo_failed',
      isAuthFailure: false,
      reason: 'user NOT in sudoers',
      command: '/bin/sh -c echo ; COMMAND=/bin/true',
    },
  ],
  ['su', '(to root) alice on pts/2', { type: 'su', user: 'alice', target: 'root', tty: 'pts/2' }],
  ['su', 'FAILED SU (to root) bob on pts/2', { type: 'su_failed', isAuthFailure: true, user: 'bob' }],
  [
    'vsftpd',
    'pam_unix(vsftpd:auth): authentication failure; logname= uid=0 euid=0 tty=ftp ruser=bob rhost=10.0.0.9  user=bob',
    {
      type: 'pam_failure',
      isAuthFailure: true,
      service: 'vsftpd',
      user: 'bob',
      peer: '10.0.0.9',
      tty: 'ftp',
    },
  ],
  [
    'sudo',
    'pam_unix(sudo:auth): authentication failure; logname=bob uid=1000 euid=0 tty=/dev/pts/1 ruser=bob rhost=  user=bob',
    { type: 'pam_failure', isAuthFailure: false, service: 'sudo', user: 'bob', peer: undefined },
  ],
  [
    'sshd',
    'pam_faillock(sshd:auth): Consecutive login failures for user bob account temporarily locked',
    { type: 'account_locked', user: 'bob' },
  ],
  [
    'passwd',
    'pam_unix(passwd:chauthtok): password changed for root',
    { type: 'account_changed', target: 'root' },
  ],
  [
    'useradd',
    'new user: name=eve, UID=0, GID=0, home=/root, shell=/bin/bash, from=/dev/pts/1',
    { type: 'account_changed', target: 'eve', outcome: 'ok' },
  ],
  ['usermod', "add 'eve' to group 'sudo'", { type: 'account_changed', target: 'eve' }],
  [
    'login',
    "FAILED LOGIN (1) on '/dev/tty1' FOR 'root', Authentication failure",
    { type: 'login_failed', user: 'root', tty: '/dev/tty1', isAuthFailure: true },
  ],
  [
    'containerd',
    'time="2026-11-21T08:00:00Z" level=error msg="StartContainer failed"',
    { type: 'runtime_error', service: 'containerd' },
  ],
  [
    'kubelet',
    'E1121 08:00:00.000000    1234 pod_workers.go:965] "Error syncing pod"',
    { type: 'runtime_error' },
  ],
];

describe('parseMessage', { timeout: 60_000 }, () => {
  it.each(cases)('reads %s: %s', (program, message, fact) => {
    expect(parseMessage(program, message)).toMatchObject(fact);
  });

  it.each([
    ['sshd', 'Server listening on 0.0.0.0 port 22.'],
    ['sshd', 'pam_unix(sshd:session): session opened for user root(uid=0) by (uid=0)'],
    ['CRON', 'pam_unix(cron:session): session opened for user root(uid=0) by (uid=0)'],
    ['containerd', 'time="2026-11-21T08:00:00Z" level=info msg="started"'],
    ['kernel', 'Failed password for root from 10.0.0.9 port 22 ssh2'],
  ])('says nothing of %s: %s', (program, message) => {
    expect(parseMessage(program, message)).toBeUndefined();
  });

  /** An attacker picks the user name; the address must stay the one that sshd writes. */
  it('takes the address that sshd wrote whatever the user name says', () => {
    const name = fc.oneof(
      fc.string(),
      fc.constantFrom(
        'x from 6.6.6.6 port 1 ssh2',
        'a 6.6.6.6 port 2',
        'x from 6.6.6.6',
        ' user root 6.6.6.6 port 9',
      ),
      fc.constant('y from 6.6.6.6 port 1 ssh2: ED25519 SHA256:aa'),
    );
    fc.assert(
      fc.property(name, (user) => {
        const lines = [
          `Failed password for invalid user ${user} from 10.0.0.9 port 77 ssh2`,
          `Invalid user ${user} from 10.0.0.9 port 77`,
          `Connection closed by invalid user ${user} 10.0.0.9 port 77 [preauth]`,
          `error: maximum authentication attempts exceeded for ${user} from 10.0.0.9 port 77 ssh2 [preauth]`,
        ];
        for (const line of lines)
          expect(parseMessage('sshd', line)).toMatchObject({ peer: '10.0.0.9', port: 77 });
      }),
    );
  });

  it('never throws, and no text of 4 KiB makes it backtrack for long', () => {
    const programs = fc.constantFrom('sshd', 'sudo', 'su', 'login', 'passwd', 'kubelet', 'other');
    const piece = fc.constantFrom(
      'Failed password for ',
      ' from ',
      ' port ',
      '[preauth]',
      ' ; COMMAND=',
      'TTY=',
      'pam_unix(x:auth): ',
      'authentication failure; ',
      ' user=',
      'session opened for user ',
      '(to ',
      ') ',
      ' on ',
      "' FOR '",
      "FAILED LOGIN (1) on '",
      'level=',
      'a',
      ' ',
      '1.1.1.1',
    );
    const text = fc
      .array(fc.oneof(piece, fc.string()), { maxLength: 400 })
      .map((parts) => parts.join('').slice(0, 4_096));
    fc.assert(
      fc.property(programs, text, (program, message) => {
        const began = performance.now();
        const fact = parseMessage(program, message);
        expect(performance.now() - began).toBeLessThan(500);
        expect(fact?.summary ?? 'none').not.toBe('');
      }),
      { numRuns: 1_000 },
    );
  });
});
