import { createHash } from 'node:crypto';
import { createReadStream, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { AgentCommand } from '../../core/wire/commands.ts';
import { counted } from './counted.ts';
import { podLogs } from './pod-logs.ts';
import type { Proc } from './proc.ts';
import type { RecentEvents } from './recent-events.ts';
import { CommandError } from './scope.ts';
import { takeSnapshot } from './snapshot.ts';
import { TarWriter } from './tar.ts';

const TEXT_BYTES_MAX = 1024 * 1024;
const FDS_MAX = 4_096;
const PROCESSES_MAX = 512;
/** Before compression; text packs to a tenth. */
const TOTAL_BYTES_MAX = 96 * 1024 * 1024;
const EXE_BYTES_MAX = 512 * 1024 * 1024;

export type EvidenceInput = {
  readonly proc: Proc;
  readonly node: string;
  readonly command: AgentCommand;
  readonly dir: string;
  readonly signal: AbortSignal;
  readonly recent: RecentEvents;
  readonly logsDir?: string;
};

/**
 * Packs what is known of a pod into evidence-….tar.gz, `manifest.json` last with the SHA-256 of every file.
 * Values of environment variables are never read into it. Errors: CommandError when no process runs.
 */
export async function collectEvidence(
  input: EvidenceInput,
): Promise<{ readonly file: string; readonly summary: string; readonly notes: readonly string[] }> {
  const { proc, node, command, dir, signal, recent } = input;
  const { target } = command;
  if (target.kind !== 'pod') throw new CommandError('Evidence is collected of pods.');
  const now = new Date();
  const snapshot = takeSnapshot(proc, node, command);
  const notes = [...snapshot.notes];
  const stamp = now.toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
  const file = join(dir, `evidence-${target.name.slice(0, 80)}-${stamp}Z.tar.gz`);
  const tar = new TarWriter(file, now);
  await tar.add('processes.json', JSON.stringify(snapshot, null, 1));
  const exes = new ExeHashes();
  let total = 0;
  for (const { pid, startTicks } of snapshot.processes.slice(0, PROCESSES_MAX)) {
    signal.throwIfAborted();
    if (total > TOTAL_BYTES_MAX) {
      notes.push(`Details of process ${pid} and later ones are left out: the archive is full.`);
      break;
    }
    const files = await processFiles(proc, pid, exes);
    // The number may have gone to another process while it was read.
    if (proc.read(pid)?.startTicks !== startTicks) {
      notes.push(`Process ${pid} ended while it was read.`);
      continue;
    }
    for (const [name, content] of files) {
      total += content.length;
      await tar.add(`proc/${pid}/${name}`, content);
    }
  }
  if (snapshot.processes.length > PROCESSES_MAX)
    notes.push(`Details of ${PROCESSES_MAX} of ${snapshot.processes.length} processes.`);
  const logs = podLogs({ ...target, uid: command.scope.podUid }, input.logsDir);
  notes.push(...logs.notes);
  for (const { name, bytes } of logs.tails) await tar.add(`logs/${name.slice(0, 90)}`, bytes);
  const events = recent.ofPod(target.namespace, target.name);
  await tar.add('events.ndjson', events.map((event) => `${JSON.stringify(event)}\n`).join(''));
  const { entries } = tar;
  const manifest = {
    command: command.id,
    kind: command.kind,
    target,
    node,
    takenAt: now.toISOString(),
    notes,
    files: [...entries],
  };
  await tar.add('manifest.json', JSON.stringify(manifest, null, 1));
  await tar.close();
  const facts = [
    counted(snapshot.processes.length, 'process', 'processes'),
    counted(logs.tails.length, 'log'),
    `${counted(events.length, 'event')} in ${counted(entries.length, 'file')}`,
  ];
  const summary = facts.join(', ');
  return { file, summary, notes };
}

async function processFiles(proc: Proc, pid: number, exes: ExeHashes): Promise<[string, string][]> {
  const dir = `${proc.root}/${pid}`;
  const files: [string, string][] = [];
  for (const name of ['status', 'maps', 'cgroup', 'mountinfo']) {
    const text = proc.text(`${dir}/${name}`);
    if (text !== undefined) files.push([name, text.slice(0, TEXT_BYTES_MAX)]);
  }
  const environ = proc.text(`${dir}/environ`);
  if (environ !== undefined) files.push(['environ-names', environNames(environ)]);
  const fds = descriptors(proc, dir);
  if (fds !== undefined) files.push(['fds', fds]);
  const hash = await exes.of(`${dir}/exe`);
  if (hash !== undefined) files.push(['exe.sha256', `${hash}  ${proc.link(`${dir}/exe`) ?? ''}\n`]);
  return files;
}

/** Names alone, one a line: values are where secrets are. */
export function environNames(environ: string): string {
  const names = environ
    .split('\0')
    .filter((pair) => pair.includes('='))
    .map((pair) =>
      pair
        .slice(0, pair.indexOf('='))
        .slice(0, 256)
        .replaceAll(/[^\x20-\x7e]/g, '?'),
    );
  return names.map((name) => `${name}=<redacted>\n`).join('');
}

function descriptors(proc: Proc, dir: string): string | undefined {
  try {
    const names = readdirSync(`${dir}/fd`).slice(0, FDS_MAX);
    return names.map((name) => `${name} -> ${proc.link(`${dir}/fd/${name}`) ?? '?'}\n`).join('');
  } catch {
    return undefined;
  }
}

/** SHA-256 of programs; hundreds of processes run the same few. */
class ExeHashes {
  readonly #known = new Map<string, string | undefined>();

  async of(path: string): Promise<string | undefined> {
    try {
      const { dev, ino, size, mtimeMs } = statSync(path);
      const key = `${dev}:${ino}:${size}:${mtimeMs}`;
      if (!this.#known.has(key))
        this.#known.set(key, size > EXE_BYTES_MAX ? undefined : await hashFile(path));
      return this.#known.get(key);
    } catch {
      return undefined; // a thread of the kernel, or one that ended
    }
  }
}

async function hashFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const part of createReadStream(path)) hash.update(part as Buffer);
  return hash.digest('hex');
}
