import { type ChildProcess, spawn } from 'node:child_process';
import { appendFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { WireServer } from './testing/wire-server.ts';

const ROOT = join(import.meta.dirname, '..');

let dir: string;
let server: WireServer;
let url: string;
let agent: ChildProcess | undefined;
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'agent-'));
  writeFileSync(join(dir, 'token'), 'secret\n');
  mkdirSync(join(dir, 'rules'));
  server = new WireServer();
  url = await server.start();
});
afterEach(() => {
  agent?.kill('SIGKILL');
  server.stop();
  rmSync(dir, { recursive: true, force: true });
});

/** What this machine's own logs and files tell would be counted with what a test makes. */
const AUDIT_ALONE = ['--node-logs', 'off', '--file-integrity', 'off', '--no-resources'];

function start(...sources: string[]): ChildProcess {
  agent = spawn(
    process.execPath,
    [
      join(ROOT, 'agent/entry.ts'),
      '--server',
      url,
      '--token-file',
      join(dir, 'token'),
      '--data',
      join(dir, 'data'),
      '--audit-log',
      join(dir, 'audit.log'),
      '--rules',
      join(dir, 'rules'),
      '--node',
      'n1',
      '--no-probe',
      ...(sources.length > 0 ? sources : AUDIT_ALONE),
    ],
    { stdio: ['ignore', 'ignore', 'inherit'] },
  );
  return agent;
}

function request(auditID: string, username = 'alice'): void {
  const event = {
    auditID,
    stage: 'ResponseComplete',
    verb: 'get',
    user: { username },
    responseStatus: { code: 200 },
    objectRef: { resource: 'pods', namespace: 'shop', name: 'a' },
    stageTimestamp: new Date().toISOString(),
    padding: 'x'.repeat(200),
  };
  appendFileSync(join(dir, 'audit.log'), `${JSON.stringify(event)}\n`);
}
const rule = (name: string, user: string): string =>
  `- rule: ${name}\n  desc: test\n  condition: ka.user.name=${user}\n  output: "%ka.user.name"\n  priority: ERROR\n  source: k8s_audit\n`;
const alerts = (): (string | undefined)[] =>
  server.items.map((item) => (item.k === 'event' ? item.rule : undefined));
const until = (check: () => unknown) => expect.poll(check, { timeout: 60_000, interval: 20 });

describe('the agent process', () => {
  it('delivers what it read, and ends in order within 5 s of SIGTERM', async () => {
    const child = start();
    for (let n = 0; n < 50; n += 1) request(`a-${n}`);
    await until(() => server.items.length).toBeGreaterThan(0);
    for (let n = 50; n < 100; n += 1) request(`a-${n}`);
    await until(() => server.items.length).toBe(100);
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve));
    const atMs = performance.now();
    child.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(performance.now() - atMs).toBeLessThan(5_500);
    expect(server.heartbeats[0]).toMatchObject({ node: 'n1', spool: { bytesMax: 512 * 1024 * 1024 } });
  });

  it('takes rules from the server without a restart, and says why it refuses bad ones', async () => {
    server.ruleset = { version: 'v1', files: [{ name: 'v1.yaml', text: rule('Alice reads', 'alice') }] };
    start();
    await until(() => server.heartbeats.length).toBeGreaterThan(1);
    request('a-1');
    await until(alerts).toEqual(['Alice reads']);
    server.ruleset = { version: 'v2', files: [{ name: 'v2.yaml', text: '- rule: no condition' }] };
    await until(() => server.heartbeats.at(-1)?.ruleset.refused?.version).toBe('v2');
    expect(server.heartbeats.at(-1)?.ruleset.refused?.message).toContain('v2.yaml:');
    request('a-2');
    await until(alerts).toEqual(['Alice reads', 'Alice reads']);
  });

  it('takes up a changed local rules file, and again on SIGHUP', async () => {
    const child = start();
    await until(() => server.heartbeats.length).toBeGreaterThan(0);
    const before = server.heartbeats.at(-1)?.ruleset.version;
    writeFileSync(join(dir, 'rules', 'local.yaml'), rule('Bob reads', 'bob'));
    child.kill('SIGHUP');
    await until(() => server.heartbeats.at(-1)?.ruleset.version !== before).toBe(true);
    request('b-1', 'bob');
    await until(alerts).toEqual(['Bob reads']);
  });

  it('refuses a wrong command line with all its faults and exit code 2', async () => {
    const child = spawn(
      process.execPath,
      [join(ROOT, 'agent/entry.ts'), '--server', 'nowhere', '--activity', 'x'],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    );
    let text = '';
    child.stderr.on('data', (part: Buffer) => {
      text += part.toString();
    });
    expect(await new Promise((resolve) => child.once('close', resolve))).toBe(2);
    expect(text).toMatch(/--server[\s\S]*--token-file[\s\S]*--activity/);
  });

  it('delivers what node logs, watched files and container logs tell, and says how far each is', async () => {
    const log = join(dir, 'auth.log');
    const watched = join(dir, 'etc');
    const container = join(dir, 'pods', 'shop_web-0_11111111-2222-3333-4444-555555555555', 'app');
    mkdirSync(watched);
    mkdirSync(container, { recursive: true });
    writeFileSync(join(watched, 'passwd'), 'root:x:0:0\n');
    writeFileSync(join(dir, 'log-rules.yaml'), '- name: Declined\n  pattern: declined\n');
    const stamp = (): string => new Date().toISOString();
    appendFileSync(log, `${stamp()} n1 sshd[7]: Failed password for root from 10.0.0.9 port 4 ssh2\n`);
    start(
      ...['--node-logs', log, '--file-integrity', watched],
      ...['--pod-log-rules', join(dir, 'log-rules.yaml'), '--pod-logs', join(dir, 'pods')],
    );
    const states = () =>
      Object.fromEntries(server.heartbeats.at(-1)?.preflight.map(({ name, state }) => [name, state]) ?? []);
    await expect
      .poll(states, { timeout: 60_000 })
      .toMatchObject({ node_log: 'ok', file_integrity: 'ok', pod_log: 'ok', resources: 'ok' });
    appendFileSync(join(watched, 'passwd'), 'eve:x:0:0\n');
    appendFileSync(join(container, '0.log'), `${stamp()} stdout F card declined\n`);
    const told = () =>
      server.items.flatMap((item) => (item.k === 'event' ? [`${item.source} ${item.type}`] : []));
    await expect
      .poll(told, { timeout: 60_000 })
      .toEqual(
        expect.arrayContaining(['node_log login_failed', 'file_integrity modified', 'pod_log log_match']),
      );
    const beat = server.heartbeats.length;
    await expect.poll(() => server.heartbeats.length, { timeout: 60_000 }).toBeGreaterThan(beat + 1);
    expect(server.heartbeats.at(-1)?.counters).toMatchObject({
      node_log_events_total: 1,
      integrity_changes_total: 1,
      pod_log_events_total: 1,
      node_log_lag_ms: 0,
    });
  });
});
