export const AF_UNIX = 1;
export const AF_INET = 2;
export const AF_INET6 = 10;

/** Textual address of 4 or 16 bytes at `at`; IPv4-mapped IPv6 is shown as IPv4, as Falco does. */
export function readIp(p: Buffer, at: number, family: number): string {
  if (family === AF_INET) return `${p[at]}.${p[at + 1]}.${p[at + 2]}.${p[at + 3]}`;
  return family === AF_INET6 ? ipv6Text(p, at) : '';
}

function ipv6Text(p: Buffer, at: number): string {
  if (isMapped(p, at)) return readIp(p, at + 12, AF_INET);
  const groups: number[] = [];
  for (let i = 0; i < 16; i += 2) groups.push(p.readUInt16BE(at + i));
  const { start, length } = longestZeroRun(groups);
  const hex = (part: readonly number[]) => part.map((group) => group.toString(16)).join(':');
  if (length < 2) return hex(groups);
  return `${hex(groups.slice(0, start))}::${hex(groups.slice(start + length))}`;
}

function isMapped(p: Buffer, at: number): boolean {
  for (let i = 0; i < 10; i++) if (p[at + i] !== 0) return false;
  return p[at + 10] === 0xff && p[at + 11] === 0xff;
}

/** RFC 5952: the longest run of zero groups is shortened, the first of equals. */
function longestZeroRun(groups: readonly number[]): { start: number; length: number } {
  let best = { start: 0, length: 0 };
  let start = 0;
  for (let i = 0; i <= groups.length; i++) {
    if (groups[i] === 0) continue;
    if (i - start > best.length) best = { start, length: i - start };
    start = i + 1;
  }
  return best;
}

/** Reads a struct sockaddr; undefined when it is empty, short or of another family. */
export function readAddress(p: Buffer): { ip: string; port: number; path: string } | undefined {
  if (p.length < 2) return undefined;
  const family = p.readUInt16LE(0);
  if (family === AF_INET && p.length >= 8) {
    return { ip: readIp(p, 4, AF_INET), port: p.readUInt16BE(2), path: '' };
  }
  if (family === AF_INET6 && p.length >= 24) {
    return { ip: readIp(p, 8, AF_INET6), port: p.readUInt16BE(2), path: '' };
  }
  if (family !== AF_UNIX) return undefined;
  // An abstract name starts with NUL and is shown with @, as ss and Falco do.
  const abstract = p[2] === 0;
  const name = p.toString('utf8', abstract ? 3 : 2);
  const end = name.indexOf('\0');
  const path = end < 0 ? name : name.slice(0, end);
  return { ip: '', port: 0, path: abstract && path !== '' ? `@${path}` : path };
}
