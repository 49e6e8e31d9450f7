import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import type { IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { heartbeatSchema } from '../../core/wire/agents.ts';
import {
  type AgentCommand,
  agentCommandsSchema,
  type CommandReport,
  commandReportSchema,
} from '../../core/wire/commands.ts';
import { LocalServer } from '../testing/local-server.ts';
import type { Snapshot } from './snapshot.ts';

const ROOT = join(import.meta.dirname, '..', '..');

/** The server's side of the command endpoints; every word of the agent is checked against the contract. */
class WireServer extends LocalServer {
  readonly reports: { id: string; report: CommandReport }[] = [];
  readonly chunks = new Map<string, Buffer[]>();
  readonly cancel: string[] = [];
  commands: AgentCommand[] = [];
  capabilities: unknown = undefined;
  goOn = true;
  /** While true every request fails. */
  down = false;

  protected override answer(req: IncomingMessage, body: Buffer): unknown {
    const url = req.url ?? '';
    if (this.down) return undefined;
    if (url.endsWith('/heartbeat')) {
      const { agentId, epoch, commands } = heartbeatSchema.parse(JSON.parse(body.toString()));
      this.capabilities = commands;
      expect([agentId.length, epoch > 0]).toEqual([36, true]);
      return {
        serverTime: new Date().toISOString(),
        clusterId: 'default',
        ackedSeq: 0,
        activity: 'off',
        commands: true,
      };
    }
    if (url.endsWith('/ingest'))
      return { ackedSeq: 0, accepted: 0, duplicate: 0, rejected: [], backoffMs: 0 };
    const [, , id = '', artifact] =
      /\/agents\/([^/]+)\/commands(?:\/([^/?]+))?(\/artifact\?index=\d+)?$/.exec(url) ?? [];
    if (id === '') return agentCommandsSchema.parse({ commands: this.commands, cancel: this.cancel });
    if (artifact !== undefined) {
      this.chunks.set(id, [...(this.chunks.get(id) ?? []), body]);
      return { goOn: true };
    }
    this.reports.push({ id, report: commandReportSchema.parse(JSON.parse(body.toString())) });
    return { goOn: this.goOn };
  }

  /** How a command ended. */
  end(id: string): CommandReport | undefined {
    return this.reports.find((one) => one.id === id && one.report.state !== 'running')?.report;
  }
}

let dir: string;
let server: WireServer;
let url: string;
const children: ChildProcess[] = [];
beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'agent-commands-'));
  writeFileSync(join(dir, 'token'), 'secret\n');
  server = new WireServer();
  url = await server.start();
});
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  server.stop();
  rmSync(dir, { recursive: true, force: true });
});

function start(): ChildProcess {
  mkdirSync(join(dir, 'rules'), { recursive: true });
  const options = {
    server: url,
    'token-file': join(dir, 'token'),
    data: join(dir, 'data'),
    rules: join(dir, 'rules'),
    node: 'n1',
  };
  const args = Object.entries(options).flatMap(([name, value]) => [`--${name}`, value]);
  const child = spawn(process.execPath, [join(ROOT, 'agent/entry.ts'), ...args, '--no-probe'], {
    stdio: 'ignore',
  });
  children.push(child);
  return child;
}

let counter = 0;
const newId = () => `00000000-0000-4000-8000-${String(++counter).padStart(12, '0')}`;
function command(change: Partial<AgentCommand>): AgentCommand {
  return {
    id: newId(),
    kind: 'process_snapshot',
    target: { kind: 'node', name: 'n1' },
    params: {},
    scope: { podUid: null, containerIds: [] },
    undoOf: null,
    remainingMs: 30_000,
    ...change,
  };
}
const until = (check: () => unknown) => expect.poll(check, { timeout: 60_000, interval: 20 });

describe('the agent', () => {
  it('says what it can do, takes a snapshot of the node once however often it is delivered', async () => {
    const one = command({});
    server.commands = [one];
    start();
    await until(() => server.end(one.id)?.state).toBe('done');
    expect(server.capabilities).toContainEqual(
      expect.objectContaining({ kind: 'process_snapshot', available: true }),
    );
    const artifact = server.end(one.id)?.artifact;
    const bytes = Buffer.concat(server.chunks.get(one.id) ?? []);
    expect(createHash('sha256').update(bytes).digest('hex')).toBe(artifact?.sha256);
    const snapshot = JSON.parse(bytes.toString()) as Snapshot;
    const self = snapshot.processes.find(({ pid }) => pid === process.pid);
    expect(self).toMatchObject({ ppid: process.ppid, exe: process.execPath });
    expect(
      Math.abs(Date.parse(self?.startedAt ?? '') - (Date.now() - process.uptime() * 1_000)),
    ).toBeLessThan(3_000);
    const port = new URL(url).port;
    expect(
      self?.sockets?.some(({ local, state }) => local === `127.0.0.1:${port}` && state === 'listen'),
    ).toBe(true);
    // The command is still handed out: the next heartbeats bring it again.
    const two = command({});
    server.commands = [one, two];
    await until(() => server.end(two.id)?.state).toBe('done');
    expect(
      server.reports.filter(({ id, report }) => id === one.id && report.state === 'running'),
    ).toHaveLength(1);
  });

  it('does nothing without the leave of the server', async () => {
    server.goOn = false;
    const one = command({});
    server.commands = [one];
    start();
    await until(() => server.end(one.id)?.state).toBe('cancelled');
    expect(server.chunks.size).toBe(0);
  });

  it('reports what a restart cut off as failed, and does not begin it again', async () => {
    const one = command({});
    mkdirSync(join(dir, 'data', 'commands'), { recursive: true });
    writeFileSync(
      join(dir, 'data', 'commands', 'commands.json'),
      JSON.stringify([{ id: one.id, sent: false }]),
    );
    server.commands = [one];
    start();
    await until(() => server.end(one.id)?.error).toContain('restarted');
    expect(server.reports.filter(({ report }) => report.state === 'running')).toEqual([]);
  });

  it('sends a result that the server could not take when it can again', async () => {
    const one = command({});
    server.commands = [one];
    const child = start();
    await until(() => server.reports.length).toBeGreaterThan(0);
    server.down = true;
    await until(() => existsSync(join(dir, 'data', 'commands', 'commands.json'))).toBe(true);
    child.kill('SIGKILL');
    server.down = false;
    start();
    await until(() => server.end(one.id)?.state).toMatch(/done|failed/);
  });

  it('says that a pod has no process here, and leaves nothing behind', async () => {
    const none = command({
      kind: 'collect_evidence',
      target: { kind: 'pod', namespace: 'shop', name: 'web-1' },
      scope: { podUid: 'no', containerIds: [] },
    });
    server.commands = [none];
    start();
    await until(() => server.end(none.id)?.error).toMatch(/No process of this pod|without capabilities/);
    expect(readFileSync(join(dir, 'data', 'commands', 'commands.json'), 'utf8')).toContain(none.id);
    expect(execFileSync('ls', [join(dir, 'data', 'commands')]).toString()).not.toContain(none.id);
  });
});
