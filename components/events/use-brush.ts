import { type KeyboardEvent, type PointerEvent, useState } from 'react';
import { clockUtc } from '../ui/format.ts';
import { type Axis, dragEdge, dragSelection, type Edge, nudge, type Selection, timeToX } from './brush.ts';
import type { TimeSpan } from './events-url.ts';

/** Pointer travel below this is a click, not a drag. */
const CLICK_PX = 4;

type Drag =
  | { readonly kind: 'new'; readonly x0: number; readonly moved: boolean }
  | { readonly kind: 'edge'; readonly edge: Edge };

/** Pointer and keyboard handling of the time selection; the URL learns of it when the pointer is released. */
export function useBrush(
  axis: Axis,
  committed: TimeSpan | undefined,
  commit: (span: TimeSpan | undefined) => void,
) {
  const [drag, setDrag] = useState<Drag>();
  const [draft, setDraft] = useState<Selection>();
  const stored = committed === undefined ? undefined : toSelection(committed);
  const shown = draft ?? stored;

  const end = (): void => {
    if (drag === undefined) return;
    if (draft !== undefined && (drag.kind === 'edge' || drag.moved)) commit(toSpan(draft));
    setDrag(undefined);
    setDraft(undefined);
  };
  const plotProps = {
    onPointerDown: (event: PointerEvent<HTMLElement>): void => {
      if (event.button !== 0) return;
      const edge = (event.target as HTMLElement).dataset.edge;
      event.currentTarget.setPointerCapture(event.pointerId);
      if (edge === 'from' || edge === 'to') setDrag({ kind: 'edge', edge });
      else setDrag({ kind: 'new', x0: xOf(event), moved: false });
    },
    onPointerMove: (event: PointerEvent<HTMLElement>): void => {
      if (drag === undefined) return;
      const x = xOf(event);
      if (drag.kind === 'edge') {
        const base = draft ?? stored;
        if (base !== undefined) setDraft(dragEdge(axis, base, drag.edge, x));
        return;
      }
      if (!drag.moved && Math.abs(x - drag.x0) < CLICK_PX) return;
      if (!drag.moved) setDrag({ ...drag, moved: true });
      setDraft(dragSelection(axis, drag.x0, x));
    },
    onPointerUp: end,
    onPointerCancel: (): void => {
      setDrag(undefined);
      setDraft(undefined);
    },
    onDoubleClick: (): void => commit(undefined),
    onKeyDown: (event: KeyboardEvent<HTMLElement>): void => {
      const edge = (event.target as HTMLElement).dataset.edge;
      const step = event.key === 'ArrowLeft' ? -1 : event.key === 'ArrowRight' ? 1 : 0;
      if (step !== 0) {
        const base = stored ?? lastBars(axis);
        const part = edge === 'from' || edge === 'to' ? edge : event.shiftKey ? 'to' : undefined;
        commit(toSpan(stored === undefined ? base : nudge(axis, base, step, part)));
      } else if ((event.key === 'Escape' || event.key === 'Delete') && stored !== undefined)
        commit(undefined);
      else return;
      event.preventDefault();
      event.stopPropagation();
    },
  };
  const handleProps = (edge: Edge) => ({
    role: 'slider' as const,
    tabIndex: 0,
    'data-edge': edge,
    'aria-label': edge === 'from' ? 'Selection start' : 'Selection end',
    'aria-valuemin': axis.fromMs,
    'aria-valuemax': axis.toMs,
    'aria-valuenow': edge === 'from' ? shown?.fromMs : shown?.toMs,
    'aria-valuetext':
      shown === undefined
        ? undefined
        : `${clockUtc(new Date(edge === 'from' ? shown.fromMs : shown.toMs).toISOString())} UTC`,
  });
  return { plotProps, handleProps, box: shown === undefined ? undefined : boxOf(axis, shown) };
}

function boxOf(axis: Axis, selection: Selection) {
  const x = Math.max(0, timeToX(axis, selection.fromMs));
  const right = Math.min(axis.width, timeToX(axis, selection.toMs));
  if (right <= 0 || x >= axis.width) return undefined;
  return { x, width: right - x, span: toSpan(selection) };
}

const xOf = (event: PointerEvent<HTMLElement>): number =>
  event.clientX - event.currentTarget.getBoundingClientRect().left;
const lastBars = (axis: Axis): Selection => ({
  fromMs: Math.max(axis.fromMs, axis.toMs - 6 * axis.stepMs),
  toMs: axis.toMs,
});
const toSelection = (span: TimeSpan): Selection => ({
  fromMs: Date.parse(span.from),
  toMs: Date.parse(span.to),
});
const toSpan = (selection: Selection): TimeSpan => ({
  from: new Date(selection.fromMs).toISOString(),
  to: new Date(selection.toMs).toISOString(),
});
