'use client';

import { type FormEvent, type KeyboardEvent, useId, useRef, useState } from 'react';
import { describeError } from '../api/api-error.ts';
import { Button } from '../ui/button.tsx';
import { DialogBox } from '../ui/dialog.tsx';
import { useAddNote } from './use-incident-change.ts';

const CHARS_MAX = 10_000;

/** Writes one note into the timeline; notes are not edited afterwards. */
export function NoteDialog({ id, onClose }: { readonly id: number; readonly onClose: () => void }) {
  const area = useRef<HTMLTextAreaElement>(null);
  const fieldId = useId();
  const [text, setText] = useState('');
  const add = useAddNote(id, onClose);
  const empty = text.trim() === '';
  const submit = (): void => {
    if (!empty && !add.isPending) add.mutate(text);
  };
  return (
    <DialogBox
      open
      title="Add note"
      description="It becomes a line of the timeline under your name and stays in every export."
      onClose={onClose}
      initialFocus={area}
      footer={
        <>
          <span className="grow" />
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form={`${fieldId}-form`} disabled={empty || add.isPending}>
            Add note <kbd>⌘ ↵</kbd>
          </Button>
        </>
      }
    >
      <form
        id={`${fieldId}-form`}
        className="sec frm"
        onSubmit={(event: FormEvent) => {
          event.preventDefault();
          submit();
        }}
      >
        <label className="fld" htmlFor={fieldId}>
          Note
          <textarea
            ref={area}
            id={fieldId}
            className="inp"
            rows={6}
            maxLength={CHARS_MAX}
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
            onKeyDown={(event: KeyboardEvent) => {
              if (event.key !== 'Enter' || !(event.metaKey || event.ctrlKey)) return;
              event.preventDefault();
              submit();
            }}
          />
        </label>
        {add.error === null ? null : <p role="alert">{describeError(add.error).message}</p>}
      </form>
    </DialogBox>
  );
}
