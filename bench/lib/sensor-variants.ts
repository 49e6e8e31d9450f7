import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { AGENT_ENV, AGENT_NODE_FLAGS } from '../../cli/lib/agent-process.ts';

const run = promisify(execFile);
const CLOCK_TICKS = 100;

export type Usage = {
  /** Processor seconds of everything the watcher runs in user space, since its start. */
  readonly cpuSeconds: number;
  readonly events: number;
  readonly dropped: number;
  readonly residentBytes: number;
};

/** A watcher under test: nothing, the sensor, or its peer. */
export type Watcher = { readonly usage: () => Promise<Usage>; readonly stop: () => Promise<void> };

export const nobody: Watcher = {
  usage: async () => ({ cpuSeconds: 0, events: 0, dropped: 0, residentBytes: 0 }),
  stop: async () => undefined,
};

export async function startOurs(probe: string, opens: 'default' | 'all'): Promise<Watcher> {
  const script = join(import.meta.dirname, 'sensor-process.ts');
  const child = spawn(process.execPath, [...AGENT_NODE_FLAGS, script, probe, opens], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, ...AGENT_ENV },
  });
  const lines = createInterface({ input: child.stdout });
  const ended = once(child, 'exit').then(() => Promise.reject(new Error('the sensor process ended')));
  ended.catch(() => undefined);
  const first = await nextLine(lines, ended);
  return {
    usage: async () => {
      child.stdin.write('\n');
      const reply = await nextLine(lines, ended);
      return {
        cpuSeconds: Number(reply.cpuSeconds) + cpuOf(Number(first.probePid)),
        events: Number(reply.events),
        dropped: Number(reply.probe_dropped),
        residentBytes: Number(reply.residentBytes) + residentOf(Number(first.probePid)),
      };
    },
    stop: async () => {
      const closed = once(child, 'close');
      child.stdin.end();
      await closed;
    },
  };
}

async function nextLine(lines: Interface, ended: Promise<never>): Promise<Record<string, unknown>> {
  const [line] = await Promise.race([once(lines, 'line'), ended]);
  return JSON.parse(String(line));
}

/** Why auditd cannot be the peer here; undefined when it can. */
export async function auditdObstacle(): Promise<string | undefined> {
  try {
    const { stdout } = await run('auditctl', ['-s']);
    const field = (name: string) => Number(new RegExp(`^${name} (\\d+)$`, 'm').exec(stdout)?.[1]);
    if (field('pid') !== 0) return `an audit daemon already runs (pid ${field('pid')})`;
    if (field('enabled') === 2) return 'the audit configuration is locked until reboot';
    if (!/^No rules/m.test((await run('auditctl', ['-l'])).stdout)) return 'audit rules are already loaded';
    await run('auditd', ['--help']).catch(() => undefined);
    return undefined;
  } catch (error) {
    return `auditctl: ${error instanceof Error ? error.message.split('\n')[0] : String(error)}`;
  }
}

const RULE = ['-a', 'always,exit', '-F', 'arch=b64'];
const CALLS = ['execve', 'execveat', 'connect', 'accept', 'accept4', 'bind', 'listen', 'unlink', 'unlinkat'];
const MORE = ['rename', 'renameat', 'renameat2', 'chmod', 'fchmod', 'fchmodat', 'setuid', 'setns', 'unshare'];
const SENSITIVE = ['/etc/shadow', '/etc/sudoers'];

/** auditd with the rules that ask for what the sensor reports: same calls, same files. */
export async function startAuditd(dir: string, opens: 'default' | 'all'): Promise<Watcher> {
  const conf = join(dir, 'audit');
  await mkdir(conf, { recursive: true });
  await writeFile(join(conf, 'auditd.conf'), auditConf(join(conf, 'audit.log')), { mode: 0o640 });
  const child = spawn('auditd', ['-n', '-s', 'nochange', '-c', conf], { stdio: 'ignore' });
  await until(async () => (await run('auditctl', ['-s'])).stdout.includes(`pid ${child.pid}\n`));
  await run('auditctl', ['-b', '65536']);
  await run('auditctl', ['--backlog_wait_time', '0']);
  await run('auditctl', ['--reset-lost']).catch(() => undefined);
  await run('auditctl', [...RULE, ...[...CALLS, ...MORE].flatMap((call) => ['-S', call])]);
  if (opens === 'all') await run('auditctl', [...RULE, '-S', 'open', '-S', 'openat', '-S', 'creat']);
  else for (const path of SENSITIVE) await run('auditctl', ['-w', path, '-p', 'rwa']);
  await run('auditctl', ['-e', '1']);
  const kauditd = (await run('pgrep', ['-x', 'kauditd'])).stdout.trim();
  const kernelBefore = cpuOf(Number(kauditd));
  return {
    usage: async () => ({
      cpuSeconds: cpuOf(child.pid ?? 0) + cpuOf(Number(kauditd)) - kernelBefore,
      events: 0,
      dropped: Number(/^lost (\d+)$/m.exec((await run('auditctl', ['-s'])).stdout)?.[1] ?? 0),
      residentBytes: residentOf(child.pid ?? 0),
    }),
    stop: async () => {
      await run('auditctl', ['-D']);
      await run('auditctl', ['-e', '0']);
      const closed = once(child, 'close');
      child.kill('SIGTERM');
      await closed;
      await run('auditctl', ['-b', '64']);
      await run('auditctl', ['--backlog_wait_time', '15000']);
    },
  };
}

function auditConf(log: string): string {
  return [
    `log_file = ${log}`,
    'log_format = RAW',
    'local_events = yes',
    'write_logs = yes',
    'flush = NONE',
    'max_log_file = 64',
    'num_logs = 2',
    'max_log_file_action = ROTATE',
    'space_left = 20',
    'space_left_action = IGNORE',
    'admin_space_left = 10',
    'admin_space_left_action = IGNORE',
    'disk_full_action = IGNORE',
    'disk_error_action = IGNORE',
    'q_depth = 20000',
    '',
  ].join('\n');
}

async function until(test: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + 10_000; !(await test()); await delay(50)) {
    if (Date.now() > end) throw new Error('auditd did not take over within 10 s');
  }
}

function cpuOf(pid: number): number {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / CLOCK_TICKS;
  } catch {
    return 0;
  }
}

function residentOf(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096;
  } catch {
    return 0;
  }
}
