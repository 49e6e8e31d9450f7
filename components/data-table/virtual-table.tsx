// The grid role stands on the scroller, which holds the focus; native roles are gone below it, so rows and
// cells name theirs, and the scroller handles the keys of its active row.
// biome-ignore-all lint/a11y/useSemanticElements: see above
// biome-ignore-all lint/a11y/useFocusableInteractive: see above
// biome-ignore-all lint/a11y/noNoninteractiveElementToInteractiveRole: see above
// biome-ignore-all lint/a11y/useKeyWithClickEvents: see above
// biome-ignore-all lint/a11y/noAriaHiddenOnFocusable: spacer rows hold nothing
// biome-ignore-all lint/a11y/noRedundantRoles: see above
'use client';

import { createColumnHelper, type RowData, tableFeatures, useTable } from '@tanstack/react-table';
import { useVirtualizer } from '@tanstack/react-virtual';
import clsx from 'clsx';
import {
  type KeyboardEvent,
  type MouseEvent,
  type Ref,
  useCallback,
  useEffect,
  useId,
  useImperativeHandle,
  useMemo,
  useRef,
} from 'react';
import type { TableColumn } from './column.ts';
import { useNarrow } from './use-narrow.ts';
import { useRowCursor } from './use-row-cursor.ts';
import './check-box.css';
import './data-table.css';

const features = tableFeatures({});
const ROW_PX = 26;
/** Height of a row as a card on phones; measured once it is drawn. */
const CARD_PX = 84;
const OVERSCAN = 12;
/** Rows before the end at which the next page is asked for. */
const PREFETCH_ROWS = 30;

/** For page-wide keys: puts the focus into the table and moves its cursor. */
export type TableControl = { readonly step: (by: number) => void };

export type VirtualTableProps<Row extends RowData> = {
  readonly label: string;
  readonly columns: readonly TableColumn<Row>[];
  readonly rows: readonly Row[];
  /** Rows that exist, loaded or not; -1 when unknown. */
  readonly rowCount: number;
  readonly rowKey: (row: Row) => string;
  readonly rowLabel: (row: Row) => string;
  readonly openKey: string | undefined;
  readonly checked: ReadonlySet<string>;
  readonly onOpen: (row: Row) => void;
  readonly onClose: () => void;
  /** `range` = shift was held: everything between the last checked row and this one. */
  readonly onCheck: (row: Row, range: boolean) => void;
  readonly onEnd: () => void;
  readonly onKey?: (event: KeyboardEvent, row: Row | undefined) => void;
  readonly onVisible?: (first: number, last: number) => void;
  readonly control?: Ref<TableControl>;
};

/** Table of any length with 26 px rows: sticky head, keyboard, checkboxes, `aria` rows. */
export function VirtualTable<Row extends RowData>(props: VirtualTableProps<Row>) {
  const { columns, rows, rowKey, onEnd, onVisible } = props;
  const id = useId();
  const scroller = useRef<HTMLDivElement>(null);
  const narrow = useNarrow();
  const defs = useMemo(() => {
    const helper = createColumnHelper<typeof features, Row>();
    return columns.map((column) =>
      helper.display({
        id: column.id,
        header: () => column.header,
        cell: ({ row }) => column.cell(row.original),
      }),
    );
  }, [columns]);
  const table = useTable({ features, columns: defs, data: rows, getRowId: rowKey });
  const modelRows = table.getRowModel().rows;
  // Both must be stable: the virtualizer takes a new function for a new list and measures again, without end.
  const estimateSize = useCallback(() => (narrow ? CARD_PX : ROW_PX), [narrow]);
  const getItemKey = useCallback((index: number) => modelRows[index]?.id ?? index, [modelRows]);
  const virtualizer = useVirtualizer({
    count: modelRows.length,
    getScrollElement: () => scroller.current,
    estimateSize,
    getItemKey,
    overscan: OVERSCAN,
  });
  useEffect(() => {
    // Heights measured in one layout mean nothing in the other.
    virtualizer.measure();
  }, [narrow, virtualizer]);

  const items = virtualizer.getVirtualItems();
  const first = items[0];
  const last = items.at(-1);
  const range = virtualizer.range;
  const lastIndex = last?.index ?? -1;
  useEffect(() => {
    if (lastIndex >= 0 && lastIndex >= modelRows.length - PREFETCH_ROWS) onEnd();
  }, [lastIndex, modelRows.length, onEnd]);
  useEffect(() => {
    if (range !== null) onVisible?.(range.startIndex, range.endIndex);
  }, [range, onVisible]);

  const cursor = useRowCursor({
    ...props,
    pageRows: () => Math.max(1, Math.floor((scroller.current?.clientHeight ?? 400) / ROW_PX) - 2),
    onMove: (index) => virtualizer.scrollToIndex(index),
    onCheck: (row) => props.onCheck(row, false),
  });
  useImperativeHandle(props.control, () => ({
    step: (by) => {
      scroller.current?.focus();
      cursor.step(by);
    },
  }));
  const byId = useMemo(() => new Map(columns.map((column) => [column.id, column])), [columns]);
  const domId = (key: string) => `${id}-${key}`;
  const cursorDrawn = items.some((item) => modelRows[item.index]?.id === cursor.cursorKey);

  const onRowClick = (event: MouseEvent, row: Row): void => {
    cursor.setCursorKey(rowKey(row));
    if (event.shiftKey || event.ctrlKey || event.metaKey) props.onCheck(row, event.shiftKey);
    else if (window.getSelection()?.type !== 'Range') props.onOpen(row);
  };

  return (
    <div
      ref={scroller}
      className="vt dt"
      role="grid"
      aria-label={props.label}
      aria-rowcount={props.rowCount}
      aria-multiselectable="true"
      {...(cursor.cursorKey !== undefined && cursorDrawn
        ? { 'aria-activedescendant': domId(cursor.cursorKey) }
        : {})}
      tabIndex={0}
      onKeyDown={cursor.onKeyDown}
    >
      <table role="presentation">
        <colgroup>
          <col style={{ width: 32 }} />
          {columns.map((column) => (
            <col key={column.id} style={column.width === undefined ? undefined : { width: column.width }} />
          ))}
        </colgroup>
        <thead role="rowgroup">
          {table.getHeaderGroups().map((group) => (
            <tr key={group.id} role="row" aria-rowindex={1}>
              <th role="columnheader">
                <span className="vh">Selected</span>
              </th>
              {group.headers.map((header) => (
                <th key={header.id} role="columnheader">
                  <table.FlexRender header={header} />
                </th>
              ))}
            </tr>
          ))}
        </thead>
        <tbody role="rowgroup">
          <Spacer height={first?.start ?? 0} />
          {items.map((item) => {
            const row = modelRows[item.index];
            if (row === undefined) return null;
            const checked = props.checked.has(row.id);
            return (
              <tr
                key={row.id}
                id={domId(row.id)}
                role="row"
                ref={narrow ? virtualizer.measureElement : undefined}
                data-index={item.index}
                tabIndex={-1}
                aria-rowindex={item.index + 2}
                aria-selected={row.id === props.openKey || checked}
                className={clsx(row.id === props.openKey && 'open', row.id === cursor.cursorKey && 'cur')}
                onClick={(event) => onRowClick(event, row.original)}
              >
                <td role="gridcell" className="ckc">
                  <input
                    type="checkbox"
                    className="cbx"
                    tabIndex={-1}
                    aria-label={`Select ${props.rowLabel(row.original)}`}
                    checked={checked}
                    onClick={(event) => event.stopPropagation()}
                    onChange={(event) =>
                      props.onCheck(
                        row.original,
                        (event.nativeEvent as unknown as MouseEvent).shiftKey === true,
                      )
                    }
                  />
                </td>
                {row.getAllCells().map((cell) => {
                  const column = byId.get(cell.column.id);
                  return (
                    <td
                      key={cell.id}
                      role="gridcell"
                      className={column?.className}
                      title={column?.title?.(row.original)}
                    >
                      <table.FlexRender cell={cell} />
                    </td>
                  );
                })}
              </tr>
            );
          })}
          <Spacer height={virtualizer.getTotalSize() - (last?.end ?? 0)} />
        </tbody>
      </table>
    </div>
  );
}

/** Stands for the rows that are not drawn, so that the scroll bar tells the truth. */
function Spacer({ height }: { readonly height: number }) {
  if (height <= 0) return null;
  return (
    <tr aria-hidden="true" className="spc">
      <td style={{ height }} />
    </tr>
  );
}
