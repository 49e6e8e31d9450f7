import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { contentHash } from '../../../core/rules/content-hash.ts';
import { Spool } from '../../spool/spool.ts';
import { spooledItems } from '../testing/spooled-items.ts';
import { PodLogs } from './pod-logs.ts';

const UID = '11111111-2222-3333-4444-555555555555';
const RULES = `
- name: Payment declined
  pattern: 'declined (card|account) [0-9]+'
  priority: Error
  tags: [shop]
  namespaces: shop
`;
let dir: string;
let rules: string;
let spool: Spool;
let logs: PodLogs | undefined;
let nowMs: number;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'pod-log-'));
  rules = join(dir, 'rules', 'rules.yaml');
  mkdirSync(dirname(rules));
  writeFileSync(rules, RULES);
  nowMs = Date.parse('2026-11-21T08:00:00Z');
  spool = openSpool();
});
afterEach(() => {
  logs?.close();
  spool.close();
  rmSync(dir, { recursive: true });
});

const openSpool = (): Spool => new Spool({ dir: join(dir, 'spool'), fsync: { kind: 'never' } });
function follow(): PodLogs {
  const root = join(dir, 'pods');
  const stateFile = join(dir, 'pod-log.json');
  logs = new PodLogs({
    rules: dirname(rules),
    root,
    stateFile,
    node: 'n1',
    spool,
    nowMs: () => nowMs,
    onError: () => {},
    everyMs: 10,
  });
  logs.start();
  return logs;
}
const pathOf = (namespace = 'shop', run = 0) =>
  join(dir, 'pods', `${namespace}_web-0_${UID}`, 'app', `${run}.log`);
function write(
  message: string,
  more: { namespace?: string; tag?: string; atMs?: number; run?: number } = {},
): void {
  const { namespace, tag = 'F', atMs = nowMs + 1, run } = more;
  const path = pathOf(namespace, run);
  mkdirSync(dirname(path), { recursive: true });
  appendFileSync(path, `${new Date(atMs).toISOString()} stdout ${tag} ${message}\n`);
}
const events = () => spooledItems(spool).flatMap((item) => (item.k === 'event' ? [item] : []));
const messages = () => events().map(({ fields }) => fields['log.message']);
const tells = (...expected: string[]) =>
  expect.poll(messages, { interval: 5, timeout: 30_000 }).toEqual(expected);

describe('PodLogs', { timeout: 60_000 }, () => {
  it('makes an alert of a line that a rule matches, in the containers that it selects', async () => {
    follow();
    write('declined card 77', { namespace: 'other' });
    write('accepted card 78');
    write('at noon: declined card 79 of eve');
    await tells('at noon: declined card 79 of eve');
    expect(events()[0]).toMatchObject({
      source: 'pod_log',
      rule: 'Payment declined',
      priority: 3,
      tags: ['shop'],
      namespace: 'shop',
      pod: 'web-0',
      podUid: UID,
      container: 'app',
      timeNs: String(BigInt(nowMs + 1) * 1_000_000n),
    });
    expect(logs?.health).toMatchObject({ state: 'ok', detail: '1 rules, 1 logs followed' });
  });

  it('joins the parts of a line that the runtime cut', async () => {
    follow();
    write('declined ', { tag: 'P' });
    write('card ', { tag: 'P' });
    write('79');
    await tells('declined card 79');
  });

  it('tells each match once over restarts, rotation, and a new run of the container', async () => {
    follow();
    write('declined card 1');
    await tells('declined card 1');
    logs?.close();
    spool.close();
    write('declined card 2');
    renameSync(pathOf(), `${pathOf()}.20261121-080000`);
    write('declined card 3');
    write('declined card 4', { run: 1 });
    spool = openSpool();
    follow();
    await expect
      .poll(() => messages().sort(), { interval: 5, timeout: 30_000 })
      .toEqual([1, 2, 3, 4].map((n) => `declined card ${n}`));
  });

  it('tells a match once though the agent dies before it has kept its positions', async () => {
    const state = join(dir, 'pod-log.json');
    follow();
    write('accepted card 0');
    await expect.poll(() => logs?.counters.pod_log_lines, { interval: 5, timeout: 30_000 }).toBe(1);
    logs?.close();
    const { version } = JSON.parse(readFileSync(state, 'utf8'));
    follow();
    rmSync(state);
    mkdirSync(`${state}.tmp`);
    write('declined card 1');
    await tells('declined card 1');
    logs?.close();
    rmSync(`${state}.tmp`, { recursive: true });
    const kept = spool.checkpoint('pod-log');
    expect(kept).toMatchObject({ version, positions: { [pathOf()]: { offset: expect.any(Number) } } });
    const rulesVersion = contentHash([RULES]);
    writeFileSync(state, JSON.stringify({ version, rulesVersion, fromNs: '0', positions: {} }));
    follow();
    write('declined card 2');
    await tells('declined card 1', 'declined card 2');
  });

  it('does not look at what was written before the rules came', async () => {
    write('declined card 1', { atMs: nowMs - 60_000 });
    follow();
    write('declined card 2');
    await tells('declined card 2');
  });

  it('takes changed rules at once, and keeps those before when the new ones are wrong', async () => {
    follow();
    write('declined card 1');
    await tells('declined card 1');
    writeFileSync(rules, `${RULES}- name: Broken\n  pattern: '(unclosed'\n`);
    await expect
      .poll(() => logs?.health.detail, { timeout: 30_000 })
      .toContain('rules.yaml:8:12: invalid regex');
    nowMs += 1_000;
    write('declined card 2');
    await tells('declined card 1', 'declined card 2');
    writeFileSync(rules, `${RULES}- name: Refund\n  pattern: refund\n`);
    await expect.poll(() => logs?.health.detail, { timeout: 30_000 }).toContain('2 rules');
    nowMs += 1_000;
    write('refund 3');
    await tells('declined card 1', 'declined card 2', 'refund 3');
  });

  it('holds back a flood and says how many lines it held back', async () => {
    follow();
    for (let n = 0; n < 100; n += 1) write(`declined card ${n}`);
    await expect.poll(() => events().length, { interval: 5, timeout: 30_000 }).toBe(60);
    nowMs += 60_000;
    write('declined card 100');
    await expect.poll(() => events().length, { interval: 5, timeout: 30_000 }).toBe(62);
    expect(events()[60]).toMatchObject({ type: 'log_match_more', fields: { 'log.repeated': 40 } });
  });
});
