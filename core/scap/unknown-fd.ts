import type { CaptureEvent } from './capture-event.ts';
import { paramText } from './param-value.ts';
import { resolveAt } from './state-files.ts';

/** Kind of descriptor that a creating call would have given, by the id of its enter event. */
const TYPECHARS: ReadonlyMap<number, string> = new Map([
  ...[2, 58, 102, 306, 326].map((id) => [id, 'f'] as const),
  ...[18, 26, 56, 246, 248, 388].map((id) => [id, '4'] as const),
  ...[60, 392].map((id) => [id, 'p'] as const),
  ...[62, 396].map((id) => [id, 'e'] as const),
  ...[126, 398].map((id) => [id, 's'] as const),
  [136, 't'],
  ...[138, 394].map((id) => [id, 'i'] as const),
]);

/** Creating calls whose second parameter is the name. */
const NAMED: ReadonlySet<number> = new Set([3, 27, 57, 59, 247, 249, 389, 23]);
const OPENAT_OLD_X = 103;
const OPENAT_X = 307;
const OPENAT2_X = 327;
const OPEN_BY_HANDLE_X = 337;

/** What fields show of a descriptor that is not known, mostly because its creation failed. */
export function unknownFd(event: CaptureEvent): { name: string | undefined; typechar: string } {
  const { id } = event.def;
  return { name: missingName(event), typechar: TYPECHARS.get(id & ~1) ?? 'o' };
}

function missingName(event: CaptureEvent): string | undefined {
  const { id, dir } = event.def;
  const { thread, params } = event;
  if (dir === '>' || thread === undefined) return undefined;
  if (NAMED.has(id)) return paramText(event, 1);
  if (id === OPENAT_OLD_X) {
    const enter = thread.enterOf(id);
    return enter && resolveAt(thread, enter.text(1), enter.i64(0, -1));
  }
  if (id === OPENAT_X || id === OPENAT2_X) {
    const name = params.length(2) === 0 ? '<NA>' : params.text(2);
    return resolveAt(thread, name, params.i64(1, -1));
  }
  return id === OPEN_BY_HANDLE_X ? params.text(3) : '';
}

const OPENAT_OLD_E = 102;

/** Flags and mode of an opening event; undefined for every other. */
export function opening({ def, params }: CaptureEvent): { flags: number; mode: number } | undefined {
  switch (def.id) {
    case 3:
    case OPENAT_OLD_E:
      return { flags: params.u32(2), mode: params.u32(3) };
    case OPENAT_X:
    case OPENAT2_X:
      return { flags: params.u32(3), mode: params.u32(4) };
    case OPEN_BY_HANDLE_X:
      return { flags: params.u32(2), mode: 0 };
    case 59:
      return { flags: 0, mode: params.u32(2) };
    default:
      return undefined;
  }
}
