import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { containerOfCgroup } from '../../enrich/cgroup.ts';

/** Where each controller's files are. In version 2 and hybrids without controllers of their own, one place. */
export type Hierarchy = {
  readonly version: 1 | 2;
  readonly memory: string;
  readonly cpu: string | undefined;
  readonly pids: string | undefined;
};

export type ContainerCgroup = {
  /** Within the hierarchy, from `/`. */
  readonly path: string;
  readonly containerId: string;
  readonly podUid: string | undefined;
};

export type Usage = {
  /** Bytes that cannot be reclaimed: usage without inactive file pages, as the kubelet counts. */
  readonly memory: number | undefined;
  readonly memoryMax: number | undefined;
  readonly oomKills: number | undefined;
  readonly cpuPeriods: number | undefined;
  readonly cpuThrottled: number | undefined;
  readonly pids: number | undefined;
  readonly pidsMax: number | undefined;
  /** How often a fork was refused. */
  readonly pidsRefused: number | undefined;
};

/** A node runs 110 pods by default; 16,384 directories read take about 100 ms. */
const DIRECTORIES_MAX = 16_384;
const DEPTH_MAX = 10;
/** Version 1 says "no limit" with the largest multiple of a page. */
const NO_LIMIT = 2 ** 60;

/** Undefined where no memory controller is mounted. */
export function findHierarchy(root = '/sys/fs/cgroup'): Hierarchy | undefined {
  const v1 = join(root, 'memory');
  if (existsSync(join(v1, 'cgroup.procs'))) {
    const cpu = ['cpu', 'cpu,cpuacct', 'cpuacct,cpu']
      .map((name) => join(root, name))
      .find((dir) => existsSync(dir));
    const pids = join(root, 'pids');
    return { version: 1, memory: v1, cpu, pids: existsSync(pids) ? pids : undefined };
  }
  if (!existsSync(join(root, 'cgroup.controllers'))) return undefined;
  return { version: 2, memory: root, cpu: root, pids: root };
}

/** The cgroups of all containers there are now; what a container makes below its own is left to it. */
export function containerCgroups({ memory }: Hierarchy): readonly ContainerCgroup[] {
  const found: ContainerCgroup[] = [];
  let room = DIRECTORIES_MAX;
  const walk = (path: string, namesLeafFirst: readonly string[]): void => {
    const children = directoriesIn(join(memory, path));
    for (const name of children) {
      room -= 1;
      if (room < 0) return;
      const names = [name, ...namesLeafFirst];
      const container = containerOfCgroup(names);
      const child = `${path}/${name}`;
      if (container !== undefined) found.push({ path: child, ...container });
      else if (names.length < DEPTH_MAX) walk(child, names);
    }
  };
  walk('', []);
  return found;
}

export function readUsage(hierarchy: Hierarchy, path: string): Usage {
  const { version, cpu, pids } = hierarchy;
  const memory = join(hierarchy.memory, path);
  const stat = keyed(read(memory, 'memory.stat'));
  const usage = number(read(memory, version === 1 ? 'memory.usage_in_bytes' : 'memory.current'));
  const inactive = stat.get(version === 1 ? 'total_inactive_file' : 'inactive_file') ?? 0;
  const kills = keyed(read(memory, version === 1 ? 'memory.oom_control' : 'memory.events'));
  const throttling = cpu === undefined ? new Map<string, number>() : keyed(read(join(cpu, path), 'cpu.stat'));
  const processes = (name: string) => (pids === undefined ? '' : read(join(pids, path), name));
  return {
    memory: usage === undefined ? undefined : Math.max(0, usage - inactive),
    memoryMax: number(read(memory, version === 1 ? 'memory.limit_in_bytes' : 'memory.max')),
    oomKills: kills.get('oom_kill'),
    cpuPeriods: throttling.get('nr_periods'),
    cpuThrottled: throttling.get('nr_throttled'),
    pids: number(processes('pids.current')),
    pidsMax: number(processes('pids.max')),
    pidsRefused: keyed(processes('pids.events')).get('max'),
  };
}

function directoriesIn(dir: string): readonly string[] {
  try {
    return readdirSync(dir, { withFileTypes: true }).flatMap((entry) =>
      entry.isDirectory() ? [entry.name] : [],
    );
  } catch {
    return [];
  }
}

/** Empty where the file is not there: the container has ended, or its controller is not on. */
function read(dir: string, name: string): string {
  try {
    return readFileSync(join(dir, name), 'utf8');
  } catch {
    return '';
  }
}

/** `max` and the largest numbers mean no limit. */
function number(text: string): number | undefined {
  const value = Number.parseInt(text, 10);
  return value < NO_LIMIT ? value : undefined;
}

function keyed(text: string): ReadonlyMap<string, number> {
  const values = new Map<string, number>();
  for (const line of text.split('\n')) {
    const space = line.indexOf(' ');
    if (space > 0) values.set(line.slice(0, space), Number(line.slice(space + 1)));
  }
  return values;
}
