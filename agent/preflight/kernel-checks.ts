import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import util, { promisify } from 'node:util';
import { z } from 'zod';
import type { PreflightItem } from '../../core/wire/agents.ts';
import { findBuiltProbe } from '../probe/build.ts';

const run = promisify(execFile);
const FEATURES_TIMEOUT_MS = 10_000;
/** bpf_task_pt_regs and bpf_get_current_task_btf in tracepoints. Source: kernel 5.15, kernel/trace/bpf_trace.c. */
const KERNEL_MIN = [5, 15] as const;
const CAP = { SYS_ADMIN: 21, PERFMON: 38, BPF: 39 } as const;

export function checkKernel(): PreflightItem {
  const [major = 0, minor = 0] = release()
    .split('.')
    .map((part) => Number.parseInt(part, 10));
  const enough = major > KERNEL_MIN[0] || (major === KERNEL_MIN[0] && minor >= KERNEL_MIN[1]);
  const detail = `Linux ${release()}`;
  return enough
    ? { name: 'kernel', state: 'ok', detail }
    : {
        name: 'kernel',
        state: 'blind',
        detail: `${detail} is older than ${KERNEL_MIN.join('.')}`,
        fix: 'Use a node image with Linux 5.15 or later.',
      };
}

export function checkBtf(): PreflightItem {
  if (existsSync('/sys/kernel/btf/vmlinux')) {
    return { name: 'btf', state: 'ok', detail: '/sys/kernel/btf/vmlinux' };
  }
  return {
    name: 'btf',
    state: 'blind',
    detail: 'the kernel does not describe its own types (/sys/kernel/btf/vmlinux is missing)',
    fix: 'Use a kernel built with CONFIG_DEBUG_INFO_BTF=y; in a container, mount /sys of the host.',
  };
}

/** Whether the probe may load: by this process, or by the one that started it and gave it no rights. */
export function checkPrivileges(): PreflightItem {
  return privilegesItem(statusOf('self'), statusOf(String(process.ppid)));
}

function statusOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/status`, 'utf8');
  } catch {
    return ''; // hidden or gone
  }
}

/** From the texts of /proc/PID/status of this process and of the one that started it. */
export function privilegesItem(own: string, starter: string): PreflightItem {
  const name = 'privileges';
  if (mayLoad(own))
    return { name, state: 'ok', detail: 'the probe may load; it drops everything afterwards' };
  if (mayLoad(starter))
    return {
      name,
      state: 'ok',
      detail: 'the agent has none; the process that started it may load the probe',
    };
  return {
    name,
    state: 'blind',
    detail: 'neither root nor CAP_BPF and CAP_PERFMON: kernel events are not seen',
    fix: 'Start with sudo, or give the agent container CAP_BPF, CAP_PERFMON and CAP_SYS_PTRACE.',
  };
}

function mayLoad(status: string): boolean {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(status)?.[1] ?? '0';
  const has = (cap: number) => ((BigInt(`0x${effective}`) >> BigInt(cap)) & 1n) === 1n;
  return has(CAP.SYS_ADMIN) || (has(CAP.BPF) && has(CAP.PERFMON));
}

const featuresSchema = z.record(z.string(), z.number());
const NEEDED_KINDS = ['ringbuf', 'tracepoint', 'tp_btf', 'iter'] as const;

/** Asks the probe to load an empty program of every kind: a kind may be compiled in and yet be refused. */
export async function checkPrograms(): Promise<PreflightItem> {
  const name = 'bpf programs';
  if (!mayLoad(statusOf('self')))
    return { name, state: 'off', detail: 'not tried: only a privileged process can tell' };
  const probe = await findBuiltProbe();
  if (probe === undefined) return { name, state: 'off', detail: 'not tried: the probe is not built yet' };
  const { stdout } = await run(probe, ['--features'], { timeout: FEATURES_TIMEOUT_MS });
  return programsItem(featuresSchema.parse(JSON.parse(stdout)));
}

/** `features`: kind of program → 0 or the errno that the kernel refused it with. */
export function programsItem(features: Readonly<Record<string, number>>): PreflightItem {
  const name = 'bpf programs';
  const refusal = (kind: string) => {
    const errno = features[kind] ?? 0;
    return `${kind} (${util.getSystemErrorName(-errno)})`;
  };
  const refused = Object.keys(features).filter((kind) => features[kind] !== 0);
  const missing = NEEDED_KINDS.filter((kind) => features[kind] !== 0);
  if (missing.length > 0) {
    return {
      name,
      state: 'blind',
      detail: `the kernel refuses ${missing.map(refusal).join(', ')}: kernel events are not seen`,
      fix: 'Check kernel lockdown, the seccomp profile of the container and its capabilities.',
    };
  }
  const unneeded = refused.length === 0 ? '' : `; not needed and refused: ${refused.map(refusal).join(', ')}`;
  return { name, state: 'ok', detail: `uses tracepoints, BTF tracepoints and iterators${unneeded}` };
}

export function checkTracefs(): PreflightItem {
  const mounted = ['/sys/kernel/tracing/events', '/sys/kernel/debug/tracing/events'].some(existsSync);
  const how = mounted ? 'mounted' : 'not mounted; the probe mounts it for itself alone';
  const detail = `${how}; the BPF file system is not needed`;
  return existsSync('/sys/kernel/tracing')
    ? { name: 'tracefs', state: 'ok', detail }
    : {
        name: 'tracefs',
        state: 'blind',
        detail: 'the kernel has no tracefs: system calls are not seen',
        fix: 'Use a kernel with CONFIG_FTRACE_SYSCALLS=y; in a container, mount /sys of the host.',
      };
}

export function checkCgroups(): PreflightItem {
  return cgroupsItem(readFileSync('/proc/cgroups', 'utf8'), readFileSync('/proc/self/mounts', 'utf8'));
}

/** From the texts of /proc/cgroups and /proc/self/mounts; the probe decides by the first alone. */
export function cgroupsItem(controllers: string, mounts: string): PreflightItem {
  const name = 'cgroups';
  const memory = controllers.split('\n').find((line) => line.startsWith('memory\t'));
  // Hierarchy 0 means the controller is not on a v1 mount: the unified tree is in charge.
  const isOnV1 = memory !== undefined && memory.split('\t')[1] !== '0';
  const types = new Set(mounts.split('\n').map((line) => line.split(' ')[2]));
  if (isOnV1) {
    const kind = types.has('cgroup2') ? 'hybrid' : 'v1';
    return { name, state: 'ok', detail: `${kind}: containers are told by the memory hierarchy` };
  }
  if (types.has('cgroup') && !types.has('cgroup2')) {
    return {
      name,
      state: 'degraded',
      detail: 'v1 without the memory controller: processes of containers look like those of the host',
      fix: 'Remove cgroup_disable=memory from the kernel’s command line, or boot with the unified hierarchy.',
    };
  }
  return { name, state: 'ok', detail: 'v2: containers are told by the unified tree' };
}

export async function checkBuildTools(): Promise<PreflightItem> {
  const built = await findBuiltProbe();
  if (built !== undefined) return { name: 'probe build', state: 'ok', detail: built };
  const missing: string[] = [];
  for (const [tool, header] of [
    ['bpftool', undefined],
    ['clang-14', undefined],
    ['cc', undefined],
    ['libbpf-dev', '/usr/include/bpf/libbpf.h'],
    ['libelf-dev', '/usr/include/libelf.h'],
  ] as const) {
    if (header === undefined ? !(await onPath(tool)) : !existsSync(header)) missing.push(tool);
  }
  if (missing.length === 0) return { name: 'probe build', state: 'ok', detail: 'can be built here' };
  return {
    name: 'probe build',
    state: 'blind',
    detail: `the probe is not built and ${missing.join(', ')} is missing`,
    fix: 'apt-get install clang-14 llvm-14 libbpf-dev libelf-dev bpftool gcc',
  };
}

async function onPath(tool: string): Promise<boolean> {
  const names = tool.startsWith('clang') ? ['clang', tool] : [tool];
  for (const name of names) {
    const found = await run(name, ['--version'], { timeout: FEATURES_TIMEOUT_MS }).catch(() => undefined);
    if (found !== undefined) return true;
  }
  return false;
}
