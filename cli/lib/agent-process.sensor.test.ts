import { type ChildProcess, execFile, spawn } from 'node:child_process';
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { WireServer } from '../../agent/testing/wire-server.ts';
import { startAgent } from './agent-process.ts';
import { serviceUser } from './packages.ts';
import { agentRuntime, ownedCopy, stateDir } from './runtime.ts';
import { Supervisor } from './supervisor.ts';

const run = promisify(execFile);
const TESTING = join(import.meta.dirname, '..', '..', 'agent', 'testing');

let dir: string;
let calls: string;
let supervisor: Supervisor;
const server = new WireServer();
const until = <T>(check: () => T) => expect.poll(check, { timeout: 60_000, interval: 20 });

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'eyrie-up-'));
  chmodSync(dir, 0o755);
  calls = join(dir, 'calls');
  await run('cc', ['-O1', '-o', calls, ...['calls.c', 'acts.c'].map((name) => join(TESTING, name))]);
  mkdirSync(join(dir, 'opened'));
  mkdirSync(join(dir, 'rules'));
  writeFileSync(join(dir, 'token'), 'secret\n');
  addRule(
    'opens',
    `evt.type in (open, openat) and evt.is_open_write=true and fd.name startswith ${dir}/opened/`,
  );
  const runAs = serviceUser();
  const runtime = await agentRuntime(dir, runAs);
  supervisor = new Supervisor(join(dir, 'log'));
  await startAgent({
    supervisor,
    runtime,
    dataDir: dir,
    serverUrl: await server.start(),
    tokenFile: ownedCopy(join(dir, 'token'), join(stateDir(dir, 'secrets', runAs), 'agent-token'), runAs),
    kubeconfig: undefined,
    auditLog: undefined,
    nodeName: 'n1',
    extraArgs: [
      '--rules',
      join(dir, 'rules'),
      '--node-logs',
      'off',
      '--file-integrity',
      'off',
      '--activity',
      'off',
    ],
  });
}, 180_000);

afterAll(async () => {
  await supervisor.stop();
  process.stderr.write(supervisor.tail('agent'));
  server.stop();
  rmSync(dir, { recursive: true, force: true });
});

function addRule(name: string, condition: string): void {
  const rule = {
    rule: name,
    desc: name,
    condition,
    output: '%fd.name',
    priority: 'ERROR',
    source: 'syscall',
  };
  writeFileSync(join(dir, 'rules', `${name}.yaml`), JSON.stringify([rule]));
}

/** What the Agents page shows of an item in the newest heartbeat. */
function shown(name: string): string {
  const item = server.heartbeats.at(-1)?.preflight.find((entry) => entry.name === name);
  return `${item?.state}: ${item?.detail}`;
}

const hooks = () =>
  shown('kernel events')
    .replace(/;.*/s, '')
    .split(/[ ,:]+/);

function alerts(rule: string) {
  return server.items.flatMap((item) => (item.k === 'event' && item.rule === rule ? [item] : []));
}

/** About 250 files a second with the numbers as names, until it is told to stop; resolves to their count. */
function openSteadily(): { readonly stop: () => Promise<number> } {
  const script = `
    const { closeSync, openSync } = require('node:fs');
    let n = 0, last = process.hrtime.bigint();
    setInterval(() => {
      const due = Number((process.hrtime.bigint() - last) / 4_000_000n);
      for (let i = 0; i < due; i++) closeSync(openSync('n-' + n++, 'w'));
      last += BigInt(due) * 4_000_000n;
    }, 4);
    process.stdin.resume().on('end', () => { process.stdout.write(String(n)); process.exit(); });`;
  const child: ChildProcess = spawn(process.execPath, ['-e', script], {
    cwd: join(dir, 'opened'),
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let count = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    count += chunk.toString();
  });
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  return {
    stop: async () => {
      child.stdin?.end();
      await ended;
      return Number(count);
    },
  };
}

test('attaches what a changed rules file needs, and neither loses nor doubles an event meanwhile', async () => {
  await until(() => shown('syscall')).toBe('ok: the kernel sensor runs');
  await until(hooks).toContain('openat');
  expect(hooks()).not.toContain('tgkill');
  const opens = openSteadily();
  await until(() => alerts('opens').length).toBeGreaterThan(100);

  await run(calls, ['tgkill']);
  addRule('tgkill', `evt.type = tgkill and proc.exe = ${calls}`);
  await until(hooks).toContain('tgkill');
  expect(shown('syscall')).toBe('ok: the kernel sensor runs');
  await run(calls, ['tgkill']);
  await until(() => alerts('tgkill').length).toBe(1);

  rmSync(join(dir, 'rules', 'tgkill.yaml'));
  await until(hooks).not.toContain('tgkill');
  const seenBefore = alerts('opens').length;
  await until(() => alerts('opens').length).toBeGreaterThan(seenBefore + 250);

  const count = await opens.stop();
  const names = () => alerts('opens').map((item) => item.object?.replace(/^.*n-/, ''));
  await until(() => names().includes(String(count - 1))).toBe(true);
  expect(names()).toEqual(Array.from({ length: count }, (_, n) => String(n)));
  expect(server.items.filter((item) => item.k === 'gap')).toEqual([]);
}, 180_000);

test('leaves neither the agent nor the probe any right', async () => {
  const { stdout } = await run('pgrep', ['-P', String(process.pid)]);
  const started = stdout
    .trim()
    .split('\n')
    .map((pid) => ({
      exe: readlinkSync(`/proc/${pid}/exe`),
      status: readFileSync(`/proc/${pid}/status`, 'utf8'),
    }))
    .filter(({ exe }) => exe.startsWith(dir) || exe.endsWith('/probe'));
  expect(started.map(({ exe }) => exe.replace(/^.*[/-]/, '')).sort()).toEqual(['node', 'probe']);
  for (const { exe, status } of started) {
    expect(status).toMatch(new RegExp(`^Uid:\\t${exe.endsWith('/probe') ? 0 : serviceUser().uid}\\t`, 'm'));
    for (const set of ['CapPrm', 'CapEff', 'CapBnd'])
      expect(status).toMatch(new RegExp(`^${set}:\\t0+$`, 'm'));
  }
});
