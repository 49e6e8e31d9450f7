import { decodeRecord } from '../../agent/decode/decode.ts';
import { FrameSplitter } from '../../agent/decode/frames.ts';
import { HEADER, KIND, MAGIC, SYSCALL, SYSCALL_CODES } from '../../agent/decode/layout.ts';
import { ContainerRegistry } from '../../agent/enrich/containers.ts';
import { Enricher } from '../../agent/enrich/enricher.ts';
import { procFs } from '../../agent/enrich/proc-fs.ts';
import { ProcessTree } from '../../agent/enrich/processes.ts';
import { hostUsers } from '../../agent/enrich/users.ts';

const CHUNK_BYTES = 64 * 1024;
const PROCESSES = 50;

/** Microseconds of one core per event from bytes to enriched event: split, decode, thread, paths, event. */
export function measureDecode(events: number): { readonly usPerEvent: number; readonly perSecond: number } {
  const stream = makeStream(events);
  let delivered = 0;
  const containers = new ContainerRegistry({
    hasSource: () => false,
    podByUid: () => undefined,
    onFill: () => undefined,
    onFail: () => undefined,
  });
  const processes = new ProcessTree({
    proc: procFs('/proc', () => 0n),
    users: hostUsers(),
    wallOffsetNs: () => 0n,
    cgroupPath: (id) => containers.cgroupPath(id),
    containerOf: (cgroup) => containers.ofCgroup(cgroup),
  });
  const enricher = new Enricher({
    processes,
    containers,
    wallOffsetNs: () => 0n,
    wanted: () => true,
    onEvent: () => {
      delivered++;
    },
  });
  const splitter = new FrameSplitter((payload) => {
    const record = decodeRecord(payload);
    if (record !== undefined && record.kind !== 'hello' && record.kind !== 'drops') enricher.handle(record);
  });
  const before = process.cpuUsage();
  for (let at = 0; at < stream.length; at += CHUNK_BYTES)
    splitter.push(stream.subarray(at, at + CHUNK_BYTES));
  const { user, system } = process.cpuUsage(before);
  if (delivered !== events) throw new Error(`${delivered} of ${events} events came through`);
  const usPerEvent = (user + system) / events;
  return { usPerEvent, perSecond: Math.round(1e6 / usPerEvent) };
}

/** Opens by 50 processes, half of them relative, in the probe's own layout. */
function makeStream(events: number): Buffer {
  const frames: Buffer[] = [];
  for (let n = 0; n < events; n++) {
    const path = n % 2 === 0 ? `/var/lib/app/data-${n % 1000}.db\0` : `data-${n % 1000}.db\0`;
    const base = n % 2 === 0 ? '' : 'app\0lib\0var\0';
    const length = SYSCALL.size + path.length + base.length;
    const frame = Buffer.alloc(4 + length);
    frame.writeUInt32LE(length);
    const p = frame.subarray(4);
    const pid = 900_000 + (n % PROCESSES);
    p.writeUInt32LE(MAGIC, HEADER.magic);
    p.writeUInt16LE(KIND.syscall, HEADER.kind);
    p.writeBigUInt64LE(BigInt(n) * 1_000n, HEADER.ktime_ns);
    p.writeBigUInt64LE(1n, HEADER.cgroup_id);
    p.writeBigInt64LE(3n, HEADER.res);
    p.writeUInt32LE(pid, HEADER.tgid);
    p.writeUInt32LE(pid, HEADER.tid);
    p.writeUInt16LE(SYSCALL_CODES.openat, HEADER.syscall);
    p.write('worker', HEADER.comm);
    p.writeUInt16LE(path.length, SYSCALL.len);
    p.writeUInt16LE(base.length, SYSCALL.len + 2);
    p.write(path + base, SYSCALL.size);
    frames.push(frame);
  }
  return Buffer.concat(frames);
}
