import { isIP } from 'node:net';

export type Destination = {
  /** `address:port`, or `namespace/Kind/name:port` where the address is a pod's. */
  readonly exact: string;
  /** What stands for it when a workload has too many: its /24 or /64, or the workload without the port. */
  readonly network: string;
};

const ENDPOINT = /^(?:\[([0-9a-fA-F:.]{2,45})\]|([0-9.]{7,15})):(\d{1,5})$/;

/** Where an outbound connection goes; undefined for loopback, for no address at all, and for text that is no endpoint. */
export function destinationOf(
  object: string,
  workloadOf: (ip: string) => string | undefined,
): Destination | undefined {
  const parts = ENDPOINT.exec(object);
  const given = parts?.[1] ?? parts?.[2];
  const port = Number(parts?.[3]);
  if (given === undefined || port > 65_535) return undefined;
  const version = isIP(given);
  if (version === 0) return undefined;
  const groups = version === 6 ? v6Groups(given) : undefined;
  const ip = groups === undefined ? given : v6Text(groups);
  if (isIP(ip) === 4) {
    if (/^(127|0)\./.test(ip)) return undefined;
    const name = workloadOf(ip);
    if (name !== undefined) return { exact: `${name}:${port}`, network: name };
    return { exact: `${ip}:${port}`, network: `${ip.slice(0, ip.lastIndexOf('.'))}.0/24` };
  }
  if (ip === '::' || ip === '::1' || groups === undefined) return undefined;
  const name = workloadOf(ip);
  if (name !== undefined) return { exact: `${name}:${port}`, network: name };
  const network = v6Text([...groups.slice(0, 4), 0, 0, 0, 0]);
  return { exact: `[${ip}]:${port}`, network: `${network}/64` };
}

/** The eight groups of a valid IPv6 address. */
function v6Groups(ip: string): readonly number[] {
  // The URL parser writes every form of an address in one way, the last two groups never as IPv4.
  const text = new URL(`http://[${ip}]/`).hostname.slice(1, -1);
  const [head = '', tail] = text.split('::');
  const numbers = (list: string) =>
    list === '' ? [] : list.split(':').map((group) => Number.parseInt(group, 16));
  const [left, right] = [numbers(head), numbers(tail ?? '')];
  return [...left, ...Array<number>(8 - left.length - right.length).fill(0), ...right];
}

/** One way to write an address; an IPv4 address that is mapped into IPv6 is written as IPv4. */
function v6Text(groups: readonly number[]): string {
  const [high = 0, low = 0] = groups.slice(6);
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) {
    return [high >> 8, high & 255, low >> 8, low & 255].join('.');
  }
  const plain = groups.map((group) => group.toString(16)).join(':');
  return new URL(`http://[${plain}]/`).hostname.slice(1, -1);
}
