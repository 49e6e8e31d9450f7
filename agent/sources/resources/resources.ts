import { z } from 'zod';
import type { ContainerInfo } from '../../../core/events/syscall.ts';
import type { PreflightItem } from '../../../core/wire/agents.ts';
import { containerOfCgroup } from '../../enrich/cgroup.ts';
import { readBootId } from '../../spool/epoch.ts';
import { eventLine } from '../../spool/item.ts';
import type { Spool } from '../../spool/spool.ts';
import {
  type ContainerCgroup,
  containerCgroups,
  findHierarchy,
  type Hierarchy,
  readUsage,
  type Usage,
} from './cgroups.ts';
import { ContainerNames } from './container-names.ts';
import { NODE_PATHS, readFileSystems } from './file-systems.ts';
import { KernelOom, type OomKill } from './kernel-oom.ts';
import { nameOf, type ResourceEvent, resourceRecord, size } from './record.ts';
import { LIMITS, type Watched, Watermarks } from './watermark.ts';

export type ResourcesOptions = {
  readonly node: string;
  readonly spool: Spool;
  /** What the sensor's look-ups know of a cgroup path; undefined without a sensor. */
  readonly containerOf: (cgroup: string) => ContainerInfo | undefined;
  readonly nowMs: () => number;
  readonly onError: (message: string) => void;
  /** Default 10 s. */
  readonly everyMs?: number;
  readonly paths?: readonly string[];
  readonly cgroupRoot?: string;
};

type Seen = { readonly usage: Usage; readonly window: readonly Throttling[] };
type Throttling = { readonly periods: number; readonly throttled: number };

const CHECKPOINT = 'resources';
/** Samples of throttling that are looked at together: a minute at 10 s each. */
const WINDOW = 7;
/** Fewer periods of 100 ms than this say nothing. */
const PERIODS_MIN = 50;
const checkpointSchema = z.object({ bootId: z.string(), sequence: z.number().int() });

/**
 * Looks at memory, CPU throttling, pids and OOM kills of every container, and at the node's file systems.
 * OOM kills come from the kernel's messages where they may be read, else from the cgroups' counters.
 * Errors: never throws; a look that breaks is counted and the next one goes on.
 */
export class Resources {
  readonly counters = { resource_looks: 0, resource_events: 0, resource_faults: 0, resource_lost: 0 };
  readonly #options: ResourcesOptions;
  readonly #hierarchy: Hierarchy | undefined;
  readonly #names = new ContainerNames();
  readonly #marks = new Watermarks();
  readonly #bootId = readBootId();
  readonly #kernel: KernelOom | undefined;
  readonly #seen = new Map<string, Seen>();
  #containers = 0;
  #isFirst = true;
  #timer: NodeJS.Timeout | undefined;
  #isLooking = false;
  #lastError: string | undefined;

  constructor(options: ResourcesOptions) {
    this.#options = options;
    this.#hierarchy = findHierarchy(options.cgroupRoot);
    const saved = checkpointSchema.safeParse(options.spool.checkpoint(CHECKPOINT));
    const isKnown = saved.success && saved.data.bootId === this.#bootId;
    this.#kernel = KernelOom.open(isKnown ? saved.data.sequence : -1);
    if (isKnown) return;
    // What the kernel said before the very first start is the past of this boot.
    this.#kernel?.read(options.nowMs());
    this.#store([]);
  }

  start(): void {
    this.#timer = setInterval(() => void this.look(), this.#options.everyMs ?? 10_000);
    void this.look();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#names.stop();
    this.#kernel?.close();
  }

  get health(): PreflightItem {
    const name = 'resources';
    if (this.#lastError !== undefined) return { name, state: 'degraded', detail: this.#lastError };
    if (this.#hierarchy === undefined) {
      const fix = 'Mount /sys/fs/cgroup of the node into the agent.';
      return { name, state: 'blind', detail: 'no cgroup memory controller: file systems only', fix };
    }
    const detail = `${this.#containers} containers, cgroup v${this.#hierarchy.version}`;
    if (this.#kernel === undefined) {
      const fix =
        'Give the agent CAP_SYSLOG, or set kernel.dmesg_restrict=0, to see OOM kills of containers that are gone at once.';
      return {
        name,
        state: 'ok',
        detail: `${detail}, OOM kills by counters every 10 s: /dev/kmsg may not be read`,
        fix,
      };
    }
    return { name, state: 'ok', detail: `${detail}, OOM kills from the kernel's messages` };
  }

  /** One look at everything; skipped while another is under way. */
  async look(): Promise<void> {
    if (this.#isLooking) return;
    this.#isLooking = true;
    try {
      const events = [...this.#lookAtContainers(), ...(await this.#lookAtFileSystems()), ...this.#kills()];
      if (events.length > 0) this.#store(events);
      this.counters.resource_looks += 1;
      this.#lastError = undefined;
    } catch (err) {
      this.counters.resource_faults += 1;
      const message = `looking at resources: ${err instanceof Error ? err.message : String(err)}`;
      if (message !== this.#lastError) this.#options.onError(message);
      this.#lastError = message.slice(0, 300);
    } finally {
      this.#isLooking = false;
    }
  }

  #store(events: readonly ResourceEvent[]): void {
    const { spool, node } = this.#options;
    const lines = events.map((event) => eventLine(resourceRecord(event, node)));
    const at = { bootId: this.#bootId, sequence: this.#kernel?.sequence ?? -1 };
    if (spool.appendWithCheckpoint(lines, CHECKPOINT, at)) this.counters.resource_events += events.length;
    else this.counters.resource_lost += events.length;
  }

  #lookAtContainers(): ResourceEvent[] {
    const hierarchy = this.#hierarchy;
    if (hierarchy === undefined) return [];
    const cgroups = containerCgroups(hierarchy);
    const events: ResourceEvent[] = [];
    for (const cgroup of cgroups) {
      const usage = readUsage(hierarchy, cgroup.path);
      const before = this.#seen.get(cgroup.containerId);
      const sample = { periods: usage.cpuPeriods ?? 0, throttled: usage.cpuThrottled ?? 0 };
      const window = [...(before?.window ?? []), sample].slice(-WINDOW);
      this.#seen.set(cgroup.containerId, { usage, window });
      events.push(...this.#levels(cgroup, usage, window), ...this.#counts(cgroup, usage, before?.usage));
    }
    const alive = new Set(cgroups.map(({ containerId }) => containerId));
    for (const id of this.#seen.keys()) if (!alive.has(id)) this.#seen.delete(id);
    this.#marks.keep(new Set([...alive, ...this.#paths()]));
    this.#containers = cgroups.length;
    this.#isFirst = false;
    return events;
  }

  #levels(cgroup: ContainerCgroup, usage: Usage, window: readonly Throttling[]): ResourceEvent[] {
    const first = window[0];
    const last = window.at(-1);
    const periods = (last?.periods ?? 0) - (first?.periods ?? 0);
    const throttled = (last?.throttled ?? 0) - (first?.throttled ?? 0);
    const { memory = 0, memoryMax, pids = 0, pidsMax } = usage;
    return [
      this.#level('memory_high', cgroup, memoryMax ? memory / memoryMax : undefined, (share) => ({
        text: `memory at ${share} of its limit of ${size(memoryMax ?? 0)}`,
        fields: { 'resource.bytes': memory, 'resource.bytes_max': memoryMax },
      })),
      this.#level(
        'cpu_throttled',
        cgroup,
        periods < PERIODS_MIN ? undefined : throttled / periods,
        (share) => ({
          text: `CPU throttled in ${share} of its periods`,
          fields: { 'resource.periods': periods, 'resource.throttled': throttled },
        }),
      ),
      this.#level('pids_high', cgroup, pidsMax ? pids / pidsMax : undefined, (share) => ({
        text: `${pids} processes and threads, ${share} of its limit of ${pidsMax}`,
        fields: { 'resource.pids': pids, 'resource.pids_max': pidsMax },
      })),
    ].filter((event) => event !== undefined);
  }

  #level(
    type: Watched,
    cgroup: ContainerCgroup,
    value: number | undefined,
    describe: (share: string) => { readonly text: string; readonly fields: ResourceEvent['fields'] },
  ): ResourceEvent | undefined {
    if (value === undefined) return undefined;
    const crossed = this.#marks.update(type, cgroup.containerId, value, this.#options.nowMs());
    if (crossed === undefined) return undefined;
    const container = this.#containerOf(cgroup);
    const { text, fields } = describe(`${Math.round(value * 100)} %`);
    const isExhaustion = crossed === 'entered';
    return {
      type: isExhaustion ? type : `${type}_ended`,
      timeNs: this.#nowNs(),
      summary: `${nameOf(container)}: ${text}${isExhaustion ? '' : ' again'}`,
      isExhaustion,
      container,
      object: cgroup.path,
      fields: { ...fields, 'resource.share': value, 'resource.limit': LIMITS[type].enter },
    };
  }

  /** Counters that only grow. A container that is new since the last look began at zero. */
  #counts(cgroup: ContainerCgroup, usage: Usage, before: Usage | undefined): ResourceEvent[] {
    if (before === undefined && this.#isFirst) return [];
    const grown = (now: number | undefined, then: number | undefined) =>
      Math.max(0, (now ?? 0) - (then ?? 0));
    const events: ResourceEvent[] = [];
    const kills = this.#kernel === undefined ? grown(usage.oomKills, before?.oomKills) : 0;
    const refused = grown(usage.pidsRefused, before?.pidsRefused);
    const common = { timeNs: this.#nowNs(), isExhaustion: true, object: cgroup.path };
    if (kills > 0) {
      const container = this.#containerOf(cgroup);
      const summary = `${nameOf(container)}: the kernel killed ${kills === 1 ? 'a process' : `${kills} processes`} for want of memory`;
      const fields = { 'resource.count': kills, 'resource.bytes_max': usage.memoryMax };
      events.push({ ...common, type: 'oom_kill', summary, container, fields });
    }
    if (refused > 0) {
      const container = this.#containerOf(cgroup);
      const summary = `${nameOf(container)}: ${refused} new processes refused at the limit of ${usage.pidsMax ?? 'its parent'}`;
      const fields = {
        'resource.count': refused,
        'resource.pids': usage.pids,
        'resource.pids_max': usage.pidsMax,
      };
      events.push({ ...common, type: 'pids_limit', summary, container, fields });
    }
    return events;
  }

  #kills(): ResourceEvent[] {
    return (this.#kernel?.read(this.#options.nowMs()) ?? []).map((kill) => this.#killEvent(kill));
  }

  #killEvent({ timeNs, cgroup, process, pid, uid, isNode }: OomKill): ResourceEvent {
    const found = containerOfCgroup(cgroup.split('/').reverse());
    const container = found && this.#containerOf({ path: cgroup, ...found });
    const where = container === undefined ? 'on the node' : `in ${nameOf(container)}`;
    return {
      type: 'oom_kill',
      timeNs: timeNs > this.#nowNs() ? this.#nowNs() : timeNs,
      summary: `the kernel killed ${process} ${where} for want of memory${isNode ? ' of the whole node' : ''}`,
      isExhaustion: true,
      container,
      process,
      pid,
      object: cgroup,
      fields: {
        'proc.name': process,
        'proc.pid': pid,
        'user.uid': uid,
        'resource.count': 1,
        'resource.bytes_max': found && this.#seen.get(found.containerId)?.usage.memoryMax,
        'resource.scope': isNode ? 'node' : 'cgroup',
      },
    };
  }

  async #lookAtFileSystems(): Promise<ResourceEvent[]> {
    const nowMs = this.#options.nowMs();
    const events: ResourceEvent[] = [];
    for (const { path, bytes, bytesUsed, used, inodes, inodesUsed } of await readFileSystems(this.#paths())) {
      const fields = {
        'fd.name': path,
        'resource.bytes': bytesUsed,
        'resource.bytes_max': bytes,
        'resource.inodes': inodes,
      };
      for (const [type, value, what] of [
        ['disk_full', used, `space (${size(bytesUsed)} of ${size(bytes)})`],
        ['inodes_full', inodesUsed, `inodes (of ${inodes})`],
      ] as const) {
        const crossed = this.#marks.update(type, path, value, nowMs);
        if (crossed === undefined) continue;
        const isExhaustion = crossed === 'entered';
        events.push({
          type: isExhaustion ? type : `${type}_ended`,
          timeNs: this.#nowNs(),
          summary: `the file system at ${path} has used ${Math.round(value * 100)} % of its ${what}`,
          isExhaustion,
          object: path,
          fields: { ...fields, 'resource.share': value, 'resource.limit': LIMITS[type].enter },
        });
      }
    }
    return events;
  }

  #containerOf(cgroup: ContainerCgroup): ContainerInfo {
    const known = this.#options.containerOf(cgroup.path);
    return known?.podName === undefined ? { ...this.#names.of(cgroup), ...named(known) } : known;
  }

  #paths(): readonly string[] {
    return this.#options.paths ?? NODE_PATHS;
  }

  #nowNs(): bigint {
    return BigInt(Math.trunc(this.#options.nowMs())) * 1_000_000n;
  }
}

/** What the sensor knows of a container whose pod it does not. */
function named(known: ContainerInfo | undefined): Partial<ContainerInfo> {
  return known?.name === undefined ? {} : { name: known.name, image: known.image };
}
