import { decodeRecord } from '../../agent/decode/decode.ts';
import { FrameSplitter } from '../../agent/decode/frames.ts';
import {
  EXEC,
  FORK,
  FRAME_BYTES_MAX,
  HEADER,
  KIND,
  MAGIC,
  SOCKET,
  SYSCALL,
  SYSCALL_CODES,
} from '../../agent/decode/layout.ts';
import { ContainerRegistry } from '../../agent/enrich/containers.ts';
import { Enricher } from '../../agent/enrich/enricher.ts';
import { procFs } from '../../agent/enrich/proc-fs.ts';
import { ProcessTree } from '../../agent/enrich/processes.ts';
import type { SyscallEvent } from '../../core/events/syscall.ts';
import type { Random } from './fuzz-random.ts';

const CODES = Object.values(SYSCALL_CODES);
const SIZES: Readonly<Record<number, number>> = {
  [KIND.exec]: EXEC.size,
  [KIND.fork]: FORK.size,
  [KIND.syscall]: SYSCALL.size,
  [KIND.socket]: SOCKET.size,
};
const TEXTS = [
  '/etc/shadow',
  'sh',
  '-c',
  '..',
  '/',
  '',
  'a/../../b',
  '\xff\xfe',
  'kubepods-pod1.slice',
  '{"v":1}',
  '<b>',
];
const PIDS = 64;
const HEADER_DAMAGED_ONE_IN = 40;

/** A few frames in the probe's layout, with numbers, lengths and texts that do not fit together, cut or damaged. */
export function mutateFrames(random: Random): Buffer {
  const frames: Buffer[] = [];
  for (let n = 1 + random.int(3); n > 0; n--) frames.push(frame(random));
  const bytes = Buffer.concat(frames);
  if (random.chance(6) && bytes.length > 0) bytes[random.int(bytes.length)] = random.int(256);
  return random.chance(12) ? bytes.subarray(0, random.int(bytes.length)) : bytes;
}

function frame(random: Random): Buffer {
  const kind = random.chance(HEADER_DAMAGED_ONE_IN) ? random.int(65_536) : random.pick(Object.values(KIND));
  const size = SIZES[kind] ?? HEADER.size;
  const data = Buffer.from(texts(random), 'latin1');
  const payload = Buffer.alloc(size + data.length);
  for (let at = 0; at < size; at++) if (random.chance(3)) payload[at] = random.int(256);
  payload.set(data, size);
  payload.writeUInt32LE(MAGIC, HEADER.magic);
  payload.writeUInt16LE(kind, HEADER.kind);
  // Few processes: what one call leaves behind is met by the next.
  payload.writeUInt32LE(1 + random.int(PIDS), HEADER.tgid);
  payload.writeUInt32LE(1 + random.int(PIDS), HEADER.tid);
  if (kind === KIND.syscall || kind === KIND.socket)
    payload.writeUInt16LE(random.pick(CODES), HEADER.syscall);
  lengths(random, kind, payload, data.length);
  const length = Buffer.alloc(4);
  length.writeUInt32LE(
    random.chance(HEADER_DAMAGED_ONE_IN) ? random.int(2 * FRAME_BYTES_MAX) : payload.length,
  );
  return Buffer.concat([length, payload]);
}

function texts(random: Random): string {
  let out = '';
  for (let n = random.int(8); n > 0; n--) out += `${random.pick(TEXTS)}${random.chance(8) ? '' : '\0'}`;
  return out;
}

/** Lengths that add up to the data most of the time: otherwise the decoder refuses at once. */
function lengths(random: Random, kind: number, payload: Buffer, data: number): void {
  const places: Readonly<Record<number, readonly number[]>> = {
    [KIND.exec]: [EXEC.args_len, EXEC.filename_len, EXEC.exe_len, EXEC.cwd_len, EXEC.env_len],
    [KIND.syscall]: [0, 2, 4, 6].map((at) => SYSCALL.len + at),
  };
  let left = data;
  for (const at of places[kind] ?? []) {
    const taken = random.chance(30) ? random.int(65_536) : random.int(left + 1);
    payload.writeUInt16LE(taken, at);
    left = Math.max(0, left - taken);
  }
}

/** The agent's way from bytes to events, kept for all inputs: what it holds must stay bounded. */
export class FrameReader {
  readonly #splitter: FrameSplitter;
  #onEvent: (event: SyscallEvent) => void = () => undefined;

  constructor() {
    const containers = new ContainerRegistry({
      hasSource: () => false,
      podByUid: () => undefined,
      onFill: () => undefined,
      onFail: () => undefined,
    });
    const processes = new ProcessTree({
      proc: procFs('/nonexistent', () => 0n),
      users: { userName: () => undefined, groupName: () => undefined },
      wallOffsetNs: () => 0n,
      cgroupPath: (id) => containers.cgroupPath(id),
      containerOf: (cgroup) => containers.ofCgroup(cgroup),
    });
    const enricher = new Enricher({
      processes,
      containers,
      wallOffsetNs: () => 0n,
      wanted: () => true,
      onEvent: (event) => this.#onEvent(event),
    });
    this.#splitter = new FrameSplitter((payload) => {
      const record = decodeRecord(payload);
      if (record !== undefined && record.kind !== 'hello' && record.kind !== 'drops') enricher.handle(record);
    });
  }

  push(bytes: Buffer, onEvent: (event: SyscallEvent) => void): void {
    this.#onEvent = onEvent;
    this.#splitter.push(bytes);
  }
}
