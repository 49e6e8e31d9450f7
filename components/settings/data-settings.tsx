'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { ACTIVITY_LEVELS } from '../../core/wire/agents.ts';
import { EVENT_DAYS_MAX, type Settings } from '../../core/wire/settings.ts';
import { describeError } from '../api/api-error.ts';
import { QueryPanel } from '../api/query-panel.tsx';
import { patchSettings, settingsKey, settingsQuery } from '../api/settings-queries.ts';
import { Button } from '../ui/button.tsx';
import { DialogBox } from '../ui/dialog.tsx';
import { SelectField, TextField } from '../ui/field.tsx';
import { bytes } from '../ui/format.ts';
import { FormError } from '../ui/message.tsx';
import { useToast } from '../ui/toast.tsx';

type Level = Settings['activity'];
type Change = Parameters<typeof patchSettings>[0];

const LEVEL_LABEL: Readonly<Record<Level, string>> = {
  off: 'Off',
  exec: 'Programs',
  full: 'Programs and connections',
};
const LEVEL_TEXT: Readonly<Record<Level, string>> = {
  off: 'Alerts and audit events only. Process trees and networks stay empty, and no baseline is learned.',
  exec: 'Every program that starts or ends. The network of a container stays empty.',
  full: 'Also who connects to whom, at most one event a minute per process and peer.',
};
const DAY_MS = 86_400_000;

/** What agents store beside alerts, and for how long events are kept. */
export function DataSettings() {
  const query = useQuery(settingsQuery());
  return (
    <QueryPanel title="Data" what="settings" need="administrator" query={query}>
      {(settings) => <DataForm key={JSON.stringify(settings)} settings={settings} />}
    </QueryPanel>
  );
}

function DataForm({ settings }: { readonly settings: Settings }) {
  const queries = useQueryClient();
  const toast = useToast();
  const [activity, setActivity] = useState(settings.activity);
  const [days, setDays] = useState(String(settings.eventDays));
  const [confirming, setConfirming] = useState(false);
  const save = useMutation({
    mutationFn: patchSettings,
    onSuccess: (saved) => {
      queries.setQueryData(settingsKey, saved);
      toast({ title: 'Settings are saved' });
    },
    onSettled: () => setConfirming(false),
  });
  const eventDays = Number(days);
  const isValid = Number.isInteger(eventDays) && eventDays >= 1 && eventDays <= EVENT_DAYS_MAX;
  const change: Change = {
    ...(activity === settings.activity ? {} : { activity }),
    ...(eventDays === settings.eventDays ? {} : { eventDays }),
  };
  const lost = daysLost(settings, eventDays);
  return (
    <form
      className="fields body"
      onSubmit={(event) => {
        event.preventDefault();
        if (lost > 0) setConfirming(true);
        else save.mutate(change);
      }}
    >
      <SelectField
        label="Activity"
        hint={LEVEL_TEXT[activity]}
        value={activity}
        onChange={(event) =>
          setActivity(ACTIVITY_LEVELS.find((level) => level === event.target.value) ?? settings.activity)
        }
      >
        {ACTIVITY_LEVELS.map((level) => (
          <option key={level} value={level}>
            {LEVEL_LABEL[level]}
          </option>
        ))}
      </SelectField>
      <TextField
        label="Keep events for, days"
        type="number"
        inputMode="numeric"
        min={1}
        max={EVENT_DAYS_MAX}
        required
        value={days}
        onChange={(event) => setDays(event.target.value)}
        error={isValid ? undefined : `A whole number from 1 to ${EVENT_DAYS_MAX}.`}
        hint={stored(settings)}
      />
      {save.error ? <FormError {...describeError(save.error)} /> : null}
      <span>
        <Button
          look="primary"
          type="submit"
          disabled={!isValid || save.isPending || Object.keys(change).length === 0}
        >
          Save
        </Button>
      </span>
      <ConfirmLoss
        open={confirming}
        lost={lost}
        eventDays={eventDays}
        pending={save.isPending}
        onClose={() => setConfirming(false)}
        onConfirm={() => save.mutate(change)}
      />
    </form>
  );
}

function ConfirmLoss(props: {
  readonly open: boolean;
  readonly lost: number;
  readonly eventDays: number;
  readonly pending: boolean;
  readonly onClose: () => void;
  readonly onConfirm: () => void;
}) {
  const cancel = useRef<HTMLButtonElement>(null);
  const { lost } = props;
  return (
    <DialogBox
      title={`Delete the events of ${lost} ${lost === 1 ? 'day' : 'days'}?`}
      description={`Events older than ${props.eventDays} ${props.eventDays === 1 ? 'day' : 'days'} are deleted within the hour. They cannot be had back; incidents keep their timelines.`}
      open={props.open}
      onClose={props.onClose}
      initialFocus={cancel}
      footer={
        <>
          <span className="grow" />
          <Button ref={cancel} onClick={props.onClose}>
            Cancel
          </Button>
          <Button look="danger" disabled={props.pending} onClick={props.onConfirm}>
            Keep {props.eventDays} {props.eventDays === 1 ? 'day' : 'days'}
          </Button>
        </>
      }
    >
      {null}
    </DialogBox>
  );
}

/** Whole days of stored events that a retention would delete now. */
function daysLost({ oldestDay }: Settings, eventDays: number): number {
  if (oldestDay === null || !Number.isFinite(eventDays)) return 0;
  const age = Math.floor((Date.now() - Date.parse(`${oldestDay}T00:00:00Z`)) / DAY_MS);
  return Math.max(0, age - eventDays);
}

function stored({ oldestDay, storedBytes }: Settings): string {
  if (oldestDay === null) return 'No events are stored yet.';
  return `${bytes(storedBytes)} since ${oldestDay} (UTC). Days go as a whole, within the hour.`;
}
