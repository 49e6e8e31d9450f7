'use client';

import { Copy as CopyIcon, Filter, FilterX } from 'lucide-react';
import { useState } from 'react';
import type { FieldValue } from '../../core/events/event.ts';
import type { EventDetail } from '../../core/wire/events.ts';
import { Menu, MenuItem } from '../ui/menu.tsx';

type Props = {
  readonly detail: EventDetail;
  readonly onFilter: (field: string, value: FieldValue, exclude: boolean) => void;
};

/** Every stored field; a value can be filtered by, excluded or copied. */
export function EventFields({ detail, onFilter }: Props) {
  const [find, setFind] = useState('');
  const all = Object.entries(detail.fields).sort(([a], [b]) => a.localeCompare(b));
  const needle = find.trim().toLowerCase();
  const shown = all.filter(([name, value]) => `${name} ${text(value)}`.toLowerCase().includes(needle));
  return (
    <section className="sec">
      <h3>
        Fields <span className="ct">{all.length}</span>
        <span className="grow" />
        <input
          className="inp fnd"
          type="search"
          placeholder="Find"
          aria-label="Find a field"
          value={find}
          onChange={(event) => setFind(event.currentTarget.value)}
        />
      </h3>
      {detail.output === null ? null : <p className="outl mono">{detail.output}</p>}
      <dl className="flds">
        {shown.map(([name, value]) => (
          <div key={name} className="kvr">
            <dt className="el" title={name}>
              {name}
            </dt>
            <dd>
              <FieldMenu name={name} value={value} onFilter={onFilter} />
            </dd>
          </div>
        ))}
      </dl>
      {shown.length === 0 ? <p className="muted">No field holds “{find}”.</p> : null}
    </section>
  );
}

function FieldMenu({
  name,
  value,
  onFilter,
}: Omit<Props, 'detail'> & { readonly name: string; readonly value: FieldValue }) {
  const shown = text(value);
  return (
    <Menu
      trigger={
        <button type="button" className="fval mono" title="Filter, exclude or copy">
          {shown === '' ? <span className="muted">empty</span> : shown}
        </button>
      }
    >
      <MenuItem icon={<Filter className="i" />} onSelect={() => onFilter(name, value, false)}>
        Filter by this value
      </MenuItem>
      <MenuItem icon={<FilterX className="i" />} onSelect={() => onFilter(name, value, true)}>
        Exclude this value
      </MenuItem>
      <MenuItem
        icon={<CopyIcon className="i" />}
        onSelect={() => void navigator.clipboard.writeText(shown).catch(() => undefined)}
      >
        Copy value
      </MenuItem>
    </Menu>
  );
}

const text = (value: FieldValue): string => (typeof value === 'object' ? value.join(', ') : String(value));
