import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { corpusText } from '../../rulesets/cases/corpus.ts';
import { cpuSecondsOf, residentBytesOf } from './process-usage.ts';
import { Sink } from './sink.ts';
import { rulesetOf, startAgent, untilReady, untilSettled } from './whole-agent.ts';

const run = promisify(execFile);

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

const STABLE = 'upstream-rules/falco_rules.yaml';
/** Makes every open an event that the rules must see: what they ask of it, the kernel cannot decide. */
const ALL_OPENS = `- rule: Every open
  desc: Asks for each open, and matches none.
  condition: evt.type in (open, openat, openat2, creat) and fd.name contains no-such-name-in-any-path
  output: never
  priority: DEBUG
`;

/** The agent as it is shipped, with the upstream stable rules; `all` adds a rule that asks for every open. */
export async function startOurs(dir: string, probe: string, opens: 'default' | 'all'): Promise<Watcher> {
  const stable = { name: 'falco_rules.yaml', text: corpusText(STABLE) };
  const files = opens === 'all' ? [stable, { name: 'every-open.yaml', text: ALL_OPENS }] : [stable];
  const sink = new Sink({ onItem: () => undefined, ruleset: rulesetOf(files) });
  await sink.open();
  const agent = await startAgent({ dir: await mkdtemp(join(dir, 'agent-')), probe, sink, log: 'ignore' });
  await untilReady(agent, sink);
  await untilSettled(agent);
  return {
    usage: async () => {
      const { syscall_events_total: events, probe_dropped_total: dropped } = await agent.metrics();
      return { ...agent.usage(), events: events ?? Number.NaN, dropped: dropped ?? Number.NaN };
    },
    stop: async () => {
      await agent.stop();
      await sink.close();
    },
  };
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
  const kernelBefore = cpuSecondsOf(Number(kauditd));
  return {
    usage: async () => ({
      cpuSeconds: cpuSecondsOf(child.pid ?? 0) + cpuSecondsOf(Number(kauditd)) - kernelBefore,
      events: 0,
      dropped: Number(/^lost (\d+)$/m.exec((await run('auditctl', ['-s'])).stdout)?.[1] ?? 0),
      residentBytes: residentBytesOf(child.pid ?? 0),
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
