import { readFileSync } from 'node:fs';

/** Bits of capabilities(7) that commands need. */
const CAPS = { DAC_OVERRIDE: 1, DAC_READ_SEARCH: 2, KILL: 5, SYS_PTRACE: 19 } as const;

export type Rights = {
  /** Other users' memory maps, descriptors and programs may be read. */
  readonly inspect: boolean;
  readonly kill: boolean;
};

/** What this process may do, by its effective capabilities. */
export function ownRights(status = readFileSync('/proc/self/status', 'utf8')): Rights {
  const mask = BigInt(`0x${/^CapEff:\s*([0-9a-f]+)/m.exec(status)?.[1] ?? '0'}`);
  const has = (bit: number) => (mask & (1n << BigInt(bit))) !== 0n;
  return {
    inspect: has(CAPS.SYS_PTRACE) && (has(CAPS.DAC_READ_SEARCH) || has(CAPS.DAC_OVERRIDE)),
    kill: has(CAPS.KILL),
  };
}
