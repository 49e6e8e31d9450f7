import { readdirSync } from 'node:fs';
import type { Proc } from './proc.ts';

export type SocketEntry = {
  readonly protocol: string;
  readonly local: string;
  readonly remote: string | null;
  readonly state: string;
};

const TABLES = ['tcp', 'tcp6', 'udp', 'udp6', 'raw', 'raw6'] as const;
const STATES = [
  'unknown',
  'established',
  'syn_sent',
  'syn_recv',
  'fin_wait1',
  'fin_wait2',
  'time_wait',
  'close',
  'close_wait',
  'last_ack',
  'listen',
  'closing',
  'new_syn_recv',
] as const;
const FDS_MAX = 4_096;

/**
 * Sockets of processes by inode, one read per network namespace. Source: Documentation/networking/proc_net_tcp.rst.
 */
export class SocketTables {
  readonly #proc: Proc;
  readonly #tables = new Map<string, ReadonlyMap<string, SocketEntry>>();

  constructor(proc: Proc) {
    this.#proc = proc;
  }

  /** Null when the process's descriptors may not be listed. */
  of(pid: number): SocketEntry[] | null {
    const dir = `${this.#proc.root}/${pid}`;
    let names: string[];
    try {
      names = readdirSync(`${dir}/fd`).slice(0, FDS_MAX);
    } catch {
      return null;
    }
    const table = this.#table(dir);
    return names.flatMap((name) => {
      const inode = /^socket:\[(\d+)\]$/.exec(this.#proc.link(`${dir}/fd/${name}`) ?? '')?.[1];
      const found = inode === undefined ? undefined : table.get(inode);
      return found === undefined ? [] : [found];
    });
  }

  #table(dir: string): ReadonlyMap<string, SocketEntry> {
    const key = this.#proc.link(`${dir}/ns/net`) ?? dir;
    let table = this.#tables.get(key);
    if (table === undefined) {
      const rows = TABLES.flatMap((name) => parseTable(name, this.#proc.text(`${dir}/net/${name}`) ?? ''));
      table = new Map(rows);
      this.#tables.set(key, table);
    }
    return table;
  }
}

export function parseTable(protocol: string, text: string): [string, SocketEntry][] {
  return text
    .split('\n')
    .slice(1)
    .flatMap((line): [string, SocketEntry][] => {
      const [, local = '', remote = '', state = '', , , , , , inode] = line.trim().split(/\s+/);
      if (inode === undefined || inode === '0') return [];
      const peer = address(remote);
      const name = protocol.startsWith('tcp') ? (STATES[Number.parseInt(state, 16)] ?? 'unknown') : 'open';
      return [
        [inode, { protocol, local: address(local), remote: /:0$/.test(peer) ? null : peer, state: name }],
      ];
    });
}

/** Each 32-bit word stands in the machine's byte order, which is little-endian wherever we run. */
function address(text: string): string {
  const [hex = '', port = '0'] = text.split(':');
  const bytes = [...hex.matchAll(/.{8}/g)].flatMap(([word]) => [...Buffer.from(word, 'hex')].reverse());
  const number = Number.parseInt(port, 16);
  if (bytes.length === 4) return `${bytes.join('.')}:${number}`;
  const words = Array.from({ length: 8 }, (_, i) => ((bytes[2 * i] ?? 0) << 8) | (bytes[2 * i + 1] ?? 0));
  const mapped = words.slice(0, 5).every((word) => word === 0) && words[5] === 0xffff;
  if (mapped) return `${bytes.slice(12).join('.')}:${number}`;
  return `[${words.map((word) => word.toString(16)).join(':')}]:${number}`;
}
