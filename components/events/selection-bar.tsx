'use client';

import { useState } from 'react';
import { useCan } from '../actions/use-can.ts';
import { Button, RefusedButton } from '../ui/button.tsx';
import { count } from '../ui/format.ts';
import type { EventGroup } from './collapse.ts';
import { CreateIncident } from './create-incident.tsx';
import { SELECTED_EVENTS_MAX } from './use-selection.ts';

/** Replaces the list's head while lines are checked. */
export function SelectionBar({
  chosen,
  onClear,
}: {
  readonly chosen: readonly EventGroup[];
  readonly onClear: () => void;
}) {
  const [creating, setCreating] = useState(false);
  const can = useCan('responder');
  const events = chosen.flatMap((group) => group.members);
  const refusal = !can.allowed
    ? can.reason
    : events.length > SELECTED_EVENTS_MAX
      ? `At most ${SELECTED_EVENTS_MAX} events fit into one incident`
      : undefined;
  return (
    <div className="tb selb" role="status">
      <b>{count(events.length)} selected</b>
      <span className="grow" />
      {refusal === undefined ? (
        <Button small look="primary" onClick={() => setCreating(true)}>
          Create incident
        </Button>
      ) : (
        <RefusedButton small reason={refusal}>
          Create incident
        </RefusedButton>
      )}
      <Button small look="quiet" onClick={onClear}>
        Clear
      </Button>
      {creating ? (
        <CreateIncident events={events} onClose={() => setCreating(false)} onCreated={onClear} />
      ) : null}
    </div>
  );
}
