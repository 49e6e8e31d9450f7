import type { CaptureEvent } from './capture-event.ts';
import * as exitOnlyProcesses from './exit-only-processes.ts';
import * as exitOnlySockets from './exit-only-sockets.ts';
import { FD } from './fd-state.ts';
import * as files from './state-files.ts';
import * as ids from './state-ids.ts';
import * as processes from './state-processes.ts';
import * as sockets from './state-sockets.ts';
import type { ThreadState } from './thread-state.ts';
import type { ThreadTable } from './thread-table.ts';

/** Brings the state up to date with one event of a known thread, before anybody sees the event. */
export type Handler = (event: CaptureEvent, thread: ThreadState, table: ThreadTable) => void;

function keepsEnter(event: CaptureEvent, thread: ThreadState): void {
  thread.keepEnter(event.def.id, event.params);
}

type Entry = readonly [handler: Handler, ...ids: number[]];

/** What tells of threads. Alike in both event models. */
const COMMON_THREADS: readonly Entry[] = [
  [keepsEnter, 292, 330],
  [ids.setsidExit, 275],
  [ids.capsetExit, 353],
];

/** Descriptors, working directories and memory. Alike in both event models. */
const COMMON_REST: readonly Entry[] = [
  [keepsEnter, 2, 58, 306, 326],
  [files.openExit, 3, 59, 103, 307, 327, 337],
  [files.dupExit, 125, 363, 365, 367],
  [files.pipeExit, 61, 393],
  [files.memfdExit, 405],
  [files.chdirExit, 93, 95],
  [files.fchdirExit, 97],
  [files.creates(FD.event), 63],
  [files.creates(FD.event, true), 397],
  [files.creates(FD.signal), 127],
  [files.creates(FD.signal, true), 399],
  [files.creates(FD.timer), 137],
  [files.creates(FD.inotify), 139],
  [files.creates(FD.inotify, true), 395],
  [files.creates(FD.bpf), 369],
  [files.creates(FD.userfault), 321],
  [files.creates(FD.ioUring), 339],
  [files.creates(FD.eventpoll), 375, 377],
  [files.pidfdGetfdExit, 407],
  [files.pidfdOpenExit, 409],
  [sockets.bindExit, 21],
  [sockets.acceptExit, 27, 57, 247, 249, 389],
  [sockets.socketpairExit, 43],
  [ids.readsMemory(1), 159, 161, 163, 165],
  [ids.readsMemory(3), 152],
];

/** Enter and exit events: what an exit lacks stands in the enter event. */
const PAIRED_THREADS: readonly Entry[] = [
  [keepsEnter, 192, 194, 198, 200, 288],
  [processes.execExit, 13, 155, 173, 215, 231, 283, 289, 293, 331],
  [processes.exitEnter, 16, 186],
  [ids.changesId('uid', 1, true), 193],
  [ids.changesId('gid', 1, true), 195],
  [ids.changesId('uid', 0, false), 199],
  [ids.changesId('gid', 0, false), 201],
  [ids.prctlExit, 401],
];

const PAIRED_REST: readonly Entry[] = [
  [keepsEnter, 18, 102, 48, 104, 106, 108, 110, 98, 100],
  [files.closeEnter, 4],
  [files.closeExit, 5],
  [files.fcntlEnter, 150],
  [files.fcntlExit, 151],
  [files.usesFdAt(1), 317, 383, 333],
  [sockets.socketExit, 19],
  [sockets.connectEnter, 22],
  [sockets.connectExit, 23],
  [sockets.sendtoEnter, 30],
  [sockets.getsockoptExit, 47],
  [sockets.transferExit, 7, 9, 29, 31, 33, 35, 49, 53, 113, 115, 117, 119, 121, 123],
];

/** Exit events that carry everything. Source: libs 0.25 libsinsp parsers.cpp. */
const EXIT_ONLY_THREADS: readonly Entry[] = [
  [exitOnlyProcesses.execExit, 293, 331],
  [exitOnlyProcesses.procexit, 186],
  [ids.namesId('uid', 2), 193, 427],
  [ids.namesId('gid', 2), 195, 429],
  [ids.namesId('uid', 1), 199],
  [ids.namesId('gid', 1), 201],
  [ids.entersNamespace(1), 285],
  [ids.entersNamespace(2), 241],
  [ids.limitExit, 141, 143],
  [ids.prlimitExit, 145],
  [ids.subreaperExit, 401],
];

const EXIT_ONLY_REST: readonly Entry[] = [
  [keepsEnter, 22],
  [files.closedExit, 5],
  [files.fcntlNamedExit, 151],
  [exitOnlySockets.socketExit, 19],
  [exitOnlySockets.connectExit, 23],
  [exitOnlySockets.transferExit, 7, 9, 29, 31, 33, 35, 49, 51, 53, 55, 113, 115, 117, 119, 121, 123],
];

/** Handler of every event id that carries state; index = id. `threadsOnly`: see CaptureOptions. */
export function stateHandlers(exitOnly: boolean, threadsOnly: boolean): readonly (Handler | undefined)[] {
  const handlers: (Handler | undefined)[] = Array<undefined>(512).fill(undefined);
  const threads = [...COMMON_THREADS, ...(exitOnly ? EXIT_ONLY_THREADS : PAIRED_THREADS)];
  const rest = threadsOnly ? [] : [...COMMON_REST, ...(exitOnly ? EXIT_ONLY_REST : PAIRED_REST)];
  for (const [handler, ...list] of [...threads, ...rest]) for (const id of list) handlers[id] = handler;
  return handlers;
}
