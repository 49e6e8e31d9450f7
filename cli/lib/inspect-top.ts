import { RULE_CATALOGUE, resolveField } from '../../core/fields/catalogue.ts';
import type { Extract } from '../../core/fields/types.ts';
import { valueText } from '../../core/rules/output.ts';
import type { CaptureEvent } from '../../core/scap/capture-event.ts';
import { READS_FROM_FD, WRITES_TO_FD } from '../../core/scap/event-defs.ts';
import { table } from './inspect-table.ts';

export const TOPS = ['procs_cpu', 'containers_cpu', 'conns', 'files_bytes'] as const;
export type TopName = (typeof TOPS)[number];

export type TopRow = { readonly key: readonly string[]; readonly value: number };
export type TopTable = {
  readonly name: TopName;
  readonly unit: 'ns' | 'bytes';
  readonly columns: readonly string[];
  /** Largest first. */
  readonly rows: readonly TopRow[];
  /** Time between the first and the last event. */
  readonly spanNs: number;
};

const ROWS_MAX = 30;
/** Different keys kept; a capture with more counts the rest under the last key. */
const KEYS_MAX = 100_000;
/** procinfo counts in hundredths of a second. */
const JIFFY_NS = 10_000_000;
const IO = READS_FROM_FD | WRITES_TO_FD;

const KEYS: Readonly<Record<TopName, readonly string[]>> = {
  procs_cpu: ['proc.name', 'proc.pid'],
  containers_cpu: ['container.name'],
  conns: ['fd.l4proto', 'fd.name'],
  files_bytes: ['fd.name'],
};
const SOCKETS: ReadonlySet<string> = new Set(['ipv4', 'ipv6']);

/** Sums CPU time or bytes by process, container, connection or file, as sysdig's chisels of these names do. */
export class TopCounter {
  readonly #name: TopName;
  readonly #keys: readonly Extract[];
  readonly #fdType = reader('fd.type');
  readonly #sums = new Map<string, number>();
  readonly #cpu = new CpuClock();
  #first: bigint | undefined;
  #last = 0n;

  constructor(name: TopName) {
    this.#name = name;
    this.#keys = KEYS[name].map(reader);
  }

  take(event: CaptureEvent): void {
    const timeNs = event.timeNs;
    this.#first ??= timeNs;
    if (timeNs > this.#last) this.#last = timeNs;
    const value = this.#value(event);
    if (value === undefined || value <= 0) return;
    const parts: string[] = [];
    for (const read of this.#keys) {
      // A process outside containers counts for the host.
      const part = read(event) ?? (this.#name === 'containers_cpu' && event.thread ? 'host' : undefined);
      if (part === undefined) return;
      parts.push(valueText(part));
    }
    const key = parts.join('\u0001');
    if (!this.#sums.has(key) && this.#sums.size >= KEYS_MAX) return;
    this.#sums.set(key, (this.#sums.get(key) ?? 0) + value);
  }

  #value(event: CaptureEvent): number | undefined {
    if (this.#name === 'procs_cpu' || this.#name === 'containers_cpu') return this.#cpu.take(event);
    if ((event.def.flags & IO) === 0 || event.dir !== '<') return undefined;
    const type = this.#fdType(event);
    if (typeof type !== 'string') return undefined;
    const fits = this.#name === 'conns' ? SOCKETS.has(type) : type === 'file';
    return fits ? event.res : undefined;
  }

  result(): TopTable {
    const rows = [...this.#sums]
      .map(([key, value]) => ({ key: key.split('\u0001'), value }))
      .sort((a, b) => b.value - a.value)
      .slice(0, ROWS_MAX);
    const unit = this.#name.endsWith('_cpu') ? 'ns' : 'bytes';
    const spanNs = Number(this.#last - (this.#first ?? this.#last));
    return { name: this.#name, unit, columns: KEYS[this.#name], rows, spanNs };
  }
}

function reader(name: string): Extract {
  const field = resolveField({ name, argument: undefined }, RULE_CATALOGUE);
  if (typeof field === 'string') throw new Error(field);
  return field.def.bind(undefined);
}

/** CPU time of threads: from the procinfo samples, or in a capture without them from the scheduler's switches. */
class CpuClock {
  readonly #ticks = new Map<number, number>();
  readonly #switches = new Map<number, bigint>();
  #sampled = false;

  /** Nanoseconds that the event adds to its own thread. */
  take(event: CaptureEvent): number | undefined {
    if (event.type === 'procinfo') {
      this.#sampled = true;
      const { cpu_usr, cpu_sys } = event.args;
      const ticks = Number(cpu_usr ?? 0) + Number(cpu_sys ?? 0);
      const before = this.#ticks.get(event.tid) ?? 0;
      this.#ticks.set(event.tid, ticks);
      // One sample a second: more than 100 ticks would be more than the whole second.
      return before === 0 ? 0 : Math.min(ticks - before, 100) * JIFFY_NS;
    }
    if (event.type !== 'switch' || this.#sampled) return undefined;
    const before = this.#switches.get(event.cpu);
    this.#switches.set(event.cpu, event.timeNs);
    return before === undefined ? 0 : Number(event.timeNs - before);
  }
}

export function topText({ unit, columns, rows, spanNs }: TopTable): string {
  const heading = [unit === 'ns' ? 'CPU%' : 'Bytes', ...(unit === 'ns' ? ['CPU ms'] : []), ...columns];
  const lines = rows.map(({ key, value }) => {
    if (unit === 'bytes') return [String(value), ...key];
    const percent = spanNs > 0 ? ((100 * value) / spanNs).toFixed(2) : '0.00';
    return [`${percent}%`, (value / 1e6).toFixed(0), ...key];
  });
  return table(heading, lines, unit === 'ns' ? 2 : 1);
}
