import { appendFileSync, mkdtempSync, rmSync, truncateSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Detector } from '../detect/detector.ts';
import { Spool } from '../spool/spool.ts';
import { AuditLog } from './audit-log.ts';
import { LOG_LINE_BYTES_MAX } from './line-splitter.ts';

const NOW_MS = Date.parse('2026-11-21T08:00:00Z');
let dir: string;
let log: string;
let nowMs: number;
let spool: Spool;
let audit: AuditLog | undefined;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'audit-'));
  log = join(dir, 'audit.log');
  nowMs = NOW_MS;
  spool = openSpool();
});
afterEach(() => {
  audit?.close();
  spool.close();
  rmSync(dir, { recursive: true });
});

const openSpool = (): Spool => new Spool({ dir: join(dir, 'spool'), fsync: { kind: 'never' } });

function follow(): AuditLog {
  const detector = new Detector({ node: 'n1', ruleset: () => undefined, activity: 'off', onError: () => {} });
  audit = new AuditLog({
    path: log,
    node: 'n1',
    spool,
    detector,
    nowMs: () => nowMs,
    pollMs: 5,
    onError: () => {},
  });
  audit.start();
  return audit;
}

const line = (auditID: string, atMs = nowMs): string =>
  `${JSON.stringify({
    auditID,
    stage: 'ResponseComplete',
    verb: 'get',
    user: { username: 'alice' },
    objectRef: { resource: 'pods', namespace: 'shop', name: 'a' },
    responseStatus: { code: 200 },
    stageTimestamp: new Date(atMs).toISOString(),
    padding: 'x'.repeat(200),
  })}\n`;

type Item = {
  k: string;
  cause?: string;
  count?: number;
  startNs?: string;
  endNs?: string;
  raw?: { auditID: string };
};

function items(): Item[] {
  const found: Item[] = [];
  let after = { epoch: 0, seq: 0 };
  for (;;) {
    const batch = spool.read(after, 100_000_000);
    if (batch === undefined) return found;
    for (const text of batch.lines.toString().trimEnd().split('\n')) found.push(JSON.parse(text));
    after = { epoch: batch.epoch, seq: batch.firstSeq + batch.count - 1 };
  }
}
const ids = (): (string | undefined)[] =>
  items().flatMap(({ raw }) => (raw === undefined ? [] : [raw.auditID]));
const gaps = (): Item[] => items().filter(({ k }) => k === 'gap');
const holds = (count: number): Promise<void> =>
  expect.poll(() => items().length, { interval: 2, timeout: 30_000 }).toBe(count);

describe('AuditLog', { timeout: 60_000 }, () => {
  it('stores each event once over a restart of agent and spool', async () => {
    appendFileSync(log, line('a') + line('b'));
    follow();
    await holds(2);
    audit?.close();
    spool.close();
    appendFileSync(log, line('c'));
    spool = openSpool();
    follow();
    await holds(3);
    expect(ids()).toEqual(['a', 'b', 'c']);
  });

  it('turns lines that are no audit event into one counted gap and goes on with the next', async () => {
    appendFileSync(log, `${line('a')}{"broken\n{"auditID":7}\n${line('b')}`);
    const { counters } = follow();
    await holds(3);
    expect(ids()).toEqual(['a', 'b']);
    expect(gaps()).toMatchObject([{ cause: 'rejected', count: 2 }]);
    expect(counters.audit_rejected).toBe(2);
  });

  it('skips a line over 2 MiB, counts it, and keeps its neighbours', async () => {
    appendFileSync(log, `${line('a')}${'x'.repeat(LOG_LINE_BYTES_MAX + 1)}\n${line('b')}`);
    follow();
    await holds(3);
    expect(ids()).toEqual(['a', 'b']);
    expect(gaps()).toMatchObject([{ cause: 'rejected', count: 1 }]);
  });

  it('records the stretch in which events came late, once they come in time again', async () => {
    appendFileSync(log, line('history', nowMs - 3_600_000) + line('now'));
    follow();
    await holds(2);
    appendFileSync(log, line('late-1', nowMs - 300_000) + line('late-2', nowMs - 120_000));
    await holds(4);
    appendFileSync(log, line('in time'));
    await holds(6);
    expect(gaps()).toMatchObject([
      { cause: 'audit_lag', startNs: `${nowMs - 300_000}000000`, endNs: `${nowMs}000000` },
    ]);
  });

  it('says from when to when nothing is known after the log was truncated', async () => {
    appendFileSync(log, line('a'));
    follow();
    await holds(1);
    nowMs += 5_000;
    truncateSync(log);
    appendFileSync(log, line('b'));
    await holds(3);
    expect(gaps()).toMatchObject([
      { cause: 'audit_lost', startNs: `${NOW_MS}000000`, endNs: `${NOW_MS + 5_000}000000` },
    ]);
  });
});
