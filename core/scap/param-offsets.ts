import { CaptureError } from './capture-error.ts';
import type { EventDef } from './event-defs.ts';
import { type EventParams, PARAMS_MAX } from './event-params.ts';

/**
 * Finds where each value of an event begins: `count` lengths of `size` bytes stand at `lengthsAt`, the values
 * behind them. `base` is the view's place in the file. Errors: CaptureError for values beyond the event's `end`.
 */
export function locateParams(
  params: EventParams,
  view: DataView,
  base: number,
  lengthsAt: number,
  end: number,
  count: number,
  size: number,
): void {
  const { offsets } = params;
  let value = lengthsAt + count * size;
  if (count > PARAMS_MAX || value > end) {
    throw new CaptureError(`event with ${count} parameters`, base + lengthsAt);
  }
  for (let i = 0; i < count; i++) {
    offsets[i] = value;
    value += size === 2 ? view.getUint16(lengthsAt + i * 2, true) : view.getUint32(lengthsAt + i * 4, true);
  }
  offsets[count] = value;
  if (value > end) throw new CaptureError('parameters exceed their event', base + lengthsAt);
  params.count = count;
}

/** The same in the first format, where the count follows from the event's own length. */
export function locateOldParams(
  params: EventParams,
  view: DataView,
  base: number,
  head: number,
  end: number,
  def: EventDef,
): void {
  const length = view.getUint32(head + 16, true);
  const lengthsAt = head + 22;
  for (let count = def.params.length; count >= 0; count--) {
    let sum = 22 + 2 * count;
    if (lengthsAt + 2 * count > end) continue;
    for (let i = 0; i < count; i++) sum += view.getUint16(lengthsAt + 2 * i, true);
    if (sum !== length) continue;
    locateParams(params, view, base, lengthsAt, end, count, 2);
    return;
  }
  throw new CaptureError('the lengths of the parameters do not add up', base + head);
}
