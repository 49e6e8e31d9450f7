import type { ReactNode } from 'react';

/** One column of a virtual table; `width` in pixels, absent = shares the rest. */
export type TableColumn<Row> = {
  readonly id: string;
  readonly header: ReactNode;
  readonly width?: number;
  readonly className?: string;
  /** Full text of a cell that may be cut off. */
  readonly title?: (row: Row) => string;
  readonly cell: (row: Row) => ReactNode;
};
