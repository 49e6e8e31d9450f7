import type { Role } from '../../core/wire/auth.ts';
import {
  ARTIFACT_BYTES_MAX,
  CAPTURE_SECONDS_MAX,
  type CommandKind,
  type CommandParams,
  type CommandTarget,
  FREEZE_SECONDS_MAX,
} from '../../core/wire/commands.ts';

/** What each kind of command declares to people and to the machinery. */
export type CommandDefinition = {
  readonly role: Exclude<Role, 'viewer'>;
  readonly defaults: CommandParams;
  readonly secondsMax: number;
  /** Upper limit of the run on the node, in milliseconds. */
  readonly runMs: (params: CommandParams) => number;
  readonly effect: (target: string, params: CommandParams) => string;
  readonly reads: readonly string[];
  readonly undo: string;
  /** Changes what runs on the node: then protected targets are refused. */
  readonly disruptive: boolean;
  /** Past tense for timelines. */
  readonly done: (target: string) => string;
  /** After `tried to`. */
  readonly verb: string;
};

const NOTHING_TO_UNDO = 'Nothing to undo: it only reads.';
const PROC = '/proc: numbers, parents, programs, arguments, users, start times and sockets of the processes';

export const COMMANDS: Record<CommandKind, CommandDefinition> = {
  process_snapshot: {
    role: 'responder',
    defaults: {},
    secondsMax: 0,
    runMs: () => 30_000,
    effect: (target) =>
      `The agent lists every process of ${target} with its parent, user, arguments and sockets. Nothing on the node changes.`,
    reads: [PROC],
    undo: NOTHING_TO_UNDO,
    disruptive: false,
    done: (target) => `took a process snapshot of ${target}`,
    verb: 'take a process snapshot of',
  },
  collect_evidence: {
    role: 'responder',
    defaults: {},
    secondsMax: 0,
    runMs: () => 120_000,
    effect: (target) =>
      `The agent packs what is known of ${target} into one archive with a SHA-256 of every file. Nothing on the node changes.`,
    reads: [
      PROC,
      'Memory maps, status and open files of each process, SHA-256 of its program',
      'Names of environment variables; their values are left out',
      'The last 1 MiB of each container log under /var/log/pods',
      'Recent events of the pod that the agent holds',
    ],
    undo: NOTHING_TO_UNDO,
    disruptive: false,
    done: (target) => `collected evidence of ${target}`,
    verb: 'collect evidence of',
  },
  record_capture: {
    role: 'responder',
    defaults: { seconds: 30, bytesMax: 16 * 1024 * 1024 },
    secondsMax: CAPTURE_SECONDS_MAX,
    runMs: ({ seconds = 0 }) => seconds * 1_000 + 90_000,
    effect: (target, { seconds = 0 }) =>
      `The agent records the system calls of ${target} for ${seconds} s into a capture file that sysdig opens. Processes go on undisturbed.`,
    reads: [
      'System calls with their arguments: paths, addresses, command lines. No content of files or packets',
    ],
    undo: NOTHING_TO_UNDO,
    disruptive: false,
    done: (target) => `recorded a capture of ${target}`,
    verb: 'record a capture of',
  },
  freeze: {
    role: 'responder',
    defaults: { seconds: 900 },
    secondsMax: FREEZE_SECONDS_MAX,
    runMs: () => 30_000,
    effect: (target, { seconds = 0 }) =>
      `Every process of ${target} stops where it is and keeps memory and connections. It goes on when somebody thaws it, or by itself after ${duration(seconds)}.`,
    reads: ['/proc, to find the processes and their cgroups'],
    undo: 'Thaw: the processes go on where they stopped. Connections may have timed out meanwhile, and probes may restart the container.',
    disruptive: true,
    done: (target) => `froze ${target}`,
    verb: 'freeze',
  },
  thaw: {
    role: 'responder',
    defaults: {},
    secondsMax: 0,
    runMs: () => 30_000,
    effect: (target) => `The processes of ${target} that were frozen go on where they stopped.`,
    reads: [],
    undo: 'Freeze it again.',
    disruptive: false,
    done: (target) => `thawed ${target}`,
    verb: 'thaw',
  },
  kill: {
    role: 'admin',
    defaults: {},
    secondsMax: 0,
    runMs: () => 30_000,
    effect: (target) =>
      `Ends ${target} and every descendant at once (SIGKILL). What they held in memory is lost. It cannot be undone.`,
    reads: ['/proc, to find the descendants and to compare start times'],
    undo: 'Not possible. Collect evidence first.',
    disruptive: true,
    done: (target) => `killed ${target}`,
    verb: 'kill',
  },
};

/** Time for the agent to fetch a command; heartbeats come every 5 s. */
export const DELIVER_MS = 60_000;
/** Open commands of one agent at a time. */
export const OPEN_MAX = 8;

export function paramsWithDefaults(kind: CommandKind, params: CommandParams): CommandParams {
  const { defaults, secondsMax } = COMMANDS[kind];
  const seconds = params.seconds ?? defaults.seconds;
  const bytesMax = params.bytesMax ?? defaults.bytesMax;
  return {
    ...(seconds === undefined || secondsMax === 0 ? {} : { seconds: Math.min(seconds, secondsMax) }),
    ...(bytesMax === undefined || kind !== 'record_capture'
      ? {}
      : { bytesMax: Math.min(bytesMax, ARTIFACT_BYTES_MAX) }),
  };
}

export function commandTargetName(target: CommandTarget): string {
  if (target.kind === 'pod') return `${target.namespace}/${target.name}`;
  return target.kind === 'node' ? target.name : `process ${target.pid} on ${target.node}`;
}

/** Limits of a command as the preview shows them. */
export function limits(kind: CommandKind, params: CommandParams): { label: string; value: string }[] {
  const { seconds, bytesMax } = params;
  const facts: { label: string; value: string }[] = [];
  if (kind === 'record_capture') facts.push({ label: 'recorded', value: duration(seconds ?? 0) });
  if (kind === 'freeze') facts.push({ label: 'until it thaws by itself', value: duration(seconds ?? 0) });
  if (bytesMax !== undefined)
    facts.push({ label: 'at most, then it ends', value: `${Math.round(bytesMax / 1024 / 1024)} MiB` });
  facts.push({ label: 'time limit on the node', value: duration(COMMANDS[kind].runMs(params) / 1_000) });
  return facts;
}

function duration(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  return seconds < 7_200 ? `${Math.round(seconds / 60)} min` : `${Math.round(seconds / 3_600)} h`;
}
