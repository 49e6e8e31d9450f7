import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteCursor } from './byte-cursor.ts';
import { CaptureReader } from './capture-reader.ts';
import { CaptureWriter } from './capture-writer.ts';
import type { FdEntry, ProcessEntry } from './capture-writer-lists.ts';
import type { ParamInput } from './capture-writer-params.ts';
import { eventDefs, type ParamDef } from './event-defs.ts';
import { readFdList } from './fd-list.ts';
import { FD } from './fd-state.ts';
import { ipv6Text } from './ip.ts';
import { ipv6Bytes } from './ipv6-bytes.ts';
import { readProcessList } from './process-list.ts';
import { sampleCapture } from './sample-capture.ts';
import { readAddress, readTuple } from './socket-address.ts';
import { ThreadState } from './thread-state.ts';
import { ThreadTable } from './thread-table.ts';
import { readUserList } from './user-list.ts';

const text = (maxLength: number) =>
  fc.string({ unit: 'grapheme', maxLength }).filter((value) => !value.includes('\0'));
const id = fc.integer({ min: -1, max: 2 ** 40 });
const u32 = fc.nat({ max: 0xffffffff });
const u64 = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });
const port = fc.nat({ max: 65_535 });
const ipv6 = fc
  .uint8Array({ minLength: 16, maxLength: 16 })
  .map((bytes) => ipv6Text(bytes, 0))
  .filter((address) => !address.includes('.'));

/** The block that `write` writes after the section header. */
function written(write: (writer: CaptureWriter) => void): Uint8Array {
  const blocks: Uint8Array[] = [];
  write(new CaptureWriter({ sink: (bytes) => blocks.push(bytes.slice()) }));
  const [, block = new Uint8Array(0)] = blocks;
  return block;
}

const cursorOf = (block: Uint8Array) => new ByteCursor(block, 8, block.length - 4, 0);

const processes = fc.record(
  {
    tid: id,
    pid: id,
    ptid: id,
    comm: text(20),
    sid: id,
    vpgid: id,
    exe: text(40),
    exepath: text(40),
    args: fc.array(text(10), { maxLength: 5 }),
    fdLimit: id,
    flags: u32,
    uid: u32,
    gid: u32,
    vmSizeKb: u32,
    vmRssKb: u32,
    vmSwapKb: u32,
    pageFaultsMajor: u64,
    pageFaultsMinor: u64,
    vtid: id,
    vpid: id,
    cgroups: fc.array(text(10), { maxLength: 5 }),
    root: text(20),
    pidnsInitStartTs: u64,
    tty: u32,
    loginuid: fc.integer(),
    exeWritable: fc.boolean(),
    capInheritable: u64,
    capPermitted: u64,
    capEffective: u64,
    exeUpperLayer: fc.boolean(),
    exeIno: u64,
    exeInoCtime: u64,
    exeInoMtime: u64,
    exeFromMemfd: fc.boolean(),
    exeLowerLayer: fc.boolean(),
    pgid: id,
  },
  { requiredKeys: ['tid', 'pid', 'ptid', 'comm'] },
);

describe('lists', () => {
  it('read back the processes that were written', () => {
    fc.assert(
      fc.property(fc.uniqueArray(processes, { selector: ({ tid }) => tid, maxLength: 8 }), (list) => {
        const table = new ThreadTable();
        readProcessList(cursorOf(written((writer) => writer.processes(list as ProcessEntry[]))), 9, table);
        for (const entry of list) expect(table.get(entry.tid)).toMatchObject(entry);
        expect([...table.values()].length).toBe(list.length);
      }),
    );
  });

  const fds = fc.oneof(
    fc.record({ type: fc.constantFrom(FD.fifo, FD.event, FD.memfd), name: text(60), ino: u64 }),
    fc.record({ type: fc.constant(FD.fileV2), name: text(60), ino: u64, openFlags: u32, dev: u32 }),
    fc.record({ type: fc.constant(FD.unix), name: text(60), ino: u64 }),
    fc.record({ type: fc.constant(FD.ipv4), sourceIp: u32, destIp: u32, sourcePort: port, destPort: port }),
    fc.record({ type: fc.constant(FD.ipv6), sourceIp: ipv6, destIp: ipv6, sourcePort: port, destPort: port }),
    fc.record({ type: fc.constant(FD.ipv4Server), destIp: u32, destPort: port }),
    fc.record({ type: fc.constant(FD.ipv6Server), destIp: ipv6, destPort: port }),
  );

  it('read back the descriptors that were written', () => {
    fc.assert(
      fc.property(fc.array(fds, { maxLength: 20 }), (entries) => {
        const table = new ThreadTable();
        table.add(new ThreadState(table, 5, 5));
        const list = entries.map((entry, number) => ({ ...entry, number }));
        readFdList(cursorOf(written((writer) => writer.fds(5, list as FdEntry[]))), 2, table);
        for (const { number, ...entry } of list)
          expect(table.get(5)?.ownFds.get(number)).toMatchObject(entry);
      }),
    );
  });

  it('read back users and groups', () => {
    fc.assert(
      fc.property(u32, u32, text(30), text(30), (uid, gid, name, home) => {
        const table = new ThreadTable();
        const user = { uid, gid, name, home, shell: name };
        const block = written((writer) =>
          writer.users([
            { kind: 'user', ...user },
            { kind: 'group', gid, name },
          ]),
        );
        readUserList(cursorOf(block), 2, table);
        expect(table.user(uid, undefined)).toEqual(user);
        expect(table.group(gid, undefined)).toBe(name);
      }),
    );
  });

  it('reads back every IPv6 address', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 16, maxLength: 16 }), (bytes) => {
        expect(ipv6Bytes(ipv6Text(bytes, 0))).toEqual(bytes);
      }),
    );
    for (const wrong of ['', ':::', '1::2::3', '1:2:3:4:5:6:7', '12345::', '::1.2.3.256', 'g::']) {
      expect(ipv6Bytes(wrong)).toBeUndefined();
    }
  });

  it('cuts texts at what sysdig reads, between characters', () => {
    const table = new ThreadTable();
    const entry = { tid: 1, pid: 1, ptid: 0, comm: `${'a'.repeat(1023)}é`, args: ['x'.repeat(5000)] };
    readProcessList(cursorOf(written((writer) => writer.processes([entry]))), 9, table);
    expect(table.get(1)?.comm).toBe('a'.repeat(1023));
    expect(table.get(1)?.args[0]?.length).toBe(4096);
  });
});

const ends = fc.oneof(
  fc.record({ source: fc.record({ ip: u32, port }), dest: fc.record({ ip: u32, port }) }),
  fc.record({ source: fc.record({ ip: ipv6, port }), dest: fc.record({ ip: ipv6, port }) }),
);

function paramInput(def: ParamDef): fc.Arbitrary<ParamInput> {
  if (def.size > 0 && def.size <= 8 && def.type !== 'ipv4' && def.type !== 'double') {
    const signed = ['i8', 'i16', 'i32', 'i64', 'fd', 'pid', 'errno'].includes(def.type);
    const bits = BigInt(8 * def.size);
    return signed
      ? fc.bigInt({ min: -(2n ** (bits - 1n)), max: 2n ** (bits - 1n) - 1n })
      : fc.bigInt({ min: 0n, max: 2n ** bits - 1n });
  }
  if (def.type === 'text' || def.type === 'path' || def.type === 'relpath') return text(40);
  if (def.type === 'tuple') return ends;
  if (def.type === 'sockaddr') return fc.oneof(fc.record({ ip: u32, port }), fc.record({ ip: ipv6, port }));
  if (def.type === 'texts') return fc.array(text(10), { maxLength: 5 });
  return fc.uint8Array({ maxLength: 40 });
}

const SHOWN = eventDefs(false).filter(
  (def) => def !== undefined && !/^(container|user|group)/.test(def.name),
);
const inputs = fc
  .constantFrom(...SHOWN)
  .chain((def) =>
    def === undefined
      ? fc.constant(undefined)
      : fc.record({ def: fc.constant(def), params: fc.tuple(...def.params.map(paramInput)) }),
  );

describe('events', () => {
  it('read back with the values they were written with', () => {
    const runs = fc.property(inputs, u64, (input, timeNs) => {
      if (input === undefined) return;
      const { def, params } = input;
      const reader = new CaptureReader({ showInternal: true });
      let seen = 0;
      const writer = new CaptureWriter({
        sink: (bytes) =>
          reader.push(bytes, (event) => {
            seen++;
            expect([event.def.id, event.timeNs, event.tid, event.params.count]).toEqual([
              def.id,
              timeNs,
              3,
              params.length,
            ]);
            params.forEach((value, at) => {
              const param = def.params[at];
              if (typeof value === 'string') expect(event.params.text(at)).toBe(value);
              else if (value instanceof Uint8Array) expect(event.params.raw(at)).toEqual(value);
              else if (Array.isArray(value)) expect(event.params.texts(at)).toEqual(value);
              else if (typeof value === 'bigint') {
                const number = Number(value);
                expect(event.parameters.valueOf(at)).toBe(Number.isSafeInteger(number) ? number : value);
              } else if (param?.type === 'sockaddr') {
                expect(readAddress(event.params.raw(at))).toMatchObject(Object(value));
              } else if (typeof value === 'object' && 'dest' in value) {
                expect(readTuple(event.params.raw(at))).toMatchObject({
                  sourceIp: value.source.ip,
                  sourcePort: value.source.port,
                  destIp: value.dest.ip,
                  destPort: value.dest.port,
                });
              }
            });
          }),
      });
      writer.event({ type: def.id, timeNs, tid: 3, params });
      expect(seen).toBe(1);
    });
    fc.assert(runs, { numRuns: 1_000 });
  });

  it('refuses values that cannot be of their type', () => {
    const writer = new CaptureWriter({ sink: () => undefined });
    const event = (type: number, ...params: ParamInput[]) =>
      writer.event({ type, timeNs: 0n, tid: 1, params });
    expect(() => event(6, 'text')).toThrow(TypeError);
    expect(() => event(7, 0, 5)).toThrow(TypeError);
    expect(() => event(6, 1, 2, 3)).toThrow('read has 2 parameters, not 3');
    expect(() => event(9_999)).toThrow(TypeError);
  });

  it('cuts a value that no length field could hold', () => {
    const block = written((writer) =>
      writer.event({ type: 7, timeNs: 0n, tid: 1, params: [1, new Uint8Array(100_000).fill(1)] }),
    );
    const reader = new CaptureReader({});
    reader.push(sampleCapture()[0] ?? block, () => undefined);
    let length = 0;
    reader.push(block, (event) => {
      length = event.params.length(1);
    });
    expect(length).toBeGreaterThan(64_000);
    expect(length).toBeLessThan(65_536);
  });
});

describe('the limit', () => {
  it('ends the file at a whole block and says so', () => {
    const whole = sampleCapture();
    const total = whole.reduce((sum, block) => sum + block.length, 0);
    for (let bytesMax = 0; bytesMax <= total; bytesMax += 17) {
      const blocks: Uint8Array[] = [];
      const writer = new CaptureWriter({ sink: (bytes) => blocks.push(bytes.slice()), bytesMax });
      let refused = writer.full;
      for (let n = 0; n < 40; n++) {
        const taken = writer.event({ type: 6, timeNs: BigInt(n), tid: 1, params: [0, n] });
        expect(taken).toBe(!writer.full);
        refused ||= !taken;
      }
      expect(writer.full).toBe(refused);
      expect(writer.bytes).toBe(blocks.reduce((sum, block) => sum + block.length, 0));
      expect(writer.bytes).toBeLessThanOrEqual(bytesMax);
    }
  });

  it('splits a long list into blocks that readers take', () => {
    const table = new ThreadTable();
    const list = Array.from({ length: 20_000 }, (_, i) => ({
      tid: i + 1,
      pid: i + 1,
      ptid: 0,
      comm: 'x',
      env: ['e'.repeat(1_000)],
    }));
    const blocks: Uint8Array[] = [];
    new CaptureWriter({ sink: (bytes) => blocks.push(bytes.slice()) }).processes(list);
    expect(blocks.length).toBe(3);
    for (const block of blocks.slice(1)) readProcessList(cursorOf(block), 9, table);
    expect([...table.values()].length).toBe(list.length);
  });
});
