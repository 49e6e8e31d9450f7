import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ensureAgentBundle } from '../../cli/lib/agent-bundle.ts';
import { AGENT_ENV, AGENT_NODE_FLAGS } from '../../cli/lib/agent-process.ts';
import { loadRules } from '../../core/rules/load.ts';
import type { HeartbeatReply } from '../../core/wire/agents.ts';
import { cpuSecondsOf, residentBytesOf, shareBytesOf } from './process-usage.ts';
import type { Sink } from './sink.ts';

const SETTLED_MS_MAX = 60_000;
const READY_MS_MAX = 30_000;

export type WholeAgent = {
  readonly process: ChildProcess;
  /** Its metrics by their names without prefix. Errors: rejects while it does not answer. */
  readonly metrics: () => Promise<Readonly<Record<string, number>>>;
  /** Agent and probe. Units: seconds of user and system time since the start; bytes resident. */
  readonly usage: () => { readonly cpuSeconds: number; readonly residentBytes: number };
  readonly stop: () => Promise<void>;
};

/** The rules as the server hands them out. Errors: throws when they do not load. */
export function rulesetOf(files: readonly { name: string; text: string }[]): HeartbeatReply['ruleset'] {
  const { ruleset, results } = loadRules([...files]);
  if (ruleset === undefined) throw new Error(`rules do not load: ${JSON.stringify(results).slice(0, 400)}`);
  return { version: ruleset.version, files: [...files] };
}

/** Starts the agent as it is shipped, with all of its sources, against a sink; returns at once. */
export async function startAgent(options: {
  readonly dir: string;
  readonly probe: string;
  readonly sink: Sink;
  readonly log: 'inherit' | 'ignore';
  readonly extraArgs?: readonly string[];
}): Promise<WholeAgent> {
  const { dir, probe, sink } = options;
  await mkdir(dir, { recursive: true });
  const tokenFile = join(dir, 'token');
  await writeFile(tokenFile, 'none');
  const port = await freePort();
  const bundle = await ensureAgentBundle();
  const args = ['--server', sink.url, '--token-file', tokenFile, '--data', join(dir, 'data')];
  const child = spawn(
    process.execPath,
    [
      ...AGENT_NODE_FLAGS,
      join(bundle, 'agent.mjs'),
      ...args,
      ...['--probe', probe, '--node', 'bench', '--metrics-port', String(port)],
      ...(options.extraArgs ?? []),
    ],
    { stdio: ['ignore', options.log, options.log], env: { ...process.env, ...AGENT_ENV } },
  );
  const pid = child.pid ?? 0;
  const metrics = () => readMetrics(port);
  const all = () => [pid, ...childrenOf(pid)];
  return {
    process: child,
    metrics,
    usage: () => ({
      cpuSeconds: all().reduce((sum, one) => sum + cpuSecondsOf(one), 0),
      residentBytes: childrenOf(pid).reduce((sum, one) => sum + shareBytesOf(one), residentBytesOf(pid)),
    }),
    stop: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const closed = once(child, 'exit');
      child.kill('SIGTERM');
      await closed;
    },
  };
}

/** Waits until the sensor runs and the rules that the sink hands out are in force. Errors: after 30 s. */
export async function untilReady(agent: WholeAgent, sink: Sink): Promise<void> {
  for (const end = Date.now() + READY_MS_MAX; Date.now() < end; await delay(20)) {
    const found = await agent.metrics().catch(() => undefined);
    // The second heartbeat comes with the rules of the first one's answer.
    if (found?.processes !== undefined && sink.heartbeats >= 2) return;
  }
  throw new Error(`the agent was not ready within ${READY_MS_MAX} ms`);
}

/** Waits until what a start leaves to do is done: first looks, collections, code that is compiled. Its cost is a row of its own. */
export async function untilSettled(agent: WholeAgent): Promise<void> {
  for (const end = Date.now() + SETTLED_MS_MAX; Date.now() < end; ) {
    const before = agent.usage().cpuSeconds;
    await delay(3_000);
    if (agent.usage().cpuSeconds - before <= 0.06) return;
  }
  throw new Error(`the agent was still busy after ${SETTLED_MS_MAX} ms`);
}

async function readMetrics(port: number): Promise<Readonly<Record<string, number>>> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const lines = text.split('\n').filter((line) => line.startsWith('eyrie_agent_'));
  return Object.fromEntries(
    lines.map((line) => {
      const [name = '', value] = line.slice('eyrie_agent_'.length).split(' ');
      return [name, Number(value)];
    }),
  );
}

function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8');
    return text.trim().split(/\s+/).filter(Boolean).map(Number);
  } catch {
    return [];
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(address !== null && typeof address !== 'string' ? address.port : 0));
    });
  });
}
