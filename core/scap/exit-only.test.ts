import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CaptureEvent } from './capture-event.ts';
import { CaptureReader } from './capture-reader.ts';
import { eventDefs, LARGE_PAYLOAD } from './event-defs.ts';
import { conversions } from './exit-only-table.ts';

type Value = Uint8Array | string;
type Raw = { type: number; tid?: number; time?: number; values: readonly Value[] };

const i64 = (n: number): Uint8Array => {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigInt64(0, BigInt(n), true);
  return bytes;
};
const u32 = (n: number): Uint8Array => {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, n, true);
  return bytes;
};
const u8 = (n: number): Uint8Array => Uint8Array.of(n);
const text = (s: string): string => `${s}\0`;
const none = new Uint8Array(0);
/** 10.0.0.1:1000 → 10.0.0.2:53. */
const tuple = Uint8Array.of(2, 10, 0, 0, 1, 0xe8, 3, 10, 0, 0, 2, 53, 0);
const address = Uint8Array.of(2, 10, 0, 0, 9, 80, 0);

function block(type: number, body: Uint8Array): Uint8Array {
  const length = 12 + body.length;
  const bytes = new Uint8Array(length);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, type, true);
  view.setUint32(4, length, true);
  bytes.set(body, 8);
  view.setUint32(length - 4, length, true);
  return bytes;
}

function eventBlock({ type, tid = 7, time = 1, values }: Raw): Uint8Array {
  const raw = values.map((value) => (typeof value === 'string' ? new TextEncoder().encode(value) : value));
  const lengths = raw.length * 2;
  const body = new Uint8Array(28 + lengths + raw.reduce((sum, { length }) => sum + length, 0));
  const view = new DataView(body.buffer);
  view.setBigUint64(2, BigInt(time), true);
  view.setBigInt64(10, BigInt(tid), true);
  view.setUint32(18, body.length - 2, true);
  view.setUint16(22, type, true);
  view.setUint32(24, raw.length, true);
  let at = 28 + lengths;
  for (const [i, value] of raw.entries()) {
    view.setUint16(28 + i * 2, value.length, true);
    body.set(value, at);
    at += value.length;
  }
  return block(0x216, body);
}

const SECTION = block(
  0x0a0d0d0a,
  Uint8Array.of(0x4d, 0x3c, 0x2b, 0x1a, 1, 0, 2, 0, ...Array<number>(8).fill(0xff)),
);

function read(events: readonly Raw[], see: (event: CaptureEvent) => void = () => undefined): CaptureEvent {
  const reader = new CaptureReader({ exitOnly: true, showInternal: true });
  let last: CaptureEvent | undefined;
  const onEvent = (event: CaptureEvent): void => {
    last = event;
    see(event);
  };
  reader.push(SECTION, onEvent);
  for (const event of events) reader.push(eventBlock(event), onEvent);
  if (last === undefined) throw new Error('no event was shown');
  return last;
}

const args = (event: CaptureEvent): string => event.parameters.allText();

/** A clone's exit as it has been since version 20 of the event. */
function clone(tid: number, res: number, pid: number, ptid: number, flags = 0, type = 223): Raw {
  const memory = [i64(0), i64(0), u32(0), u32(0), u32(0)];
  const ids = [u32(1000), u32(1000), i64(tid), i64(pid)];
  const named = [i64(res), text('exe'), none, i64(tid), i64(pid), i64(ptid), text('/'), i64(0)];
  return { type, tid, values: [...named, ...memory, text(`p${tid}`), none, u32(flags), ...ids] };
}

const CLONE_THREAD = 8192;
const procexit = (tid: number, reaper?: number): Raw => ({
  type: 186,
  tid,
  values: [i64(0), i64(0), u8(0), u8(0), ...(reaper === undefined ? [] : [i64(reaper)])],
});

describe('conversion of old events', () => {
  it('gives every event all parameters of its definition', () => {
    const defs = eventDefs(true);
    for (const conversion of conversions()) {
      if (conversion === undefined) continue;
      const { to, first, sources } = conversion;
      expect([to, first + sources.length]).toEqual([to, defs[to]?.params.length]);
      for (const { from, at, enter } of sources) {
        if (from === 'enter') expect(defs[enter]?.params[at], `${to} from ${enter}`).toBeDefined();
      }
    }
  });

  it('takes what the exit lacks from the enter event, once', () => {
    const shown: string[] = [];
    const exit = { type: 7, values: [i64(2), 'ab'] };
    read([{ type: 6, values: [i64(5), u32(64)] }, exit, exit], (event) => shown.push(args(event)));
    expect(shown).toEqual(['res=2 data=ab fd=5 size=64', 'res=2 data=ab fd=0 size=0']);
  });

  it('keeps the enter events of threads apart', () => {
    const event = read([
      { type: 6, tid: 7, values: [i64(5), u32(64)] },
      { type: 6, tid: 8, values: [i64(6), u32(32)] },
      { type: 7, tid: 7, values: [i64(0), none] },
    ]);
    expect(args(event)).toContain('fd=5 size=64');
  });

  it('leaves parameters empty that no other value can stand for', () => {
    const event = read([{ type: 199, values: [i64(0)] }]);
    expect(args(event)).toBe('res=0 uid=<NA>');
    expect(event.thread?.uid).toBe(0xffffffff);
  });

  it('shows an event under its new type', () => {
    const event = read([
      { type: 98, values: [text('/tmp/d'), u32(0o755)] },
      { type: 99, values: [i64(0)] },
    ]);
    expect([event.def.id, event.type, event.argText.path]).toEqual([277, 'mkdir', '/tmp/d']);
  });

  it('follows an event through every later version', () => {
    const first = [i64(0), text('sh'), text('-c'), i64(7), i64(7), i64(1), text('/'), i64(10)];
    const event = read([{ type: 13, values: first }]);
    expect([event.def.id, event.parameters.count]).toEqual([293, 31]);
    expect([event.argText.fdlimit, event.argText.comm, event.argText.filename]).toEqual([
      '10',
      '<NA>',
      '<NA>',
    ]);
    expect(event.thread?.comm).toBe('sh');
  });

  it('takes the path of an exec from its enter event', () => {
    const exec = [i64(0), text('sh'), none, i64(7), i64(7), i64(1), text('/'), i64(10)];
    const rest = [i64(0), i64(0), u32(0), u32(0), u32(0), text('sh'), none, none, u32(0)];
    const event = read([
      { type: 288, values: [text('/bin/sh')] },
      { type: 289, values: [...exec, ...rest] },
    ]);
    expect([event.def.id, event.argText.filename, event.thread?.exepath]).toEqual([
      293,
      '/bin/sh',
      '/bin/sh',
    ]);
  });

  it('cuts a value to the length of its new type', () => {
    const event = read([
      { type: 296, values: [i64(5)] },
      { type: 297, values: [Uint8Array.of(0, 4, 0, 0, 0, 0, 0, 0, 0)] },
    ]);
    expect([event.params.length(0), event.params.length(1)]).toEqual([8, 4]);
  });

  it('keeps offsets in order whatever an event holds', () => {
    const small = eventDefs(true).flatMap((def) =>
      def && (def.flags & LARGE_PAYLOAD) === 0 ? [def.id] : [],
    );
    const raw = fc.record({
      type: fc.constantFrom(...small),
      tid: fc.integer({ min: 1, max: 4 }),
      time: fc.nat(1000),
      values: fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 32 }),
    });
    fc.assert(
      fc.property(fc.array(raw, { maxLength: 40 }), (events) => {
        const all: Raw[] = [...events, { type: 1, values: [] }];
        read(all, ({ params, timeNs, parameters }) => {
          expect(timeNs).toBeLessThanOrEqual(1000n);
          expect(parameters.allText()).toBeTypeOf('string');
          for (let at = 0; at < params.count; at++) expect(params.length(at)).toBeGreaterThanOrEqual(0);
          expect(params.start(params.count)).toBeLessThanOrEqual(params.bytes.length);
        });
      }),
    );
  });
});

describe('descriptors in the exit-only model', () => {
  it('takes the sender of a datagram for a UDP socket', () => {
    const event = read([
      { type: 30, values: [i64(3), u32(4), tuple] },
      { type: 31, values: [i64(4), 'ping'] },
    ]);
    expect([event.fd?.name, event.fd?.tuple?.l4]).toEqual(['10.0.0.1:1000->10.0.0.2:53', 'udp']);
  });

  it('connects to the address that was asked for where the kernel names none', () => {
    const event = read([
      { type: 18, values: [u32(2), u32(1), u32(0)] },
      { type: 19, values: [i64(3)] },
      { type: 22, values: [i64(3), address] },
      { type: 23, values: [i64(0), none] },
    ]);
    expect([event.fd?.typechar, event.thread?.fd(3)?.destIp, event.thread?.fd(3)?.destPort]).toEqual([
      '4',
      0x0900000a,
      80,
    ]);
  });

  it('shows the peer of a bound datagram socket as libs does', () => {
    const event = read([
      { type: 18, values: [u32(2), u32(2), u32(0)] },
      { type: 19, values: [i64(3)] },
      { type: 20, values: [i64(3)] },
      { type: 21, values: [i64(0), Uint8Array.of(2, 0, 0, 0, 0, 53, 0)] },
      { type: 34, values: [i64(3), u32(9)] },
      { type: 35, values: [i64(3), 'abc', tuple] },
    ]);
    expect(event.fd?.name).toBe('10.0.0.1:1000->53.0.3.0:53');
  });

  it('follows a descriptor through open, fcntl and close', () => {
    const names: (string | undefined)[] = [];
    read(
      [
        { type: 2, values: [text('/etc/passwd'), u32(1), u32(0)] },
        { type: 3, values: [i64(3), text('/etc/passwd'), u32(1), u32(0)] },
        { type: 150, values: [i64(3), u8(1)] },
        { type: 151, values: [i64(9)] },
        { type: 4, values: [i64(3)] },
        { type: 5, values: [i64(0)] },
        { type: 6, values: [i64(9), u32(1)] },
        { type: 7, values: [i64(0), none] },
        { type: 6, values: [i64(3), u32(1)] },
        { type: 7, values: [i64(0), none] },
      ],
      (event) => names.push(event.fd?.name),
    );
    expect(names).toEqual([...Array<string>(4).fill('/etc/passwd'), undefined]);
  });
});

describe('processes in the exit-only model', () => {
  it('gives the children of a process that ends to the nearest one that takes orphans', () => {
    const subreaper = { type: 401, tid: 10, values: [i64(0), u32(36), text('1'), i64(1)] };
    const event = read([
      clone(10, 0, 10, 1),
      subreaper,
      clone(20, 0, 20, 10),
      clone(30, 0, 30, 20),
      procexit(20),
      { type: 7, tid: 30, values: [i64(0), none] },
    ]);
    expect([event.thread?.ptid, event.thread?.parent?.comm]).toEqual([10, 'p10']);
  });

  it('believes the kernel about who takes the orphans', () => {
    const event = read([
      clone(10, 0, 10, 1),
      clone(20, 0, 20, 10),
      clone(30, 0, 30, 20),
      procexit(20, 10),
      { type: 7, tid: 30, values: [i64(0), none] },
    ]);
    expect(event.thread?.ptid).toBe(10);
  });

  it('keeps the first thread of a process while others live', () => {
    const thread = clone(21, 0, 20, 10, CLONE_THREAD);
    const read7 = { type: 7, tid: 21, values: [i64(0), none] };
    const alive = read([clone(20, 0, 20, 10), thread, procexit(20), read7]);
    expect([alive.thread?.leader?.comm, alive.thread?.threadCount]).toEqual(['p20', 1]);
    const ended = read([clone(20, 0, 20, 10), thread, procexit(20), procexit(21), { ...read7, tid: 5 }]);
    expect([ended.table.get(20), ended.table.get(21)]).toEqual([undefined, undefined]);
  });

  it('ends the other threads of a process that calls exec', () => {
    const exec = [i64(0), text('sh'), none, i64(20), i64(20), i64(10), text('/'), i64(10)];
    const event = read([
      clone(20, 0, 20, 10),
      clone(21, 0, 20, 10, CLONE_THREAD),
      { type: 13, tid: 20, values: exec },
    ]);
    expect([event.table.get(21), event.thread?.threadCount]).toEqual([undefined, 1]);
  });

  it('leaves the child of a vfork to its own event', () => {
    const parent = clone(20, 25, 20, 10, 0, 227);
    const event = read([clone(20, 0, 20, 10), parent]);
    expect(event.table.get(25)).toBeUndefined();
  });

  it('changes the user that a call names, and back', () => {
    const uids: (number | undefined)[] = [];
    read(
      [
        { type: 198, values: [u32(33)] },
        { type: 199, values: [i64(0)] },
        { type: 427, values: [i64(0), u32(1), u32(44)] },
        { type: 427, values: [i64(-1), u32(1), u32(55)] },
      ],
      (event) => uids.push(event.thread?.uid),
    );
    expect(uids).toEqual([33, 44, 44]);
  });

  it('calls users that no list names <NA>', () => {
    const event = read([{ type: 427, values: [i64(0), u32(1), u32(44)] }]);
    expect([event.thread?.user, event.thread?.group]).toEqual(['<NA>', '<NA>']);
  });
});
