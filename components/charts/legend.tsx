'use client';

import { count } from '../ui/format.ts';
import type { Series } from './stacked-bars.tsx';

/** Legend of what has events: click isolates one series, ⇧-click toggles it, a second click shows all again. */
export function Legend({
  series,
  totals,
  hidden,
  onHidden,
}: {
  readonly series: readonly Series[];
  readonly totals: ReadonlyMap<string, number>;
  readonly hidden: ReadonlySet<string>;
  readonly onHidden: (hidden: ReadonlySet<string>) => void;
}) {
  const present = series.filter((one) => (totals.get(one.key) ?? 0) > 0);
  const keys = present.map((one) => one.key);
  if (keys.length === 0) return null;
  return (
    // biome-ignore lint/a11y/useSemanticElements: a fieldset cannot be laid out inline in a panel head
    <div className="lg" role="group" aria-label="Sources shown">
      {present.map((one) => (
        <button
          key={one.key}
          type="button"
          className={`src ${one.cls}`}
          aria-pressed={!hidden.has(one.key)}
          title="Click to isolate, Shift-click to toggle"
          onClick={(event) => onHidden(nextHidden({ keys, hidden, key: one.key, toggle: event.shiftKey }))}
        >
          <svg className="sw" aria-hidden="true">
            <rect width="12" height="12" fill={one.fill} />
          </svg>
          <b aria-hidden="true">{one.letter}</b>
          <span className="nm">{one.label}</span>
          <em>{count(totals.get(one.key) ?? 0)}</em>
        </button>
      ))}
    </div>
  );
}

/** The hidden set after a click on `key`; never hides everything that has a key. */
export function nextHidden({
  keys,
  hidden,
  key,
  toggle,
}: {
  readonly keys: readonly string[];
  readonly hidden: ReadonlySet<string>;
  readonly key: string;
  readonly toggle: boolean;
}): ReadonlySet<string> {
  if (toggle) {
    const next = new Set(hidden);
    if (!next.delete(key)) next.add(key);
    return keys.every((other) => next.has(other)) ? new Set() : next;
  }
  const others = keys.filter((other) => other !== key);
  const isolated = !hidden.has(key) && others.every((other) => hidden.has(other));
  return new Set(isolated ? [] : others);
}
