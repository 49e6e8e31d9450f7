import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Spool } from '../../spool/spool.ts';
import { spooledItems } from '../testing/spooled-items.ts';
import { NodeLog } from './node-log.ts';

const JOURNALD = '/lib/systemd/systemd-journald';
const NAMESPACE = `eyrie${randomBytes(4).toString('hex')}`;
const RUN = `/run/systemd/journal.${NAMESPACE}`;
const canRun = process.getuid?.() === 0 && existsSync(JOURNALD) && existsSync('/usr/bin/journalctl');

/** A real journald of its own namespace: nothing of this machine's journal is read or written. */
describe.runIf(canRun)('Journal', () => {
  let journald: ChildProcess;
  let dir: string;
  let spool: Spool;
  let log: NodeLog | undefined;

  beforeAll(async () => {
    journald = spawn(JOURNALD, [NAMESPACE], { stdio: 'ignore' });
    await vi.waitUntil(() => existsSync(`${RUN}/dev-log`), { interval: 20, timeout: 20_000 });
  });
  afterAll(async () => {
    const ended = new Promise((resolve) => journald.once('exit', resolve));
    journald.kill('SIGTERM');
    await ended;
    const machine = readFileSync('/etc/machine-id', 'utf8').trim();
    for (const path of [
      RUN,
      `/var/log/journal/${machine}.${NAMESPACE}`,
      `/run/log/journal/${machine}.${NAMESPACE}`,
    ])
      rmSync(path, { recursive: true, force: true });
  });
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'journal-'));
    spool = new Spool({ dir, fsync: { kind: 'never' } });
  });
  afterEach(() => {
    log?.close();
    spool.close();
    rmSync(dir, { recursive: true });
  });

  function follow(): NodeLog {
    const journal = { extraArgs: [`--namespace=${NAMESPACE}`] };
    log = new NodeLog({ logs: 'journald', node: 'n1', spool, nowMs: Date.now, onError: () => {}, journal });
    log.start();
    return log;
  }
  const write = (tag: string, text: string): void => {
    execFileSync('logger', ['-u', `${RUN}/dev-log`, '-t', tag, '-p', 'auth.info', text]);
  };
  const peers = () =>
    spooledItems(spool).flatMap((item) => (item.k === 'event' && item.type !== 'sudo' ? [item.peer] : []));
  const sees = (...expected: string[]) =>
    expect.poll(peers, { interval: 20, timeout: 30_000 }).toEqual(expect.arrayContaining(expected));

  it('goes on behind the last entry after a restart: none is lost, none is read twice', async () => {
    write(
      'vsftpd',
      'pam_unix(vsftpd:auth): authentication failure; logname= uid=0 tty=ftp ruser=a rhost=10.9.0.1  user=a',
    );
    follow();
    await sees('10.9.0.1');
    log?.close();
    write(
      'vsftpd',
      'pam_unix(vsftpd:auth): authentication failure; logname= uid=0 tty=ftp ruser=b rhost=10.9.0.2  user=b',
    );
    spool.close();
    spool = new Spool({ dir, fsync: { kind: 'never' } });
    const again = follow();
    write(
      'vsftpd',
      'pam_unix(vsftpd:auth): authentication failure; logname= uid=0 tty=ftp ruser=c rhost=10.9.0.3  user=c',
    );
    await sees('10.9.0.3');
    expect(peers()).toEqual(['10.9.0.1', '10.9.0.2', '10.9.0.3']);
    expect(spooledItems(spool).filter(({ k }) => k === 'gap')).toEqual([]);
    expect(again.health).toMatchObject({ name: 'node_log', state: 'ok' });
  });

  it('starts journalctl again when it ends', async () => {
    const { counters } = follow();
    write(
      'ftpd',
      'pam_unix(ftpd:auth): authentication failure; logname= uid=0 tty=ftp ruser=a rhost=10.9.1.1  user=a',
    );
    await sees('10.9.1.1');
    const children = execFileSync('pgrep', ['-P', String(process.pid), 'journalctl'], { encoding: 'utf8' });
    process.kill(Number(children.trim().split('\n').at(-1)), 'SIGKILL');
    write(
      'ftpd',
      'pam_unix(ftpd:auth): authentication failure; logname= uid=0 tty=ftp ruser=a rhost=10.9.1.2  user=a',
    );
    await sees('10.9.1.1', '10.9.1.2');
    expect(counters.node_log_faults).toBe(1);
  });
});
