import type { ContainerInfo, SyscallEvent, ThreadInfo } from '../../core/events/syscall.ts';
import { STORM_EXECS, STORM_MARK, type StormTruth } from './storm.ts';

type Seen = {
  readonly timeNs: bigint;
  readonly type: string;
  readonly cgroup: string;
  readonly podUid: string | undefined;
  /** `pod/container` from the process's own environment: owes nothing to attribution. */
  readonly mark: string | undefined;
  readonly id: string | undefined;
  readonly pod: string | undefined;
  readonly name: string | undefined;
};

export type StormResult = {
  /** Events of processes in the storm's pods, their sandboxes' included. */
  readonly events: number;
  readonly containers: number;
  /** Execs that must have been seen and were not. */
  readonly execsMissing: number;
  readonly withContainerId: number;
  readonly withPod: number;
  /** Events of containers proper, which have a name, unlike sandboxes. */
  readonly named: { readonly events: number; readonly atOnce: number; readonly afterFill: number };
  /** Events that carry another container or pod than theirs. */
  readonly wrong: number;
  /** Events without container or pod, by what they are. */
  readonly lacking: Readonly<Record<string, number>>;
  readonly lifetimeMs: { readonly p50: number; readonly p99: number; readonly max: number };
};

/** Gathers events as they are delivered and compares them with the truth when the storm is over. */
export class StormTally {
  readonly #seen: Seen[] = [];
  readonly #fills = new Map<
    string,
    { readonly pod: string | undefined; readonly name: string | undefined }
  >();

  event({ type, timeNs, thread }: SyscallEvent): void {
    if (thread === undefined) return;
    const mark = markOf(thread);
    const podUid = /pod([0-9a-f]{8}(?:[-_][0-9a-f]{4,12}){4})/.exec(thread.cgroup)?.[1]?.replaceAll('_', '-');
    if (mark === undefined && podUid === undefined) return;
    const { id, podName, name } = thread.container ?? {};
    const { cgroup } = thread;
    this.#seen.push({ timeNs, type, cgroup, podUid, mark, id, pod: podName, name });
  }

  fill({ id, podName, name }: ContainerInfo): void {
    this.#fills.set(id, { pod: podName, name });
  }

  result({ pods, containers }: StormTruth): StormResult {
    const lacking: Record<string, number> = {};
    const life = new Map<string, { first: bigint; last: bigint; execs: number }>();
    const count = { events: 0, withContainerId: 0, withPod: 0, wrong: 0 };
    const named = { events: 0, atOnce: 0, afterFill: 0 };
    for (const one of this.#seen) {
      const podName = one.mark?.split('/')[0] ?? pods.get(one.podUid ?? '');
      if (podName === undefined) continue;
      const trueName = one.mark?.split('/')[1] ?? containers.get(one.id ?? '');
      const fill = this.#fills.get(one.id ?? '');
      const pod = one.pod ?? fill?.pod;
      const name = one.name ?? fill?.name;
      count.events++;
      if (one.id !== undefined) count.withContainerId++;
      if (pod !== undefined) count.withPod++;
      const isWrong =
        (pod !== undefined && pod !== podName) ||
        (name !== undefined && name !== trueName) ||
        (one.mark !== undefined && one.id !== undefined && containers.get(one.id) !== trueName);
      if (isWrong) count.wrong++;
      if (trueName !== undefined) {
        named.events++;
        if (one.name !== undefined) named.atOnce++;
        if (name !== undefined) named.afterFill++;
      }
      if (pod === undefined || one.id === undefined || (trueName !== undefined && name === undefined)) {
        const what = one.id === undefined ? 'container' : pod === undefined ? 'pod' : 'name';
        const key = `no ${what}: ${one.type}`;
        lacking[key] = (lacking[key] ?? 0) + 1;
      }
      if (one.mark === undefined) continue;
      const span = life.get(one.mark) ?? { first: one.timeNs, last: one.timeNs, execs: 0 };
      if (one.type === 'execve') span.execs++;
      if (one.timeNs < span.first) span.first = one.timeNs;
      if (one.timeNs > span.last) span.last = one.timeNs;
      life.set(one.mark, span);
    }
    const execs = [...life.values()].reduce((sum, span) => sum + Math.min(span.execs, STORM_EXECS), 0);
    return {
      ...count,
      containers: life.size,
      execsMissing: containers.size * STORM_EXECS - execs,
      named,
      lacking,
      lifetimeMs: quantiles([...life.values()].map(({ first, last }) => Number(last - first) / 1e6)),
    };
  }
}

function markOf({ env }: ThreadInfo): string | undefined {
  return env.find((entry) => entry.startsWith(`${STORM_MARK}=`))?.slice(STORM_MARK.length + 1);
}

function quantiles(values: readonly number[]): StormResult['lifetimeMs'] {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => Math.round(sorted[Math.max(0, Math.ceil(sorted.length * share) - 1)] ?? 0);
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}
