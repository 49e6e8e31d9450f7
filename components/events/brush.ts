/** The drawn time axis: [fromMs, toMs) over `width` pixels, bars of `stepMs`. */
export type Axis = {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  readonly width: number;
};
export type Selection = { readonly fromMs: number; readonly toMs: number };
export type Edge = 'from' | 'to';

export const timeToX = (axis: Axis, ms: number): number =>
  ((ms - axis.fromMs) / (axis.toMs - axis.fromMs)) * axis.width;

export const xToTime = (axis: Axis, x: number): number =>
  axis.fromMs + (clamp(x, 0, axis.width) / axis.width) * (axis.toMs - axis.fromMs);

/** Selection between two pointer positions, widened to whole bars; at least one bar. */
export function dragSelection(axis: Axis, x0: number, x1: number): Selection {
  const low = xToTime(axis, Math.min(x0, x1));
  const high = xToTime(axis, Math.max(x0, x1));
  const fromMs = floorBar(axis, Math.min(low, axis.toMs - 1));
  const toMs = Math.max(ceilBar(axis, high), fromMs + axis.stepMs);
  return clampSelection(axis, { fromMs, toMs });
}

/** Moves one handle to a pointer position; the handles never cross. */
export function dragEdge(axis: Axis, selection: Selection, edge: Edge, x: number): Selection {
  const at = roundBar(axis, xToTime(axis, x));
  return edge === 'from'
    ? { ...selection, fromMs: clamp(at, axis.fromMs, selection.toMs - axis.stepMs) }
    : { ...selection, toMs: clamp(at, selection.fromMs + axis.stepMs, axis.toMs) };
}

/** Arrow keys: moves the whole selection, or one edge, by `bars`; the length is kept when it is moved. */
export function nudge(axis: Axis, selection: Selection, bars: number, edge?: Edge): Selection {
  const delta = bars * axis.stepMs;
  if (edge === 'from') {
    return {
      ...selection,
      fromMs: clamp(selection.fromMs + delta, axis.fromMs, selection.toMs - axis.stepMs),
    };
  }
  if (edge === 'to') {
    return { ...selection, toMs: clamp(selection.toMs + delta, selection.fromMs + axis.stepMs, axis.toMs) };
  }
  const length = selection.toMs - selection.fromMs;
  const fromMs = clamp(selection.fromMs + delta, axis.fromMs, axis.toMs - length);
  return { fromMs, toMs: fromMs + length };
}

function clampSelection(axis: Axis, selection: Selection): Selection {
  return { fromMs: Math.max(selection.fromMs, axis.fromMs), toMs: Math.min(selection.toMs, axis.toMs) };
}
const barsFrom = (axis: Axis, ms: number): number => (ms - axis.fromMs) / axis.stepMs;
const floorBar = (axis: Axis, ms: number): number =>
  axis.fromMs + Math.floor(barsFrom(axis, ms)) * axis.stepMs;
const ceilBar = (axis: Axis, ms: number): number => axis.fromMs + Math.ceil(barsFrom(axis, ms)) * axis.stepMs;
const roundBar = (axis: Axis, ms: number): number =>
  axis.fromMs + Math.round(barsFrom(axis, ms)) * axis.stepMs;
const clamp = (value: number, low: number, high: number): number => Math.max(low, Math.min(high, value));
