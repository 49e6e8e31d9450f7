/** Canonical texts of addresses as they lie in a capture (network byte order). */

/** IPv4 as a number read little-endian, so that the first byte is the lowest. */
export function ipv4Text(address: number): string {
  return `${address & 255}.${(address >>> 8) & 255}.${(address >>> 16) & 255}.${address >>> 24}`;
}

/** Sixteen bytes as inet_ntop prints them: longest run of zero groups shortened, mapped IPv4 dotted. */
export function ipv6Text(bytes: Uint8Array, at: number): string {
  const groups: number[] = [];
  for (let i = 0; i < 8; i++) groups.push(((bytes[at + 2 * i] ?? 0) << 8) | (bytes[at + 2 * i + 1] ?? 0));
  let best = -1;
  let bestLength = 1;
  for (let i = 0; i < 8; i++) {
    let length = 0;
    while (i + length < 8 && groups[i + length] === 0) length++;
    if (length > bestLength) {
      best = i;
      bestLength = length;
    }
    if (length > 0) i += length;
  }
  if (best === 0 && (bestLength === 6 || (bestLength === 5 && groups[5] === 0xffff))) {
    const quad = ipv4Text(
      ((bytes[at + 12] ?? 0) |
        ((bytes[at + 13] ?? 0) << 8) |
        ((bytes[at + 14] ?? 0) << 16) |
        ((bytes[at + 15] ?? 0) << 24)) >>>
        0,
    );
    return bestLength === 6 ? `::${quad}` : `::ffff:${quad}`;
  }
  const hex = groups.map((group) => group.toString(16));
  if (best < 0) return hex.join(':');
  return `${hex.slice(0, best).join(':')}::${hex.slice(best + bestLength).join(':')}`;
}

/** Whether sixteen bytes are an IPv4 address mapped into IPv6. */
export function isMapped(bytes: Uint8Array, at: number): boolean {
  for (let i = 0; i < 10; i++) if (bytes[at + i] !== 0) return false;
  return bytes[at + 10] === 0xff && bytes[at + 11] === 0xff;
}
