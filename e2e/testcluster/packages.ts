import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Debian and Ubuntu packages the test cluster runs on; the launcher installs what is missing. */
export const CLUSTER_PACKAGES = [
  'busybox-static',
  'conntrack',
  'containerd',
  'containernetworking-plugins',
  'gcc',
  'iproute2',
  'iptables',
  'libc6-dev',
  'nftables',
  'openssl',
  'procps',
  'runc',
  'util-linux',
] as const;

const PROGRAMS = {
  conntrack: 'conntrack',
  containerd: 'containerd',
  'containerd-shim-runc-v2': 'containerd',
  ctr: 'containerd',
  gcc: 'gcc',
  ip: 'iproute2',
  iptables: 'iptables',
  nft: 'nftables',
  nsenter: 'util-linux',
  openssl: 'openssl',
  runc: 'runc',
  sysctl: 'procps',
} as const;
const FILES = {
  '/usr/bin/busybox': 'busybox-static',
  '/usr/lib/cni/bridge': 'containernetworking-plugins',
} as const;

/** Packages whose programs are not there, sorted; empty when the cluster can start. */
export function missingPackages(): string[] {
  const dirs = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/sbin'];
  const missing = new Set<string>();
  for (const [program, name] of Object.entries(PROGRAMS))
    if (!dirs.some((dir) => existsSync(join(dir, program)))) missing.add(name);
  for (const [file, name] of Object.entries(FILES)) if (!existsSync(file)) missing.add(name);
  return [...missing].sort();
}
