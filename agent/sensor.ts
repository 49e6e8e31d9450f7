import type { Readable } from 'node:stream';
import type { GapRecord } from '../core/events/event.ts';
import type { ContainerInfo, SyscallEvent } from '../core/events/syscall.ts';
import type { Drops, Hello } from './decode/raw.ts';
import { ContainerRegistry } from './enrich/containers.ts';
import { criSource } from './enrich/cri.ts';
import { Enricher } from './enrich/enricher.ts';
import { HoldQueue } from './enrich/hold-queue.ts';
import { watchLogLinks } from './enrich/log-links.ts';
import { type PodWatch, watchPods } from './enrich/pod-watch.ts';
import { procFs } from './enrich/proc-fs.ts';
import { ProcessTree } from './enrich/processes.ts';
import { hostUsers } from './enrich/users.ts';
import { wallClock } from './enrich/wall-clock.ts';
import { askForProbe } from './probe/ask.ts';
import { type ProbeOptions, type RunningProbe, requestFor, startProbe } from './probe/start.ts';
import { ProbeStream } from './probe-stream.ts';

const CONTAINER_LOGS = '/var/log/containers';

export type SensorOptions = {
  /** The probe's binary, which the sensor then starts; or the socket where it asks for one (broker.ts). */
  readonly probePath?: string;
  readonly probeSocket?: string;
  /** Event types as Falco names them. Default: everything the probe can see. */
  readonly events?: readonly string[];
  /** Kernel-side filters. */
  readonly probe?: ProbeOptions;
  readonly kube?: { readonly kubeconfig?: string | undefined; readonly nodeName: string } | undefined;
  /** Socket of the container runtime, for names that the pod status does not tell yet. */
  readonly criSocket?: string | undefined;
  /** Where the kubelet links the logs of containers, for their names. Default: where every kubelet does. */
  readonly containerLogs?: string;
  readonly log: (line: string) => void;
  readonly onEvent: (event: SyscallEvent) => void;
  /** Lost events as a gap on the time axis. */
  readonly onDrops: (gap: GapRecord) => void;
  /** Metadata of a container whose events were already delivered without it. */
  readonly onFill?: (container: ContainerInfo) => void;
  /** The probe ended without stop(). */
  readonly onEnd?: (reason: string) => void;
};

export type Sensor = {
  /** Of the probe that watches now. */
  readonly hello: Hello;
  readonly counters: () => Readonly<Record<string, number>>;
  /** What is known of the container of a cgroup path; asking begins the look-up. */
  readonly containerOf: (cgroup: string) => ContainerInfo | undefined;
  /**
   * Changes what is delivered and attached. Errors: rejects when no other probe could be started; the one
   * before goes on.
   */
  readonly setEvents: (events: readonly string[], probe?: ProbeOptions) => Promise<void>;
  readonly stop: () => Promise<void>;
};

/**
 * Starts the kernel sensor and resolves once its hooks are attached and the running processes are known.
 * Errors: rejects with the probe's own message when it cannot load; later failures reach onEnd.
 */
export async function startSensor(options: SensorOptions): Promise<Sensor> {
  const counts = { events: 0, probe_dropped: 0, probe_faults: 0 };
  const clock = wallClock();
  let wanted = options.events === undefined ? undefined : new Set(options.events);
  let pods: PodWatch | undefined;
  let probeOptions = options.probe;
  let stopped = false;
  let changing: Promise<void> = Promise.resolve();

  const queue = new HoldQueue((event) => {
    event.num = ++counts.events;
    if (event.thread !== undefined) event.thread.version = processes.changes + containers.changes;
    options.onEvent(event);
  });
  const { criSocket, log } = options;
  const cri = criSocket === undefined ? undefined : criSource({ socketPath: criSocket, log });
  const links = watchLogLinks({
    dir: options.containerLogs ?? CONTAINER_LOGS,
    onLink: (id) => containers.linked(id),
  });
  const containers: ContainerRegistry = new ContainerRegistry({
    hasSource: () => pods !== undefined,
    podByUid: (uid) => pods?.byUid(uid),
    cri,
    links,
    onFill: (container, late) => {
      queue.release(container);
      if (late) options.onFill?.(container);
    },
    onFail: (container) => queue.release(container),
  });
  const processes = new ProcessTree({
    proc: procFs('/proc', clock.bootNs),
    users: hostUsers(),
    wallOffsetNs: clock.offsetNs,
    cgroupPath: (id) => containers.cgroupPath(id),
    containerOf: (cgroup) => containers.ofCgroup(cgroup),
  });
  const enricher = new Enricher({
    processes,
    containers,
    wallOffsetNs: clock.offsetNs,
    onEvent: (event) => queue.push(event),
    wanted: (type) => wanted === undefined || wanted.has(type),
  });
  if (options.kube !== undefined) {
    try {
      pods = watchPods({ ...options.kube, onPod: (pod) => containers.podChanged(pod), log: options.log });
    } catch (error) {
      // A bad kubeconfig costs names, not sight; preflight reports it too.
      options.log(`pods stay unnamed: ${error instanceof Error ? error.message : String(error)}`);
    }
  }

  const streams: ProbeStream[] = [];
  let active: ProbeStream | undefined;
  let probe: RunningProbe | undefined;
  /** What it was asked for. */
  let running: string | undefined;

  function onDrops({ fromNs, toNs, drops }: Drops): void {
    const offset = clock.offsetNs();
    const lost = drops.filter((drop) => drop.cause === 'ring_full');
    const count = lost.reduce((sum, drop) => sum + drop.count, 0);
    counts.probe_faults += drops.reduce((sum, drop) => sum + drop.count, 0) - count;
    if (count === 0) return;
    counts.probe_dropped += count;
    options.onDrops({
      source: 'syscall',
      startNs: String(BigInt(fromNs) + offset),
      endNs: String(BigInt(toNs) + offset),
      cause: 'probe_drop',
      count,
      detail: `ring buffer full on ${lost.map((drop) => `cpu ${drop.cpu}: ${drop.count}`).join(', ')}`,
    });
  }

  function open(stdout: Readable): ProbeStream {
    const stream = new ProbeStream(
      stdout,
      { onRecord: (record) => enricher.handle(record), onDrops },
      active !== undefined,
    );
    streams.push(stream);
    stream.ended.then(() => {
      if (!stopped && stream === active) options.onEnd?.('the probe ended');
    });
    return stream;
  }

  const wantedNow = () => ({ ...probeOptions, events: wanted && [...wanted] });

  async function launch(): Promise<RunningProbe> {
    const { probePath, probeSocket } = options;
    const wants = wantedNow();
    if (probeSocket !== undefined) return askForProbe(probeSocket, requestFor(wants));
    if (probePath === undefined) throw new Error('startSensor needs probePath or probeSocket');
    return startProbe(probePath, wants);
  }

  async function start(): Promise<Hello> {
    const before = { probe, stream: active };
    const request = JSON.stringify(requestFor(wantedNow()));
    const next = await launch();
    const stream = open(next.stdout);
    const said = await Promise.race([stream.hello, next.failed]);
    if (stopped) {
      await next.stop();
      return said;
    }
    probe = next;
    active = stream;
    running = request;
    if (before.stream !== undefined) {
      before.stream.handOver(stream);
      await before.probe?.stop();
      await before.stream.ended;
      stream.flow();
    }
    return said;
  }

  const stop = async () => {
    stopped = true;
    await probe?.stop();
    queue.releaseAll();
    containers.stop();
    cri?.stop();
    links.stop();
    await pods?.stop();
  };
  try {
    let hello = await start();
    processes.seed();
    return {
      get hello() {
        return hello;
      },
      containerOf: (cgroup) => containers.ofCgroup(cgroup),
      counters: () => ({
        ...counts,
        ...sumCounters(streams),
        ...processes.counters,
        processes: processes.size,
        ...containers.counters,
        ...queue.counters,
      }),
      setEvents: async (events, filters) => {
        wanted = new Set(events);
        if (filters !== undefined) probeOptions = { ...options.probe, ...filters };
        // One change at a time: two probes taking over at once would not know from whom.
        const change = changing.then(async () => {
          if (!stopped && JSON.stringify(requestFor(wantedNow())) !== running) hello = await start();
        });
        changing = change.catch(() => undefined);
        return change;
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function sumCounters(streams: readonly ProbeStream[]): Record<string, number> {
  const sum = { frames: 0, oversize_frames: 0, skipped_bytes: 0, undecodable: 0 };
  for (const { frames, counters } of streams) {
    sum.frames += frames.frames;
    sum.oversize_frames += frames.oversize;
    sum.skipped_bytes += frames.skippedBytes;
    sum.undecodable += counters.undecodable;
  }
  return sum;
}
