'use client';

import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/message.tsx';
import { useScope } from './scope.tsx';
import { rangeLabel, relativeMs } from './scope-params.ts';

const WIDER = [
  { token: '24h', label: 'Widen to 24 hours' },
  { token: '7d', label: 'Widen to 7 days' },
  { token: '30d', label: 'Widen to 30 days' },
] as const;

/** Empty list of a panel: names the filter and offers the one step that is likely to help. */
export function ScopeEmpty({ what }: { readonly what: string }) {
  const { scope, range, namespaces, setRange, setNamespaces } = useScope();
  const where = namespaces.length === 0 ? '' : ` in ${namespaces.join(', ')}`;
  const when = range.kind === 'relative' ? `the ${rangeLabel(range).toLowerCase()}` : 'the chosen time range';
  const spanMs = Date.parse(scope.to) - Date.parse(scope.from);
  const wider = WIDER.find((step) => (relativeMs(step.token) ?? 0) > spanMs);
  const action =
    namespaces.length > 0 ? (
      <Button small onClick={() => setNamespaces([])}>
        All namespaces
      </Button>
    ) : wider ? (
      <Button small onClick={() => setRange({ kind: 'relative', token: wider.token })}>
        {wider.label}
      </Button>
    ) : undefined;
  return (
    <EmptyState action={action}>
      {what}
      {where} in {when}.
    </EmptyState>
  );
}
