import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { release } from 'node:os';
import { promisify } from 'node:util';
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

export function checkPrivileges(): PreflightItem {
  const effective = /CapEff:\s*([0-9a-f]+)/.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '0';
  const has = (cap: number) => (BigInt(`0x${effective}`) >> BigInt(cap)) & 1n;
  if (has(CAP.SYS_ADMIN) || (has(CAP.BPF) && has(CAP.PERFMON))) {
    return { name: 'privileges', state: 'ok', detail: 'the probe may load; it drops everything afterwards' };
  }
  return {
    name: 'privileges',
    state: 'blind',
    detail: 'neither root nor CAP_BPF and CAP_PERFMON: kernel events are not seen',
    fix: 'Start with sudo, or give the agent container CAP_BPF, CAP_PERFMON and CAP_SYS_PTRACE.',
  };
}

const featuresSchema = z.record(z.string(), z.number());

/** Asks the probe to load an empty program of every kind: a kind may be compiled in and yet be refused. */
export async function checkPrograms(): Promise<PreflightItem> {
  const probe = await findBuiltProbe();
  if (probe === undefined) {
    return { name: 'bpf programs', state: 'off', detail: 'not tried: the probe is not built yet' };
  }
  const { stdout } = await run(probe, ['--features'], { timeout: FEATURES_TIMEOUT_MS });
  const features = featuresSchema.parse(JSON.parse(stdout));
  const refused = Object.keys(features).filter((kind) => features[kind] !== 0);
  const needed = ['ringbuf', 'tracepoint', 'tp_btf'].filter((kind) => refused.includes(kind));
  if (needed.length > 0) {
    return {
      name: 'bpf programs',
      state: 'blind',
      detail: `the kernel refuses ${needed.join(', ')}: kernel events are not seen`,
      fix: 'Check kernel lockdown, the seccomp profile of the container and its capabilities.',
    };
  }
  const kinds = 'uses tracepoints and BTF tracepoints';
  const detail = refused.length === 0 ? kinds : `${kinds}; not needed and refused: ${refused.join(', ')}`;
  return { name: 'bpf programs', state: 'ok', detail };
}

export function checkTracefs(): PreflightItem {
  const mounted = ['/sys/kernel/tracing/events', '/sys/kernel/debug/tracing/events'].some(existsSync);
  const detail = mounted ? 'mounted' : 'not mounted; the probe mounts it for itself alone';
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
  const memory = readFileSync('/proc/cgroups', 'utf8')
    .split('\n')
    .find((line) => line.startsWith('memory\t'));
  // Hierarchy 0 means the controller is not on a v1 mount: the unified tree is in charge.
  const v1 = memory !== undefined && memory.split('\t')[1] !== '0';
  const detail = v1
    ? 'v1: containers are told by the memory hierarchy'
    : 'v2: containers are told by the unified tree';
  return { name: 'cgroups', state: 'ok', detail };
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
