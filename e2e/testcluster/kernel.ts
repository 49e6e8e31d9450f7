import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { must, run } from './command.ts';
import { endProcesses } from './daemon.ts';
import { type ClusterLayout, NODE_IP, WORLD_GATEWAY, WORLD_IP } from './paths.ts';

const CGROUP_FS = '/sys/fs/cgroup';
const V1_HIERARCHIES = [
  'cpu',
  'cpuacct',
  'cpuset',
  'memory',
  'devices',
  'freezer',
  'blkio',
  'pids',
  'systemd',
];
/** The kubelet sets these on its host; the cluster puts them back. */
const KUBELET_SYSCTLS = ['kernel/panic', 'kernel/panic_on_oops', 'vm/overcommit_memory'];

/** `nsenter --net` and not `ip netns exec`: the latter remounts /sys and hides the cgroups from the kubelet. */
export function inNetns(netns: string, argv: readonly string[]): [string, ...string[]] {
  return ['nsenter', `--net=/run/netns/${netns}`, ...argv];
}

/**
 * Two namespaces: the node (addresses of node and pods) and a world of one host behind it, so that a
 * connection out of the cluster is really routed, answered and open to policy. No packet leaves the machine.
 */
export async function createNetwork(layout: ClusterLayout): Promise<void> {
  const { nodeNetns: node, worldNetns: world } = layout;
  const ip = (netns: string, args: string) => must('ip', ['-n', netns, ...args.split(' ')]);
  await must('ip', ['netns', 'add', node]);
  await must('ip', ['netns', 'add', world]);
  await ip(node, 'link set lo up');
  await ip(world, 'link set lo up');
  // No dummy device: some kernels lack it. Both ends of a veth pair in one namespace do the same.
  await ip(node, 'link add node0 type veth peer name node0p');
  await ip(node, `addr add ${NODE_IP}/24 dev node0`);
  await ip(node, 'link set node0 up');
  await ip(node, 'link set node0p up');
  await ip(node, `link add world0 type veth peer name world1 netns ${world}`);
  await ip(node, `addr add ${WORLD_GATEWAY}/24 dev world0`);
  await ip(node, 'link set world0 up');
  await ip(world, `addr add ${WORLD_IP}/24 dev world1`);
  await ip(world, 'link set world1 up');
  await ip(world, `route add default via ${WORLD_GATEWAY}`);
  await ip(node, `route add default via ${WORLD_IP}`);
  const sysctl = inNetns(node, ['sysctl', '-qw', 'net.ipv4.ip_forward=1']);
  // Bridged pod-to-pod packets pass the forward hook only with this on; NetworkPolicy needs it.
  sysctl.push('net.bridge.bridge-nf-call-iptables=1', 'net.bridge.bridge-nf-call-ip6tables=1');
  await must(sysctl[0], sysctl.slice(1));
}

export async function deleteNetwork(layout: ClusterLayout): Promise<void> {
  for (const netns of [layout.nodeNetns, layout.worldNetns])
    if (existsSync(`/run/netns/${netns}`)) await run('ip', ['netns', 'del', netns]);
}

function cgroupRoots(): string[] {
  if (existsSync(join(CGROUP_FS, 'cgroup.controllers'))) return [CGROUP_FS];
  return [...V1_HIERARCHIES, 'unified'].map((name) => join(CGROUP_FS, name)).filter((dir) => existsSync(dir));
}

export function createCgroups(layout: ClusterLayout): void {
  for (const root of cgroupRoots()) {
    const dir = join(root, layout.cgroup);
    mkdirSync(dir, { recursive: true });
    if (root === CGROUP_FS) {
      for (const at of [root, dir])
        writeFileSync(join(at, 'cgroup.subtree_control'), '+cpu +cpuset +memory +pids');
    } else if (root.endsWith('/cpuset')) {
      // A new v1 cpuset is empty and takes no process.
      for (const file of ['cpuset.cpus', 'cpuset.mems'])
        writeFileSync(join(dir, file), readFileSync(join(root, file)));
    }
  }
}

/** Kills everything that still runs in the cluster's cgroups, then removes them, deepest first. */
export async function deleteCgroups(layout: ClusterLayout): Promise<void> {
  const dirs = cgroupRoots().flatMap((root) => subtree(join(root, layout.cgroup)));
  const pids = new Set(dirs.flatMap((dir) => readPids(join(dir, 'cgroup.procs'))));
  await endProcesses([...pids], 0);
  for (const dir of dirs) rmdirSync(dir);
}

function subtree(dir: string): string[] {
  if (!existsSync(dir)) return [];
  const children = readdirSync(dir, { withFileTypes: true }).filter((entry) => entry.isDirectory());
  return [...children.flatMap((entry) => subtree(join(dir, entry.name))), dir];
}

function readPids(path: string): number[] {
  return readFileSync(path, 'utf8').split('\n').filter(Boolean).map(Number);
}

/** Unmounts everything below the run directory, innermost first (overlays, pod volumes, pod namespaces). */
export async function unmountBelow(dir: string): Promise<void> {
  const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
    .split('\n')
    .flatMap((line) => {
      const point = line
        .split(' ')[4]
        ?.replaceAll(/\\(\d{3})/g, (_, octal) => String.fromCharCode(parseInt(octal, 8)));
      return point?.startsWith(`${dir}/`) ? [point] : [];
    });
  for (const point of mounts.reverse()) await run('umount', ['-l', point]);
}

/** Pids of containerd's shims, which outlive it: each carries the socket's path in its arguments. */
export function shimPids(layout: ClusterLayout): number[] {
  return readdirSync('/proc').flatMap((entry) => {
    if (!/^\d+$/.test(entry)) return [];
    try {
      const args = readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\0');
      const isShim = args[0]?.includes('containerd-shim') && args.includes(layout.containerdSocket);
      return isShim ? [Number(entry)] : [];
    } catch {
      return [];
    }
  });
}

export function readSysctls(): Record<string, string> {
  return Object.fromEntries(
    KUBELET_SYSCTLS.map((name) => [name, readFileSync(join('/proc/sys', name), 'utf8').trim()]),
  );
}

export function restoreSysctls(values: Readonly<Record<string, string>>): void {
  for (const [name, value] of Object.entries(values))
    if (KUBELET_SYSCTLS.includes(name)) writeFileSync(join('/proc/sys', name), value);
}
