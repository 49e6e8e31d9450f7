import { appendFileSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ingestItemSchema } from '../../../core/wire/ingest.ts';
import { Spool } from '../../spool/spool.ts';
import { spooledItems } from '../testing/spooled-items.ts';
import { NodeLog } from './node-log.ts';

const NOW_MS = Date.parse('2026-11-21T08:00:00Z');
let dir: string;
let path: string;
let spool: Spool;
let nowMs: number;
let log: NodeLog | undefined;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'node-log-'));
  path = join(dir, 'auth.log');
  nowMs = NOW_MS;
  spool = openSpool();
});
afterEach(() => {
  log?.close();
  spool.close();
  rmSync(dir, { recursive: true });
});

const openSpool = (): Spool => new Spool({ dir: join(dir, 'spool'), fsync: { kind: 'never' } });
function follow(logs: readonly string[] = [path]): NodeLog {
  log = new NodeLog({ logs, node: 'n1', spool, nowMs: () => nowMs, pollMs: 5, onError: () => {} });
  log.start();
  return log;
}
const stamp = (atMs = nowMs): string => new Date(atMs).toISOString().replace('Z', '000+00:00');
const line = (text: string, atMs = nowMs): string => `${stamp(atMs)} n1 ${text}\n`;
const failed = (pid: number, user = 'root'): string =>
  line(`sshd[${pid}]: Failed password for ${user} from 10.0.0.9 port ${pid} ssh2`);
const events = () => spooledItems(spool).filter((item) => item.k === 'event');
const gaps = () => spooledItems(spool).filter((item) => item.k === 'gap');
const holds = (count: number): Promise<void> =>
  expect.poll(() => events().length, { interval: 2, timeout: 30_000 }).toBe(count);
const failures = () => events().filter(({ categories }) => categories.includes('auth_failure')).length;

describe('NodeLog', { timeout: 60_000 }, () => {
  it('stores an event with everything that the line says, within the limits of the wire', async () => {
    appendFileSync(path, line('cron[7]: (root) CMD (true)') + failed(812));
    follow();
    await holds(1);
    const [event] = events();
    expect(ingestItemSchema.parse(event)).toMatchObject({
      timeNs: String(BigInt(NOW_MS) * 1_000_000n),
      source: 'node_log',
      type: 'login_failed',
      categories: ['auth_failure'],
      outcome: 'failed',
      node: 'n1',
      user: 'root',
      process: 'sshd',
      pid: 812,
      peer: '10.0.0.9',
      fields: { 'fd.rport': 812, 'log.method': 'password', 'log.file': path },
    });
  });

  it('reads each line once over restarts, rotation and an unfinished line', async () => {
    appendFileSync(path, failed(1));
    follow();
    await holds(1);
    const whole = failed(2);
    appendFileSync(path, whole.slice(0, 40));
    log?.close();
    spool.close();
    spool = openSpool();
    follow();
    appendFileSync(path, whole.slice(40));
    await holds(2);
    log?.close();
    appendFileSync(path, failed(3));
    renameSync(path, `${path}.1`);
    writeFileSync(path, failed(4));
    spool.close();
    spool = openSpool();
    follow();
    await holds(4);
    expect(events().map(({ pid }) => pid)).toEqual([1, 2, 3, 4]);
    expect(gaps()).toEqual([]);
  });

  it('keeps its place in a log that holds nothing of interest', async () => {
    appendFileSync(path, line('cron[7]: (root) CMD (true)').repeat(50));
    follow();
    await expect.poll(() => log?.counters.node_log_lines, { interval: 2 }).toBe(50);
    log?.close();
    const second = follow();
    appendFileSync(path, failed(1));
    await holds(1);
    expect(second.counters.node_log_lines).toBe(1);
  });

  it('counts each failed attempt once, though several lines tell of it', async () => {
    const told = [
      'sshd[5]: Invalid user bob from 10.0.0.9 port 5',
      'sshd[5]: pam_unix(sshd:auth): authentication failure; logname= uid=0 euid=0 tty=ssh ruser= rhost=10.0.0.9',
      'sshd[5]: Failed password for invalid user bob from 10.0.0.9 port 5 ssh2',
      'sshd[5]: Failed password for invalid user bob from 10.0.0.9 port 5 ssh2',
      'sshd[5]: error: maximum authentication attempts exceeded for invalid user bob from 10.0.0.9 port 5 ssh2 [preauth]',
      'sshd[5]: Connection closed by invalid user bob 10.0.0.9 port 5 [preauth]',
      'sshd[6]: Connection closed by authenticating user root 10.0.0.9 port 6 [preauth]',
    ];
    appendFileSync(path, told.map((text) => line(text)).join(''));
    follow();
    await holds(7);
    expect(failures()).toBe(3);
  });

  it('counts every attempt that rsyslog folded into one line', async () => {
    appendFileSync(
      path,
      line('sshd[5]: message repeated 3 times: [ Failed password for root from 10.0.0.9 port 5 ssh2]'),
    );
    follow();
    await holds(3);
    expect(failures()).toBe(3);
  });

  it('stores a line that is ahead of the clock at the time of reading, and says so', async () => {
    appendFileSync(
      path,
      line('sshd[5]: Failed password for root from 10.0.0.9 port 5 ssh2', nowMs + 3_600_000),
    );
    follow();
    await holds(1);
    expect(events()[0]).toMatchObject({
      timeNs: String(BigInt(NOW_MS) * 1_000_000n),
      fields: { 'log.time_ahead': new Date(NOW_MS + 3_600_000).toISOString() },
    });
  });

  it('leaves out what a log held a day before it was first read', async () => {
    appendFileSync(
      path,
      line('sshd[5]: Failed password for a from 10.0.0.9 port 5 ssh2', nowMs - 2 * 86_400_000),
    );
    appendFileSync(path, failed(6));
    follow();
    await holds(1);
    expect(events()[0]?.pid).toBe(6);
  });

  it('says what it cannot read and how to change that, and reads it once it may', async () => {
    const missing = follow();
    expect(missing.health).toMatchObject({ state: 'blind', detail: `${path} does not exist` });
    appendFileSync(path, failed(1));
    await holds(1);
    expect(missing.health).toMatchObject({ state: 'ok' });
    expect(missing.health.detail).toContain(`read to byte ${failed(1).length}`);
  });

  it('calls an unreadable log blind and names the remedy', () => {
    // Permissions do not hold root back; a link that leads to itself holds everybody.
    symlinkSync('auth.log', path);
    expect(follow().health).toMatchObject({ state: 'blind', fix: expect.stringContaining('adm') });
  });
});
