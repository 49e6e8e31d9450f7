'use client';

import { ChevronDown, ChevronRight } from 'lucide-react';
import { type MouseEvent, useState } from 'react';
import { SOURCES } from '../../core/events/event.ts';
import { FACET_SAMPLE_ROWS, type Facet, type FacetsReply } from '../../core/wire/events.ts';
import { count } from '../ui/format.ts';
import { FACET_LABEL } from './event-words.ts';
import { type FacetSelection, facetExclude, facetOnly, facetToggle } from './events-url.ts';
import '../data-table/check-box.css';
import { FacetValue, facetText } from './facet-value.tsx';

const SHOWN = 5;
const COLLAPSED: readonly Facet[] = ['outcome', 'namespace', 'workload', 'pod', 'peer'];
/** Short closed lists are shown whole, so that a zero can be seen. */
const FIXED: Partial<Record<Facet, readonly string[]>> = {
  priority: ['0', '1', '2', '3', '4', '5', '6', '7'],
  source: SOURCES,
};

type Props = {
  readonly reply: FacetsReply | undefined;
  readonly selection: FacetSelection;
  readonly onChange: (facet: Facet, values: readonly string[]) => void;
};

/** Counts by value: click = only, Alt-click = exclude, checkbox = or. */
export function Facets({ reply, selection, onChange }: Props) {
  return reply?.facets.map((facet) => {
    const selected = selection[facet.key] ?? [];
    const values = completeValues(facet.key, facet.values, selected);
    if (values.length === 0) return null;
    return (
      <FacetGroup
        key={facet.key}
        facet={facet.key}
        values={values}
        more={facet.more}
        partial={facet.partial}
        selected={selected}
        onChange={(next) => onChange(facet.key, next)}
      />
    );
  });
}

type Value = { readonly value: string; readonly count: number };

function FacetGroup(props: {
  readonly facet: Facet;
  readonly values: readonly Value[];
  readonly more: number;
  readonly partial: boolean;
  readonly selected: readonly string[];
  readonly onChange: (values: readonly string[]) => void;
}) {
  const { facet, values, more, partial, selected, onChange } = props;
  const [open, setOpen] = useState(!COLLAPSED.includes(facet));
  const [all, setAll] = useState(false);
  const isOpen = open || selected.length > 0;
  const shown =
    all || FIXED[facet] !== undefined ? values : values.slice(0, Math.max(SHOWN, selected.length));
  const hidden = values.length - shown.length;
  const Chevron = isOpen ? ChevronDown : ChevronRight;
  return (
    <section aria-label={FACET_LABEL[facet]}>
      <h2>
        <button type="button" className="fach" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {FACET_LABEL[facet]}
          <Chevron className="i sm" aria-hidden="true" />
        </button>
      </h2>
      {isOpen ? (
        <>
          {shown.map((one) => (
            <FacetRow key={one.value} facet={facet} {...one} selected={selected} onChange={onChange} />
          ))}
          {hidden > 0 ? (
            <button type="button" className="mo" onClick={() => setAll(true)}>
              {count(hidden)} more
            </button>
          ) : more > 0 ? (
            <span className="mo">{count(more)} more with fewer events</span>
          ) : null}
          {partial ? <span className="mo">in the newest {count(FACET_SAMPLE_ROWS)} events</span> : null}
        </>
      ) : null}
    </section>
  );
}

function FacetRow(
  props: Value & {
    readonly facet: Facet;
    readonly selected: readonly string[];
    readonly onChange: (values: readonly string[]) => void;
  },
) {
  const { facet, value, selected, onChange } = props;
  const on = selected.includes(value);
  const out = selected.includes(`!${value}`);
  const onClick = (event: MouseEvent): void =>
    onChange(event.altKey ? facetExclude(selected, value) : facetOnly(selected, value));
  return (
    <div className="facr" data-zero={props.count === 0 || undefined} data-out={out || undefined}>
      <input
        type="checkbox"
        className="cbx"
        aria-label={`${out ? 'Excluded: ' : 'Or '}${facetText(facet, value) || 'none'}`}
        checked={on}
        onChange={() => onChange(facetToggle(selected, value))}
      />
      <button
        type="button"
        className="facv"
        title={`${value}\nClick: only. Alt-click: exclude.`}
        onClick={onClick}
      >
        <span className="el">
          <FacetValue facet={facet} value={value} />
        </span>
        {out ? <span className="vh">, excluded</span> : null}
        <span className="n num">{count(props.count)}</span>
      </button>
    </div>
  );
}

/** The reply's values with the fixed list and the selected ones filled in as zeros. */
function completeValues(facet: Facet, counted: readonly Value[], selected: readonly string[]): Value[] {
  const known = new Map(counted.map((one) => [one.value, one.count]));
  const fixed = FIXED[facet] ?? [];
  const order = [
    ...fixed,
    ...counted.map((one) => one.value),
    ...selected.map((value) => (value.startsWith('!') ? value.slice(1) : value)),
  ];
  return [...new Set(order)].map((value) => ({ value, count: known.get(value) ?? 0 }));
}
