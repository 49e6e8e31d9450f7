/** Block types of the capture format. Source: falcosecurity/libs, libscap/scap_savefile.h. */
export const SECTION = 0x0a0d0d0a;
export const MACHINE_INFO = 0x201;
export const EVENT = 0x204;
export const EVENT_FLAGS = 0x208;
export const EVENT_V2 = 0x216;
export const EVENT_FLAGS_V2 = 0x217;
export const EVENT_V2_LARGE = 0x221;
export const EVENT_FLAGS_V2_LARGE = 0x222;
export const FD_LIST = 0x203;
export const FD_LIST_V2 = 0x218;
export const INTERFACES = 0x205;
export const INTERFACES_V2 = 0x219;
export const USERS = 0x206;
export const USERS_V2 = 0x220;

/** Longest block read: a process list of 100,000 threads fits; a lie about a length does not fill the memory. */
export const BLOCK_MAX = 64 * 1024 * 1024;

/** Flag of events recorded for their effect only. */
export const STATE_ONLY = 1;
export const PROCESS_LIST_V9 = 0x215;

/** Version of each process list block. */
export const PROCESS_LIST_VERSIONS: ReadonlyMap<number, number> = new Map([
  [0x202, 1],
  [0x207, 2],
  [0x209, 3],
  [0x210, 4],
  [0x211, 5],
  [0x212, 6],
  [0x213, 7],
  [0x214, 8],
  [PROCESS_LIST_V9, 9],
]);

/** Numbers used before the block types were registered. */
const UNOFFICIAL: ReadonlyMap<number, number> = new Map([
  [0x8000abcd, 0x202],
  [0x8001abcd, FD_LIST],
  [0x8002abcd, MACHINE_INFO],
  [0x8010abcd, EVENT],
  [0x8011abcd, INTERFACES],
  [0x8012abcd, USERS],
  [0x8013abcd, 0x207],
  [0x8014abcd, 0x209],
]);

/** Official number of a block type. */
export function officialType(type: number): number {
  return UNOFFICIAL.get(type) ?? type;
}
