/** Sixteen bytes of an IPv6 address in text form; undefined when it is none. */
export function ipv6Bytes(text: string): Uint8Array | undefined {
  const dotted = /^(.*:)(\d+)\.(\d+)\.(\d+)\.(\d+)$/.exec(text);
  if (dotted) {
    const quad = dotted.slice(2).map(Number);
    if (quad.some((part) => part > 255)) return undefined;
    const [a = 0, b = 0, c = 0, d = 0] = quad;
    return ipv6Bytes(`${dotted[1]}${((a << 8) | b).toString(16)}:${((c << 8) | d).toString(16)}`);
  }
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [left = [], right = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const given = left.length + right.length;
  if (halves.length === 2 ? given > 7 : given !== 8) return undefined;
  if (![...left, ...right].every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined;
  const bytes = new Uint8Array(16);
  const view = new DataView(bytes.buffer);
  left.forEach((group, i) => {
    view.setUint16(2 * i, Number.parseInt(group, 16));
  });
  right.forEach((group, i) => {
    view.setUint16(16 - 2 * (right.length - i), Number.parseInt(group, 16));
  });
  return bytes;
}
