/** Reading of literals by field type. Each reader answers undefined for a text that is none of its kind. */

const INTEGER = /^[+-]?(?:0[xX][0-9a-fA-F]{1,16}|[0-9]{1,40})$/;

/** Integer as a number where it is exact, else as a bigint. */
export function readInteger(text: string): number | bigint | undefined {
  if (!INTEGER.test(text)) return undefined;
  const negative = text.startsWith('-');
  const magnitude = BigInt(text.replace(/^[+-]/, ''));
  const value = negative ? -magnitude : magnitude;
  const small = Number(value);
  return Number.isSafeInteger(small) ? small : value;
}

const SERVICES: Readonly<Record<string, number>> = {
  ftp: 21,
  ssh: 22,
  telnet: 23,
  smtp: 25,
  domain: 53,
  tftp: 69,
  http: 80,
  kerberos: 88,
  pop3: 110,
  ntp: 123,
  imap: 143,
  imap2: 143,
  snmp: 161,
  ldap: 389,
  https: 443,
  ldaps: 636,
  imaps: 993,
  pop3s: 995,
  mysql: 3306,
  postgresql: 5432,
  redis: 6379,
  'http-alt': 8080,
};

/** Port number or service name. */
export function readPort(text: string): number | undefined {
  const named = Object.hasOwn(SERVICES, text) ? SERVICES[text] : undefined;
  const value = named ?? readInteger(text);
  return typeof value === 'number' && value >= 0 && value <= 65_535 ? value : undefined;
}

/** Hexadecimal byte text of bcontains and bstartswith. */
export function readHex(text: string): Uint8Array | undefined {
  if (text.length === 0 || text.length % 2 !== 0 || !/^[0-9a-fA-F]+$/.test(text)) return undefined;
  return Uint8Array.from({ length: text.length / 2 }, (_, i) =>
    Number.parseInt(text.slice(2 * i, 2 * i + 2), 16),
  );
}

export type Net = { readonly family: 4 | 6; readonly base: bigint; readonly bits: number };

/** IPv4 as a 32-bit unsigned number, without allocation; undefined when malformed. */
export function readIpv4(text: string): number | undefined {
  let value = 0;
  let part = -1;
  let dots = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code >= 48 && code <= 57) {
      if (part === 0) return undefined;
      part = (part < 0 ? 0 : part * 10) + code - 48;
      if (part > 255) return undefined;
    } else if (code === 46 && part >= 0 && dots < 3) {
      value = value * 256 + part;
      part = -1;
      dots++;
    } else return undefined;
  }
  return dots === 3 && part >= 0 ? value * 256 + part : undefined;
}

/** IPv6 as a 128-bit number; a dotted tail is understood. */
export function readIpv6(text: string): bigint | undefined {
  if (text.length > 45 || !/^[0-9a-fA-F:.]+$/.test(text)) return undefined;
  let body = text;
  const tail = text.slice(text.lastIndexOf(':') + 1);
  if (tail.includes('.')) {
    const v4 = readIpv4(tail);
    if (v4 === undefined) return undefined;
    body = text.slice(0, -tail.length) + (v4 >>> 16).toString(16).concat(':', (v4 % 65_536).toString(16));
  }
  const halves = body.split('::');
  if (halves.length > 2) return undefined;
  const [head = '', rest] = halves;
  const left = head === '' ? [] : head.split(':');
  const right = rest === undefined || rest === '' ? [] : rest.split(':');
  const missing = 8 - left.length - right.length;
  if (rest === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...left, ...Array<string>(Math.max(missing, 0)).fill('0'), ...right];
  let value = 0n;
  for (const group of groups) {
    if (!/^[0-9a-fA-F]{1,4}$/.test(group)) return undefined;
    value = (value << 16n) | BigInt(`0x${group}`);
  }
  return value;
}

/** Canonical text of an address: dotted quad, or RFC 5952 with a dotted tail for mapped IPv4. */
export function canonicalIp(text: string): string | undefined {
  if (readIpv4(text) !== undefined) return text;
  const value = readIpv6(text);
  if (value === undefined) return undefined;
  if (value >> 32n === 0xffffn) {
    const quad = [24n, 16n, 8n, 0n].map((shift) => (value >> shift) & 0xffn).join('.');
    return `::ffff:${quad}`;
  }
  const groups = Array.from({ length: 8 }, (_, i) => Number((value >> BigInt(112 - 16 * i)) & 0xffffn));
  let best = { at: -1, length: 1 };
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && groups[i + length] === 0) length++;
    if (length > best.length) best = { at: i, length };
  }
  const hex = groups.map((g) => g.toString(16));
  if (best.at < 0) return hex.join(':');
  return `${hex.slice(0, best.at).join(':')}::${hex.slice(best.at + best.length).join(':')}`;
}

/** Network in CIDR form; a bare address is a network of one. */
export function readNet(text: string): Net | undefined {
  const slash = text.indexOf('/');
  const address = slash < 0 ? text : text.slice(0, slash);
  const v4 = readIpv4(address);
  const v6 = v4 === undefined ? readIpv6(address) : undefined;
  if (v4 === undefined && v6 === undefined) return undefined;
  const width = v4 === undefined ? 128 : 32;
  const prefix = slash < 0 ? String(width) : text.slice(slash + 1);
  if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > width) return undefined;
  const bits = Number(prefix);
  const shift = BigInt(width - bits);
  const base = ((v6 ?? BigInt(v4 ?? 0)) >> shift) << shift;
  return { family: v4 === undefined ? 6 : 4, base, bits };
}

/** Canonical CIDR text, host bits cleared. */
export function netText(net: Net): string {
  if (net.family === 4) {
    const value = Number(net.base);
    const quad = [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.');
    return `${quad}/${net.bits}`;
  }
  const groups = Array.from({ length: 8 }, (_, i) =>
    ((net.base >> BigInt(112 - 16 * i)) & 0xffffn).toString(16),
  );
  return `${canonicalIp(groups.join(':')) ?? '::'}/${net.bits}`;
}

/** Predicate "the address lies in the network"; addresses of the other family never do. */
export function netContains(net: Net): (ip: string) => boolean {
  if (net.family === 4) {
    const size = 2 ** (32 - net.bits);
    const base = Number(net.base);
    return (ip) => {
      const value = readIpv4(ip);
      return value !== undefined && value >= base && value < base + size;
    };
  }
  const shift = BigInt(128 - net.bits);
  return (ip) => {
    if (!ip.includes(':')) return false;
    const value = readIpv6(ip);
    return value !== undefined && (value >> shift) << shift === net.base;
  };
}
