import { type ChildProcess, spawn } from 'node:child_process';
import { chmodSync, chownSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { parseJson } from '../parse-json.ts';
import { type ProbeReply, probeRequestSchema, REQUEST_BYTES_MAX, requestArguments } from './request.ts';
import { StartBudget } from './start-budget.ts';

/** The one that watches, and the one that takes over from it. */
const PROBES_MAX = 2;
const WAITING_MAX = 4;
const REQUEST_MS_MAX = 10_000;
const STOP_MS_MAX = 3_000;
const STDERR_BYTES_MAX = 2_048;

export type ProbeBrokerOptions = {
  /** The probe's binary. */
  readonly probe: string;
  /** Who may connect. */
  readonly owner: { readonly uid: number; readonly gid: number };
  /** The one process that is served: the agent, which leads its own process group. */
  readonly readerPid: () => number | undefined;
  /** Folder, of root alone, in which the socket's own folder is made. */
  readonly parentDir?: string;
  readonly nowMs?: () => number;
  readonly log: (line: string) => void;
};

export type ProbeBroker = {
  readonly socketPath: string;
  readonly stop: () => Promise<void>;
};

/**
 * Starts probes for an agent that has no right to. A connection is one probe: the agent sends a line with
 * what should leave the kernel, and gets a line back and then the frames of a probe, which writes them to
 * that connection itself. When the agent closes its side, the probe delivers the rest and ends.
 * Errors: rejects when the socket cannot be made. Whatever a client sends, it only costs that client.
 */
export async function startProbeBroker(options: ProbeBrokerOptions): Promise<ProbeBroker> {
  const { owner, parentDir = '/run', log, nowMs = () => performance.now() } = options;
  // The folder belongs to root: the agent's user cannot put something else in the socket's place.
  const dir = mkdtempSync(join(parentDir, 'eyrie-probe-'));
  const socketPath = join(dir, 'probe.sock');
  const budget = new StartBudget(nowMs());
  const running = new Map<ChildProcess, Promise<void>>();
  let starting = 0;
  let fault: string | undefined;

  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on('error', () => socket.destroy());
    readRequest(socket, (line) => answer(socket, line));
  });
  server.maxConnections = WAITING_MAX;

  function answer(socket: Socket, line: string): void {
    const request = probeRequestSchema.safeParse(parseJson(line));
    const readerPid = options.readerPid();
    if (!request.success) refuse(socket, `not a request: ${issueText(request.error)}`, 60_000);
    else if (readerPid === undefined) refuse(socket, 'there is no agent yet', 1_000);
    else if (running.size + starting >= PROBES_MAX) refuse(socket, 'two probes run already', 1_000);
    else {
      const waitMs = Math.ceil(budget.take(nowMs()));
      if (waitMs > 0) refuse(socket, fault ?? 'too many changes at once', waitMs);
      else accept(socket, [...requestArguments(request.data), ...readerArguments(readerPid)]);
    }
  }

  function accept(socket: Socket, args: readonly string[]): void {
    socket.pause();
    starting += 1;
    socket.write(replyLine({ ok: true }), () => {
      starting -= 1;
      start(socket, args);
    });
  }

  function start(socket: Socket, args: readonly string[]): void {
    if (socket.destroyed) return;
    const child = spawn(options.probe, args, {
      stdio: ['ignore', socket, 'pipe'],
      detached: true,
      cwd: '/',
      env: { NODE_ENV: 'production' },
    });
    socket.destroy(); // closes this process's end only; the probe has its own
    let errors = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      errors = (errors + chunk.toString('utf8')).slice(-STDERR_BYTES_MAX);
    });
    const ended = new Promise<void>((resolve) => {
      const end = (problem: string | undefined) => {
        running.delete(child);
        fault = problem;
        if (problem === undefined) budget.succeeded();
        else {
          budget.failed(nowMs());
          log(problem);
        }
        resolve();
      };
      child.on('error', (error) => end(error.message));
      child.on('close', (code, signal) =>
        end(code === 0 ? undefined : `exit ${code ?? signal}: ${errors.trim()}`),
      );
    });
    running.set(child, ended);
  }

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, resolve);
  });
  chownSync(socketPath, owner.uid, owner.gid);
  chmodSync(socketPath, 0o600);
  chownSync(dir, 0, owner.gid);
  chmodSync(dir, 0o710);
  return {
    socketPath,
    stop: async () => {
      server.close();
      for (const [child, ended] of running) {
        child.kill('SIGTERM');
        const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
        await ended;
        clearTimeout(timer);
      }
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The agent and what it starts stay unwatched, and nobody else gets the output. */
function readerArguments(readerPid: number): string[] {
  return ['--skip-pid', '--skip-group', '--reader-pid'].flatMap((name) => [name, String(readerPid)]);
}

/** Calls back with the first line; a client that sends none, or more, is cut off. */
function readRequest(socket: Socket, onLine: (line: string) => void): void {
  let bytes = Buffer.alloc(0);
  const timer = setTimeout(() => socket.destroy(), REQUEST_MS_MAX);
  const onData = (chunk: Buffer) => {
    bytes = Buffer.concat([bytes, chunk]);
    const end = bytes.indexOf(0x0a);
    if (end < 0 && bytes.length <= REQUEST_BYTES_MAX) return;
    clearTimeout(timer);
    socket.off('data', onData);
    if (end < 0 || end !== bytes.length - 1) refuse(socket, 'a request is one line', 60_000);
    else onLine(bytes.toString('utf8', 0, end));
  };
  socket.on('data', onData);
  socket.on('close', () => clearTimeout(timer));
}

function refuse(socket: Socket, error: string, retryMs: number): void {
  socket.end(replyLine({ ok: false, error, retryMs }), () => socket.destroy());
}

function replyLine(reply: ProbeReply): string {
  return `${JSON.stringify(reply)}\n`;
}

function issueText(error: { readonly issues: readonly { path: PropertyKey[]; message: string }[] }): string {
  const [issue] = error.issues;
  return `${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim().slice(0, 200);
}
