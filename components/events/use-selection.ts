import { useMemo, useRef, useState } from 'react';
import type { EventGroup } from './collapse.ts';

/** At most this many events go into one incident. */
export const SELECTED_EVENTS_MAX = 500;

/** Checked lines of the list; a line stands for all events folded into it. */
export function useSelection(groups: readonly EventGroup[]) {
  const [keys, setKeys] = useState<ReadonlySet<string>>(new Set());
  const anchor = useRef<string>(undefined);
  const chosen = useMemo(() => groups.filter((group) => keys.has(group.row.id)), [groups, keys]);
  const toggle = (group: EventGroup, range: boolean): void => {
    const key = group.row.id;
    const from = range ? groups.findIndex((one) => one.row.id === anchor.current) : -1;
    const to = groups.findIndex((one) => one.row.id === key);
    const next = new Set(keys);
    if (from >= 0 && to >= 0) {
      for (const one of groups.slice(Math.min(from, to), Math.max(from, to) + 1)) next.add(one.row.id);
    } else if (!next.delete(key)) next.add(key);
    anchor.current = key;
    setKeys(next);
  };
  return { keys, chosen, toggle, clear: () => setKeys(new Set()) };
}
