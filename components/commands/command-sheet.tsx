'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useRef, useState } from 'react';
import type { CommandParams, CommandPreview, CommandRow } from '../../core/wire/commands.ts';
import { newIdempotencyKey } from '../actions/action-requests.ts';
import { useArmed } from '../actions/use-armed.ts';
import { useCan } from '../actions/use-can.ts';
import { ApiError, describeError } from '../api/api-error.ts';
import { QueryError } from '../api/query-panel.tsx';
import { Button } from '../ui/button.tsx';
import { DialogSheet } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { SeverityShape } from '../ui/severity.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { CommandFields } from './command-fields.tsx';
import { CommandPreviewBody } from './command-preview-body.tsx';
import { commandPreviewQuery, requestCommand } from './command-queries.ts';
import { type CommandAsk, commandTargetName } from './command-url.ts';
import { COMMAND_WORDS } from './command-words.ts';
import '../actions/actions.css';

type Props = {
  readonly ask: CommandAsk;
  readonly onClose: () => void;
  readonly onRequested: (row: CommandRow) => void;
};

/** Preview of one command and the only place that asks an agent for it. */
export function CommandSheet({ ask, onClose, onRequested }: Props) {
  const cancel = useRef<HTMLButtonElement>(null);
  const [params, setParams] = useState<CommandParams>({});
  const [reason, setReason] = useState('');
  const [typed, setTyped] = useState('');
  const [changed, setChanged] = useState(false);
  const can = useCan(ask.kind === 'kill' ? 'admin' : 'responder');
  const preview = useQuery({
    ...commandPreviewQuery(ask, params),
    enabled: can.allowed,
    placeholderData: (before) => before,
  });
  const confirmKey = useRef<{ token: string; key: string }>(undefined);
  const request = useMutation({
    mutationFn: (shown: CommandPreview) => {
      // One key per reviewed preview: pressing again after a lost answer asks once.
      if (confirmKey.current?.token !== shown.token)
        confirmKey.current = { token: shown.token, key: newIdempotencyKey() };
      const { key } = confirmKey.current;
      return requestCommand(ask, { params, token: shown.token, reason, idempotencyKey: key });
    },
    onSuccess: onRequested,
    onError: (err) => {
      if (!(err instanceof ApiError) || err.problem.reason !== 'preview_stale') return;
      setChanged(true);
      void preview.refetch();
    },
  });
  const shown = preview.data;
  const armed = useArmed(shown?.token);
  const pid = ask.kind === 'kill' && ask.target.kind === 'process' ? String(ask.target.pid) : undefined;
  const sure = pid === undefined || typed.trim() === pid;
  const ready = shown?.allowed === true && !preview.isFetching && !request.isPending && armed && sure;
  const confirm = (): void => {
    if (!ready || shown === undefined) return;
    setChanged(false);
    request.mutate(shown);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || !(event.metaKey || event.ctrlKey)) return;
    event.preventDefault();
    confirm();
  };
  const { title } = COMMAND_WORDS[ask.kind];
  const error = request.error !== null && !changed ? describeError(request.error).message : undefined;
  return (
    // The keys of the sheet bubble through the portal to here.
    // biome-ignore lint/a11y/noStaticElementInteractions: see above
    <div className="sheet-keys" onKeyDown={onKeyDown}>
      <DialogSheet
        open
        title={title}
        description={commandTargetName(ask.target)}
        onClose={onClose}
        initialFocus={cancel}
        footer={
          <>
            <span className="t2 hide-s rec">
              {ask.incidentId === undefined ? 'Recorded in Responses' : `Recorded in INC-${ask.incidentId}`}
            </span>
            <span className="grow" />
            <Button ref={cancel} onClick={onClose}>
              Cancel <kbd>Esc</kbd>
            </Button>
            <Button look={pid === undefined ? 'primary' : 'danger'} disabled={!ready} onClick={confirm}>
              {request.isPending ? 'Asking' : title} <kbd>⌘ ↵</kbd>
            </Button>
          </>
        }
      >
        {changed || error !== undefined ? (
          <div className="sec alertx" role="alert">
            <SeverityShape priority={changed ? 4 : 3} label />
            <span>{changed ? 'Something changed since the preview. Review again.' : error}</span>
          </div>
        ) : null}
        {!can.allowed ? (
          <div className="sec">
            <p>{can.reason}.</p>
            <p className="muted">{can.help}</p>
          </div>
        ) : shown === undefined ? (
          preview.error !== null ? (
            <QueryError query={preview} what="the preview" need="responder" />
          ) : (
            <SkeletonRows rows={9} what="the preview" />
          )
        ) : (
          <CommandPreviewBody preview={shown} checking={preview.isFetching}>
            <div className="sec frm">
              <CommandFields kind={ask.kind} params={shown.params} onChange={setParams} />
              <TextField
                label="Reason, kept in the record"
                value={reason}
                maxLength={1_000}
                onChange={(event) => setReason(event.currentTarget.value)}
              />
              {pid === undefined ? null : (
                <TextField
                  label={`Type ${pid} to confirm`}
                  value={typed}
                  inputMode="numeric"
                  autoComplete="off"
                  onChange={(event) => setTyped(event.currentTarget.value)}
                />
              )}
            </div>
          </CommandPreviewBody>
        )}
      </DialogSheet>
    </div>
  );
}
