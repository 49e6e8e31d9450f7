import { readFileSync } from 'node:fs';
import type { PreflightItem } from '../../core/wire/agents.ts';

/** 0 = for everybody, 1 = for privileged processes, 2 = for nobody. Source: Documentation/admin-guide/sysctl. */
const IO_URING = '/proc/sys/kernel/io_uring_disabled';

export function checkBlindSpots(calls32: boolean | null): PreflightItem {
  return blindSpots(calls32, readIoUring());
}

function readIoUring(): string | undefined {
  try {
    return readFileSync(IO_URING, 'utf8').trim();
  } catch {
    return undefined; // before Linux 6.6, or built without
  }
}

/**
 * Ways around the hooks that this kernel leaves open. Not a fault of the agent, which is healthy with them.
 * `calls32`: whether programs can make 32-bit calls, null when unknown; `ioUring`: text of the sysctl, if it exists.
 */
export function blindSpots(calls32: boolean | null, ioUring: string | undefined): PreflightItem {
  const name = 'blind spots';
  const open: string[] = [];
  const fixes: string[] = [];
  if (calls32 !== false) {
    open.push(
      `32-bit system calls ${calls32 === null ? 'may be' : 'are'} possible: of a program that makes them only start, forks and end are seen`,
    );
    fixes.push('boot with ia32_emulation=0 (Linux 6.7)');
  }
  if (ioUring !== '2') {
    const whose = ioUring === '1' ? 'privileged programs' : 'programs';
    open.push(`${whose} can open files and connect through io_uring: only that they set it up is seen`);
    fixes.push('set the sysctl kernel.io_uring_disabled=2 (Linux 6.6)');
  }
  if (open.length === 0)
    return { name, state: 'ok', detail: 'neither 32-bit system calls nor io_uring are possible' };
  const fix = `Where nothing needs it: ${fixes.join('; ')}.`;
  return { name, state: 'limited', detail: open.join('; '), fix };
}
