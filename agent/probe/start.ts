import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import type { Ports } from '../../core/rules/probe-connects.ts';
import { SYSCALL_CODES } from '../decode/layout.ts';
import type { OPEN_RULES } from '../decode/raw.ts';
import { type ProbeRequest, requestArguments } from './request.ts';

const STOP_MS_MAX = 3_000;
const STDERR_BYTES_MAX = 16_384;

export type OpenRule = (typeof OPEN_RULES)[number];

/** What leaves the kernel; every default is the widest but failed opens, of which only denied ones are kept. */
export type ProbeOptions = {
  readonly readHost?: OpenRule;
  readonly readContainer?: OpenRule;
  readonly writeHost?: OpenRule;
  readonly writeContainer?: OpenRule;
  readonly openFailed?: 'none' | 'denied' | 'all';
  /** New sockets; \`rare\`: not of the families unix, inet, inet6 and netlink. */
  readonly sockets?: 'rare' | 'all';
  /** Server ports to which connects of host processes leave the kernel, at most 64 ranges; default all connects. */
  readonly connectPorts?: Ports;
  /** Beginnings of absolute paths for the rule `prefix`, at most 512 of 127 bytes. */
  readonly prefixes?: readonly string[];
  /** Power of two; default 16. */
  readonly bufferMiB?: number;
  readonly flushMs?: number;
};

export type RunningProbe = {
  readonly stdout: Readable;
  /** Rejects with the probe's own words when it ends unasked. */
  readonly failed: Promise<never>;
  readonly stop: () => Promise<void>;
};

// Falco's names where they differ from the kernel's tracepoints.
const HOOKS: Readonly<Record<string, readonly string[]>> = {
  umount2: ['umount'],
  umount: [],
  fchmodat: ['fchmodat', 'fchmodat2'],
};

/** Hooks for event types. exec, fork and exit are always attached; types the probe cannot see are left out. */
export function hooksFor(events: readonly string[] | undefined): readonly string[] {
  const all = Object.keys(SYSCALL_CODES);
  if (events === undefined) return all;
  const known = new Set(all);
  return [...new Set(events.flatMap((type) => HOOKS[type] ?? [type]))].filter((name) => known.has(name));
}

/** Starts the probe in a process group of its own; it leaves that group, this process and itself unwatched. */
export function startProbe(
  path: string,
  options: ProbeOptions & { readonly events?: readonly string[] | undefined },
): RunningProbe {
  const child = spawn(path, probeArguments(options), { stdio: ['ignore', 'pipe', 'pipe'], detached: true });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => {
    errors = (errors + chunk.toString('utf8')).slice(-STDERR_BYTES_MAX);
  });
  const ended = new Promise<string>((resolve) => {
    child.on('error', (error) => resolve(error.message));
    child.on('close', (code, signal) => resolve(`exit ${code ?? signal}: ${errors.trim()}`));
  });
  const failed = ended.then((reason) => {
    throw new Error(`probe: ${reason}`);
  });
  failed.catch(() => undefined); // also nobody may be listening any more
  return {
    stdout: child.stdout,
    failed,
    stop: async () => {
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), STOP_MS_MAX);
      await ended;
      clearTimeout(timer);
    },
  };
}

function probeArguments(options: Parameters<typeof startProbe>[1]): string[] {
  const { bufferMiB, flushMs } = options;
  return [
    ...requestArguments(requestFor(options)),
    '--skip-pid',
    String(process.pid),
    ...(bufferMiB === undefined ? [] : ['--buffer-mib', String(bufferMiB)]),
    ...(flushMs === undefined ? [] : ['--flush-ms', String(flushMs)]),
  ];
}

/** What a probe is asked for: event types become the kernel's names, and its own settings are left out. */
export function requestFor(
  options: ProbeOptions & { readonly events?: readonly string[] | undefined },
): ProbeRequest {
  const { events, prefixes, connectPorts, bufferMiB: _buffer, flushMs: _flush, ...filters } = options;
  return {
    ...filters,
    events: [...hooksFor(events)],
    ...(prefixes === undefined ? {} : { prefixes: [...prefixes] }),
    ...(connectPorts === undefined ? {} : { connectPorts: connectPorts.map(([from, to]) => [from, to]) }),
  };
}
