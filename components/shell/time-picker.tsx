'use client';

import { Check, ChevronDown, Clock } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { dateTimeUtc } from '../ui/format.ts';
import { Popover } from '../ui/popover.tsx';
import { parseUtc } from './parse-utc.ts';
import { useScope } from './scope.tsx';
import { boundsLabel, PRESETS, rangeLabel, resolveRange, shiftRange } from './scope-params.ts';
import { useShortcuts } from './shortcuts.ts';

/** Time range of the page: presets that follow the present, or absolute bounds in UTC. */
export function TimePicker() {
  const [open, setOpen] = useState(false);
  const { range, scope, now, setRange } = useScope();
  useShortcuts({
    'shift+t': () => setOpen(true),
    '[': () => setRange(shiftRange(range, now, -1)),
    ']': () => setRange(shiftRange(range, now, 1)),
  });
  return (
    <Popover
      label="Time range"
      open={open}
      onOpenChange={setOpen}
      trigger={
        <button
          type="button"
          className="sel tr"
          title={`${dateTimeUtc(scope.from)} to ${dateTimeUtc(scope.to)} (⇧T)`}
        >
          <Clock className="i" aria-hidden="true" />
          <span className="lb">{rangeLabel(range)}</span>
          <span className="muted num rg" suppressHydrationWarning>
            {boundsLabel(resolveRange(range, now))}
          </span>
          <ChevronDown className="i sm" aria-hidden="true" />
        </button>
      }
    >
      {PRESETS.map((preset) => {
        const chosen = range.kind === 'relative' && range.token === preset.token;
        return (
          <button
            key={preset.token}
            type="button"
            className="it"
            aria-pressed={chosen}
            onClick={() => {
              setRange({ kind: 'relative', token: preset.token });
              setOpen(false);
            }}
          >
            <span>{chosen ? <Check className="i sm" aria-hidden="true" /> : null}</span>
            <span>{preset.label}</span>
            <span className="muted">{preset.token}</span>
          </button>
        );
      })}
      <hr />
      <AbsoluteForm onDone={() => setOpen(false)} />
    </Popover>
  );
}

function AbsoluteForm({ onDone }: { readonly onDone: () => void }) {
  const { scope, setRange } = useScope();
  const [from, setFrom] = useState(() => dateTimeUtc(scope.from).slice(0, 19));
  const [to, setTo] = useState(() => dateTimeUtc(scope.to).slice(0, 19));
  const start = parseUtc(from);
  const end = parseUtc(to);
  const reversed = start !== undefined && end !== undefined && start >= end;
  return (
    <form
      className="fields"
      onSubmit={(event) => {
        event.preventDefault();
        if (start === undefined || end === undefined || reversed) return;
        setRange({ kind: 'absolute', from: start, to: end });
        onDone();
      }}
    >
      <TextField
        label="From, UTC"
        value={from}
        onChange={(event) => setFrom(event.target.value)}
        error={start === undefined ? 'Write YYYY-MM-DD HH:MM:SS' : undefined}
      />
      <TextField
        label="To, UTC"
        value={to}
        onChange={(event) => setTo(event.target.value)}
        error={
          end === undefined
            ? 'Write YYYY-MM-DD HH:MM:SS'
            : reversed
              ? 'The end lies before the start'
              : undefined
        }
      />
      <Button type="submit" small>
        Apply
      </Button>
    </form>
  );
}
