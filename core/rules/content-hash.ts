/** Odd constants of xxHash64's avalanche, reused for two independent 64-bit lanes. */
const PRIMES = [0x9e3779b185ebca87n, 0xc2b2ae3d27d4eb4fn] as const;
const MASK = 0xffff_ffff_ffff_ffffn;

/**
 * 128-bit content hash as 32 hex digits. It tells versions apart and is no defence: whoever can change rules
 * needs no collision. Pure, so that agent, server and browser agree without a crypto module.
 */
export function contentHash(texts: readonly string[]): string {
  return PRIMES.map((prime) => lane(texts, prime)).join('');
}

function lane(texts: readonly string[], prime: bigint): string {
  // FNV-1a over 32-bit halves in plain numbers, mixed at the end: bigint per character would be slow.
  let high = Number(prime >> 32n) | 0;
  let low = Number(prime & 0xffff_ffffn) | 0;
  for (const text of texts) {
    for (let i = 0; i < text.length; i++) {
      low = Math.imul(low ^ text.charCodeAt(i), 0x01000193);
      high = Math.imul(high ^ low ^ (low >>> 15), 0x85ebca6b);
    }
    low = Math.imul(low ^ text.length ^ 0x5bd1e995, 0x01000193);
  }
  let value = ((BigInt(high >>> 0) << 32n) | BigInt(low >>> 0)) & MASK;
  value = ((value ^ (value >> 33n)) * prime) & MASK;
  value ^= value >> 29n;
  return value.toString(16).padStart(16, '0');
}
