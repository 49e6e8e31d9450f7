import type { CaptureEvent } from './capture-event.ts';
import { type EventDef, eventDefs, type ParamDef } from './event-defs.ts';
import { type EventParams, PARAMS_MAX } from './event-params.ts';
import { type Conversion, conversions } from './exit-only-table.ts';

/** Enter events kept at a time, one a thread: × about 300 bytes = 20 MB. */
const KEPT_MAX = 65_536;
/** No enter event of the table has more parameters. */
const ENTER_PARAMS_MAX = 8;
const TIME_BYTES = 8;

/** Values are short: a loop copies them sooner than a view of the range is made. */
function copyBytes(from: DataView, start: number, to: DataView, at: number, length: number): void {
  let i = 0;
  for (; i + 4 <= length; i += 4) to.setInt32(at + i, from.getInt32(start + i, true), true);
  for (; i < length; i++) to.setUint8(at + i, from.getUint8(start + i));
}

/** The enter event that a thread is in. */
class Kept {
  type = -1;
  count = 0;
  view = new DataView(new ArrayBuffer(64));
  readonly ends = new Uint32Array(ENTER_PARAMS_MAX);

  take(type: number, params: EventParams): void {
    const from = params.start(0);
    this.count = Math.min(params.count, ENTER_PARAMS_MAX);
    const length = params.start(this.count) - from;
    if (length > this.view.byteLength) this.view = new DataView(new ArrayBuffer(length));
    copyBytes(params.view, from, this.view, 0, length);
    for (let at = 0; at < this.count; at++) this.ends[at] = params.start(at + 1) - from;
    this.type = type;
  }

  start(at: number): number {
    return at === 0 ? 0 : (this.ends[at - 1] ?? 0);
  }

  length(at: number): number {
    return (this.ends[at] ?? 0) - this.start(at);
  }
}

/**
 * Turns events of captures that hold enter and exit events into today's exit events: parameters that an exit
 * lacks come from the thread's enter event. Source: libs userspace/libscap/engine/savefile/converter.
 */
export class ExitOnlyConverter {
  readonly #defs = eventDefs(true);
  readonly #conversions = conversions();
  /** Enter events that some exit takes parameters from; index = id. */
  readonly #stores: readonly boolean[];
  readonly #kept = new Map<number, Kept>();
  #bytes = new Uint8Array(4096);
  #view = new DataView(this.#bytes.buffer);
  readonly #starts = new Int32Array(PARAMS_MAX + 1);
  /** End of what is written into the buffer. */
  #end = 0;

  constructor() {
    const stores = Array<boolean>(512).fill(false);
    for (const conversion of this.#conversions) {
      for (const { enter } of conversion?.sources ?? []) if (enter >= 0) stores[enter] = true;
    }
    this.#stores = stores;
  }

  /**
   * Makes the event the one that today's driver would have sent; it moves to the converter's buffer where
   * parameters change. `bytes` and `view` hold the event as it was read. Returns its definition.
   */
  convert(event: CaptureEvent, bytes: Uint8Array, view: DataView): EventDef {
    const { params, def } = event;
    if (params.bytes !== bytes) {
      params.bytes = bytes;
      params.view = view;
    }
    const conversion = this.#conversions[def.id];
    const to = conversion && this.#defs[conversion.to];
    if (conversion !== undefined && to !== undefined) {
      const changes = to.id !== def.id;
      if (changes || (params.count >= conversion.first && params.count < to.params.length)) {
        this.#run(event, conversion, to, changes ? 0 : params.count);
      }
    }
    if (def.dir === '>') this.#enter(event.tid, event.def.id, params);
    return event.def;
  }

  #enter(tid: number, type: number, params: EventParams): void {
    if (type === PROCEXIT) {
      this.#kept.delete(tid);
      return;
    }
    if (this.#stores[type] !== true) return;
    let kept = this.#kept.get(tid);
    if (kept === undefined) {
      if (this.#kept.size >= KEPT_MAX) this.#dropOldest();
      kept = new Kept();
      this.#kept.set(tid, kept);
    }
    kept.take(type, params);
  }

  #dropOldest(): void {
    for (const tid of this.#kept.keys()) {
      this.#kept.delete(tid);
      return;
    }
  }

  /** Writes the time, the event's own parameters before `own`, and those of the conversion after them. */
  #run(event: CaptureEvent, conversion: Conversion, to: EventDef, own: number): void {
    const { params } = event;
    const kept = this.#kept.get(event.tid);
    this.#reserve(params, kept);
    this.#view.setInt32(0, params.view.getInt32(event.timeAt, true), true);
    this.#view.setInt32(4, params.view.getInt32(event.timeAt + 4, true), true);
    this.#end = TIME_BYTES;
    const shift = TIME_BYTES - params.start(0);
    for (let at = 0; at < own; at++) this.#starts[at] = params.start(at) + shift;
    if (own > 0) this.#copy(params.view, params.start(0), params.start(own) - params.start(0), 0);
    let at = own;
    let used = false;
    for (let i = Math.max(0, own - conversion.first); i < conversion.sources.length; i++) {
      const source = conversion.sources[i];
      const param = to.params[at];
      if (source === undefined || param === undefined) break;
      this.#starts[at++] = this.#end;
      if (source.from === 'enter' && kept !== undefined && kept.type === source.enter) {
        used = true;
        if (source.at < kept.count)
          this.#copy(kept.view, kept.start(source.at), kept.length(source.at), param.size);
      } else if (source.from === 'own') {
        this.#copy(params.view, params.start(source.at), params.length(source.at), param.size);
      } else if (source.missing === 'default') this.#default(param);
    }
    if (used && kept !== undefined) kept.type = -1;
    this.#starts[at] = this.#end;
    for (let i = 0; i <= at; i++) params.offsets[i] = this.#starts[i] ?? 0;
    params.count = at;
    params.bytes = this.#bytes;
    params.view = this.#view;
    event.def = to;
    event.timeAt = 0;
  }

  #reserve(params: EventParams, kept: Kept | undefined): void {
    const own = params.start(params.count) - params.start(0);
    const needed = TIME_BYTES + own + (kept?.view.byteLength ?? 0) + PARAMS_MAX * 8;
    if (needed <= this.#bytes.length) return;
    this.#bytes = new Uint8Array(needed * 2);
    this.#view = new DataView(this.#bytes.buffer);
  }

  /** Copies a value; one that is longer than its new type's size is cut. */
  #copy(from: DataView, start: number, length: number, size: number): void {
    if (length <= 0) return;
    const taken = size === 0 ? length : Math.min(length, size);
    copyBytes(from, start, this.#view, this.#end, taken);
    this.#end += taken;
  }

  #default({ type, size }: ParamDef): void {
    const length = type === 'sockaddr' ? 1 : size;
    const value = type === 'uid' || type === 'gid' ? 0xff : 0;
    for (let i = 0; i < length; i++) this.#bytes[this.#end++] = value;
  }
}

const PROCEXIT = 186;
