'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { type FormEvent, useRef, useState } from 'react';
import { PRIORITIES } from '../../core/events/priority.ts';
import type { EventRow } from '../../core/wire/events.ts';
import { type CreateIncident as Body, incidentRowSchema } from '../../core/wire/incidents.ts';
import { describeError } from '../api/api-error.ts';
import { fetchJson } from '../api/fetch-json.ts';
import { incidentKeys } from '../api/incident-queries.ts';
import { Button } from '../ui/button.tsx';
import { DialogBox } from '../ui/dialog.tsx';
import { SelectField, TextField } from '../ui/field.tsx';
import { count } from '../ui/format.ts';
import { eventLabel } from './event-words.ts';

type Props = {
  readonly events: readonly EventRow[];
  readonly onClose: () => void;
  readonly onCreated: () => void;
};

/** Dialog that opens an incident from chosen events; title and severity come from the worst of them. */
export function CreateIncident({ events, onClose, onCreated }: Props) {
  const router = useRouter();
  const queries = useQueryClient();
  const titleInput = useRef<HTMLInputElement>(null);
  const worst = events.reduce<EventRow | undefined>(
    (best, row) => (best === undefined || row.priority < best.priority ? row : best),
    undefined,
  );
  const [title, setTitle] = useState(worst === undefined ? '' : suggestTitle(worst));
  const [priority, setPriority] = useState(worst?.priority ?? 4);
  const create = useMutation({
    mutationFn: (body: Body) =>
      fetchJson(incidentRowSchema.pick({ id: true }), '/api/v1/incidents', { method: 'POST', body }),
    onSuccess: (incident) => {
      void queries.invalidateQueries({ queryKey: incidentKeys.all });
      onCreated();
      router.push(`/incidents/${incident.id}`);
    },
  });
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    create.mutate({ title, priority, events: events.map(({ id, time }) => ({ id, time })) });
  };
  const formId = 'create-incident';
  return (
    <DialogBox
      open
      title="Create incident"
      description={`From ${count(events.length)} selected events. They become the start of its timeline.`}
      onClose={onClose}
      initialFocus={titleInput}
      footer={
        <>
          <span className="grow" />
          <Button onClick={onClose}>Cancel</Button>
          <Button
            look="primary"
            type="submit"
            form={formId}
            disabled={create.isPending || title.trim() === ''}
          >
            Create incident
          </Button>
        </>
      }
    >
      <form id={formId} className="sec frm" onSubmit={submit}>
        <TextField
          ref={titleInput}
          label="Title"
          value={title}
          maxLength={200}
          required
          error={create.error === null ? undefined : describeError(create.error).message}
          onChange={(event) => setTitle(event.currentTarget.value)}
        />
        <SelectField
          label="Severity"
          value={priority}
          onChange={(event) => setPriority(Number(event.currentTarget.value))}
        >
          {PRIORITIES.map((name, index) => (
            <option key={name} value={index}>
              {name}
            </option>
          ))}
        </SelectField>
      </form>
    </DialogBox>
  );
}

function suggestTitle(row: EventRow): string {
  const place = row.pod ?? row.workload ?? row.node ?? row.user;
  return (place === null ? eventLabel(row) : `${eventLabel(row)} in ${place}`).slice(0, 200);
}
