import { type KeyboardEvent, useState } from 'react';

export type CursorOptions<Row> = {
  readonly rows: readonly Row[];
  readonly rowKey: (row: Row) => string;
  /** The open row; the cursor starts there. */
  readonly openKey: string | undefined;
  readonly pageRows: () => number;
  readonly onMove: (index: number) => void;
  readonly onOpen: (row: Row) => void;
  readonly onClose: () => void;
  readonly onCheck: (row: Row) => void;
  readonly onKey?: ((event: KeyboardEvent, row: Row | undefined) => void) | undefined;
};

/**
 * Keyboard position in a list: J K ↑ ↓ Home End PageUp PageDown move, Enter opens, Esc closes, Space
 * checks. While a row is open, moving opens the next one. The position follows its row, not its index.
 */
export function useRowCursor<Row>(options: CursorOptions<Row>) {
  const { rows, rowKey, openKey } = options;
  const [cursorKey, setCursorKey] = useState<string>();
  const key = cursorKey ?? openKey;
  const index = key === undefined ? -1 : rows.findIndex((row) => rowKey(row) === key);

  const moveTo = (next: number): void => {
    const row = rows[next];
    if (row === undefined) return;
    setCursorKey(rowKey(row));
    options.onMove(next);
    if (openKey !== undefined) options.onOpen(row);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (isTyping(event.target)) return;
    const target = moveTarget(event, index, rows.length, options.pageRows());
    const row = rows[index];
    if (target !== undefined) moveTo(target);
    else if (event.key === 'Enter' && row !== undefined && event.target === event.currentTarget)
      options.onOpen(row);
    else if (event.key === 'Escape' && openKey !== undefined) options.onClose();
    else if (event.key === ' ' && row !== undefined && event.target === event.currentTarget)
      options.onCheck(row);
    else {
      options.onKey?.(event, row);
      return;
    }
    event.preventDefault();
    event.stopPropagation();
  };
  const step = (by: number): void => moveTo(Math.max(0, Math.min(rows.length - 1, index + by)));
  return { cursorKey: key, setCursorKey, step, onKeyDown };
}

/** Row index a key leads to; undefined when the key does not move. */
export function moveTarget(
  event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'altKey'>,
  index: number,
  length: number,
  pageRows: number,
): number | undefined {
  if (event.ctrlKey || event.metaKey || event.altKey || length === 0) return undefined;
  const last = length - 1;
  switch (event.key) {
    case 'j':
    case 'J':
    case 'ArrowDown':
      return Math.min(last, index + 1);
    case 'k':
    case 'K':
    case 'ArrowUp':
      return Math.max(0, index - 1);
    case 'PageDown':
      return Math.min(last, index + pageRows);
    case 'PageUp':
      return Math.max(0, index - pageRows);
    case 'Home':
      return 0;
    case 'End':
      return last;
    default:
      return undefined;
  }
}

function isTyping(target: EventTarget): boolean {
  if (target instanceof HTMLInputElement) return target.type !== 'checkbox';
  return target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement;
}
