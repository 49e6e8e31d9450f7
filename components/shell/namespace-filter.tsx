'use client';

import { useQuery } from '@tanstack/react-query';
import { Check, ChevronDown } from 'lucide-react';
import { useState } from 'react';
import { facetsQuery } from '../api/event-queries.ts';
import { Button } from '../ui/button.tsx';
import { count, middle } from '../ui/format.ts';
import { Popover } from '../ui/popover.tsx';
import { useScope } from './scope.tsx';
import { useShortcuts } from './shortcuts.ts';

const NAMESPACE = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/;

/** Narrows every page to some namespaces; the list shows those with events in the time range. */
export function NamespaceFilter() {
  const [open, setOpen] = useState(false);
  const { namespaces } = useScope();
  useShortcuts({ 'shift+n': () => setOpen(true) });
  const first = namespaces[0];
  const label =
    first === undefined
      ? 'All namespaces'
      : namespaces.length === 1
        ? middle(first)
        : `${namespaces.length} namespaces`;
  return (
    <Popover
      label="Namespaces"
      open={open}
      onOpenChange={setOpen}
      trigger={
        <button type="button" className="sel ns" title="Namespace (⇧N)">
          <span className="muted">Namespace</span>
          <span className="lb">{label}</span>
          <ChevronDown className="i sm" aria-hidden="true" />
        </button>
      }
    >
      <NamespaceList />
    </Popover>
  );
}

function NamespaceList() {
  const { scope, namespaces, setNamespaces } = useScope();
  const [text, setText] = useState('');
  const { data, isPending } = useQuery(facetsQuery({ ...scope, ns: [] }));
  const found = data?.facets.find((facet) => facet.key === 'namespace')?.values ?? [];
  const counts = new Map(found.map(({ value, count: n }) => [value, n]));
  const known = [...new Set([...namespaces, ...found.map(({ value }) => value)])].filter(
    (name) => name !== '',
  );
  const shown = known.filter((name) => name.includes(text));
  const typed = NAMESPACE.test(text) && !known.includes(text) ? [text] : [];
  const toggle = (name: string) =>
    setNamespaces(
      namespaces.includes(name) ? namespaces.filter((old) => old !== name) : [...namespaces, name],
    );
  return (
    <>
      <input
        className="inp full"
        aria-label="Find namespace"
        placeholder="Find namespace"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
      <div className="scrolly">
        {[...shown, ...typed].map((name) => (
          <button
            key={name}
            type="button"
            className="it"
            aria-pressed={namespaces.includes(name)}
            onClick={() => toggle(name)}
          >
            <span>{namespaces.includes(name) ? <Check className="i sm" aria-hidden="true" /> : null}</span>
            <span className="el">{name}</span>
            <span className="muted num">{counts.has(name) ? count(counts.get(name) ?? 0) : ''}</span>
          </button>
        ))}
        {shown.length + typed.length > 0 ? null : (
          <p className="me pad">
            {isPending ? 'Loading namespaces' : 'No namespace with events in this time range.'}
          </p>
        )}
      </div>
      {namespaces.length > 0 ? (
        <Button small look="quiet" onClick={() => setNamespaces([])}>
          All namespaces
        </Button>
      ) : null}
    </>
  );
}
