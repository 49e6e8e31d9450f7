'use client';

import { useState } from 'react';

/** Characters that fit in the three lines that are shown at first, in the narrowest place this is used in. */
const SHORT_MAX = 120;

/** Text of any length in a cell: wraps, and shows its first lines until asked for the rest. */
export function LongText({ children }: { readonly children: string }) {
  const [open, setOpen] = useState(false);
  if (children.length <= SHORT_MAX) return <span className="lt">{children}</span>;
  return (
    <span className="lt">
      <span className={open ? undefined : 'el3'}>{children}</span>
      <button type="button" className="lnk" aria-expanded={open} onClick={() => setOpen(!open)}>
        {open ? 'Show less' : 'Show all'}
      </button>
    </span>
  );
}
