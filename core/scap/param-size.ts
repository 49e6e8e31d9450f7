const SIZES: Readonly<Record<string, number>> = {
  ERRNO: 8,
  FD: 8,
  FD32: 4,
  PID: 8,
  PID32: 4,
  SYSCALLID: 2,
  SIGTYPE: 1,
  RELTIME: 8,
  ABSTIME: 8,
  PORT: 2,
  L4PROTO: 1,
  SOCKFAMILY: 1,
  BOOL: 4,
  UID: 4,
  GID: 4,
  DOUBLE: 8,
  SIGSET: 4,
  IPV4ADDR: 4,
  IPV6ADDR: 16,
  MODE: 4,
};

/** Bytes that a value of a driver type takes; 0 when its length varies. Source: driver/ppm_events_public.h. */
export function paramSize(type: string): number {
  const bits = /^(?:U?INT|(?:ENUM)?FLAGS)(8|16|32|64)$/.exec(type)?.[1];
  return bits === undefined ? (SIZES[type] ?? 0) : Number(bits) / 8;
}
