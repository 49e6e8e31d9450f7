'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { type KeyboardEvent, useRef, useState } from 'react';
import type { ActionRow, Preview } from '../../core/wire/actions.ts';
import { ApiError, describeError } from '../api/api-error.ts';
import { QueryError } from '../api/query-panel.tsx';
import { Button } from '../ui/button.tsx';
import { DialogSheet } from '../ui/dialog.tsx';
import { TextField } from '../ui/field.tsx';
import { SeverityShape } from '../ui/severity.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { executeAction, newIdempotencyKey, previewQuery } from './action-requests.ts';
import { type ActionRequest, targetName } from './action-url.ts';
import { ACTION_WORDS } from './action-words.ts';
import { PreviewBody } from './preview-body.tsx';
import { useArmed } from './use-armed.ts';
import { useCan } from './use-can.ts';
import '../data-table/check-box.css';
import './actions.css';

type Props = {
  readonly request: ActionRequest;
  readonly onClose: () => void;
  readonly onDone: (row: ActionRow) => void;
};

/** Preview of one action and the only place that executes it. */
export function ActionSheet({ request, onClose, onDone }: Props) {
  const cancel = useRef<HTMLButtonElement>(null);
  const [allowDns, setAllowDns] = useState(false);
  const [reason, setReason] = useState('');
  const [changed, setChanged] = useState(false);
  const can = useCan('responder');
  const options = { allowDns };
  const preview = useQuery({ ...previewQuery(request, options), enabled: can.allowed });
  const confirmKey = useRef<{ token: string; key: string }>(undefined);
  const execute = useMutation({
    mutationFn: (shown: Preview) => {
      // One key per reviewed preview: pressing again after a lost answer acts once.
      if (confirmKey.current?.token !== shown.token)
        confirmKey.current = { token: shown.token, key: newIdempotencyKey() };
      return executeAction(request, options, {
        token: shown.token,
        reason,
        idempotencyKey: confirmKey.current.key,
      });
    },
    onSuccess: onDone,
    onError: (err) => {
      if (!(err instanceof ApiError) || err.problem.reason !== 'preview_stale') return;
      setChanged(true);
      void preview.refetch();
    },
  });
  const shown = preview.data;
  const armed = useArmed(shown?.token);
  const ready = shown?.allowed === true && !preview.isFetching && !execute.isPending && armed;
  const confirm = (): void => {
    if (!ready || shown === undefined) return;
    setChanged(false);
    execute.mutate(shown);
  };
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Enter' || !(event.metaKey || event.ctrlKey)) return;
    event.preventDefault();
    confirm();
  };
  const words = ACTION_WORDS[request.action];
  const error = execute.error !== null && !changed ? describeError(execute.error).message : undefined;
  return (
    // The keys of the sheet bubble through the portal to here.
    // biome-ignore lint/a11y/noStaticElementInteractions: see above
    <div className="sheet-keys" onKeyDown={onKeyDown}>
      <DialogSheet
        open
        title={words.title}
        description={targetName(request.target)}
        onClose={onClose}
        initialFocus={cancel}
        footer={
          <>
            <span className="t2 hide-s rec">{recordedIn(request)}</span>
            <span className="grow" />
            <Button ref={cancel} onClick={onClose}>
              Cancel <kbd>Esc</kbd>
            </Button>
            <Button look="primary" disabled={!ready} onClick={confirm}>
              {execute.isPending ? 'Working' : words.title} <kbd>⌘ ↵</kbd>
            </Button>
          </>
        }
      >
        {changed || error !== undefined ? (
          <div className="sec alertx" role="alert">
            <SeverityShape priority={changed ? 4 : 3} label />
            <span>{changed ? 'It changed since the preview. Review again.' : error}</span>
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
          <PreviewBody preview={shown} checking={preview.isFetching}>
            <div className="sec frm">
              {request.action === 'quarantine' ? (
                <label className="optl">
                  <input
                    type="checkbox"
                    className="cbx"
                    checked={allowDns}
                    onChange={(event) => setAllowDns(event.currentTarget.checked)}
                  />
                  Keep DNS open, so that the process does not notice at once
                </label>
              ) : null}
              <TextField
                label="Reason, kept in the record"
                value={reason}
                maxLength={1_000}
                onChange={(event) => setReason(event.currentTarget.value)}
              />
            </div>
          </PreviewBody>
        )}
      </DialogSheet>
    </div>
  );
}

const recordedIn = ({ incidentId }: ActionRequest): string =>
  incidentId === undefined ? 'Recorded in Responses' : `Recorded in INC-${incidentId}`;
