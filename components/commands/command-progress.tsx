'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import { useRef } from 'react';
import type { CommandRow } from '../../core/wire/commands.ts';
import { useCan } from '../actions/use-can.ts';
import { actionKeys } from '../api/action-queries.ts';
import { describeError } from '../api/api-error.ts';
import { QueryError } from '../api/query-panel.tsx';
import { useUrlParams } from '../shell/url-params.ts';
import { Button, RefusedButton } from '../ui/button.tsx';
import { Copy } from '../ui/copy.tsx';
import { DialogSheet } from '../ui/dialog.tsx';
import { bytes } from '../ui/format.ts';
import { SeverityShape } from '../ui/severity.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { Time } from '../ui/time.tsx';
import { useToast } from '../ui/toast.tsx';
import { cancelCommand, commandQuery } from './command-queries.ts';
import { commandParams, commandTargetName } from './command-url.ts';
import { COMMAND_WORDS, isOpen, resultText, stateText } from './command-words.ts';

/** Follows one command to its end: state, what it found, its file, and the way to stop or undo it. */
export function CommandProgress({ id, onClose }: { readonly id: string; readonly onClose: () => void }) {
  const close = useRef<HTMLButtonElement>(null);
  const query = useQuery(commandQuery(id));
  const row = query.data;
  return (
    <DialogSheet
      open
      title={row === undefined ? 'Command' : COMMAND_WORDS[row.kind].title}
      description={row === undefined ? undefined : commandTargetName(row.target)}
      onClose={onClose}
      initialFocus={close}
      footer={
        <>
          {row === undefined ? null : <Controls row={row} />}
          <span className="grow" />
          <Button ref={close} onClick={onClose}>
            Close <kbd>Esc</kbd>
          </Button>
        </>
      }
    >
      {row !== undefined ? (
        <Body row={row} />
      ) : query.error !== null ? (
        <QueryError query={query} what="the command" />
      ) : (
        <SkeletonRows rows={6} what="the command" />
      )}
    </DialogSheet>
  );
}

function Controls({ row }: { readonly row: CommandRow }) {
  const can = useCan('responder');
  const toast = useToast();
  const queries = useQueryClient();
  const { update } = useUrlParams();
  const cancel = useMutation({
    mutationFn: () => cancelCommand(row.id),
    onError: (err) => toast({ title: 'It cannot be cancelled', detail: describeError(err).message }),
    onSettled: () => queries.invalidateQueries({ queryKey: actionKeys.all }),
  });
  if (!can.allowed) return isOpen(row) ? <RefusedButton reason={can.reason}>Stop</RefusedButton> : null;
  if (isOpen(row)) {
    return (
      <Button disabled={cancel.isPending || row.cancelRequested} onClick={() => cancel.mutate()}>
        {row.cancelRequested ? 'Stopping' : 'Stop'}
      </Button>
    );
  }
  if (!row.undoable) return null;
  const { target } = row;
  const incidentId = row.incidentId ?? undefined;
  return (
    <Button
      onClick={() => update(commandParams({ kind: 'thaw', target, incidentId, undoOf: row.id }), 'push')}
    >
      Thaw…
    </Button>
  );
}

function Body({ row }: { readonly row: CommandRow }) {
  const failed = row.state === 'failed' || row.state === 'expired';
  const result = resultText(row);
  return (
    <>
      <div className="sec" aria-live="polite">
        <p className="cmd-state">
          {failed ? <SeverityShape priority={3} label /> : null}
          <b>{stateText(row)}</b>
          {isOpen(row) ? (
            <span className="muted">
              {row.state === 'requested' ? 'agents ask every 5 s' : `on ${row.node}`}
            </span>
          ) : null}
        </p>
        {isOpen(row) ? <progress className="cmd-bar" aria-label="In progress" /> : null}
        {row.summary === null ? null : <p className="cmd-note">{row.summary}</p>}
        {result === null || result === row.summary ? null : <p className="cmd-note">{result}</p>}
      </div>
      <Result row={row} />
      {row.notes.length > 0 ? (
        <section className="sec">
          <h3>Not complete</h3>
          <ul className="chk">
            {row.notes.map((note) => (
              <li key={note}>
                <SeverityShape priority={4} label />
                <span className="cmd-note">{note}</span>
              </li>
            ))}
          </ul>
        </section>
      ) : null}
      <section className="sec">
        <h3>Record</h3>
        <dl className="kv">
          <dt>Asked by</dt>
          <dd>{row.actor}</dd>
          <dt>Reason</dt>
          <dd>{row.reason === '' ? <span className="muted">none given</span> : row.reason}</dd>
          <dt>Node</dt>
          <dd>{row.node}</dd>
          <dt>Asked</dt>
          <dd>
            <Time iso={row.requestedAt} date />
          </dd>
          {row.startedAt === null ? null : (
            <>
              <dt>Began</dt>
              <dd>
                <Time iso={row.startedAt} date />
              </dd>
            </>
          )}
          <dt>{row.endedAt === null ? 'Ends at the latest' : 'Ended'}</dt>
          <dd>
            <Time iso={row.endedAt ?? row.deadline} date />
          </dd>
        </dl>
      </section>
    </>
  );
}

function Result({ row }: { readonly row: CommandRow }) {
  const can = useCan('responder');
  const { artifact } = row;
  if (artifact === null) {
    return isOpen(row) && row.uploadedBytes > 0 ? (
      <div className="sec small t2">{bytes(row.uploadedBytes)} arrived</div>
    ) : null;
  }
  return (
    <section className="sec">
      <h3>Result</h3>
      <div className="cmd-file">
        <span className="mono el" title={artifact.name}>
          {artifact.name}
        </span>
        <span className="muted num">{bytes(artifact.bytes)}</span>
        {!row.artifactKept ? (
          <span className="muted">Deleted by the retention</span>
        ) : can.allowed ? (
          <a className="btn s p" href={`/api/v1/commands/${row.id}/artifact`} download={artifact.name}>
            <Download className="i sm" aria-hidden="true" />
            Download
          </a>
        ) : (
          <RefusedButton small reason={can.reason}>
            Download
          </RefusedButton>
        )}
      </div>
      <p className="small muted cmd-sum">
        SHA-256 <code>{artifact.sha256}</code> <Copy value={artifact.sha256} label="Copy SHA-256" />
      </p>
    </section>
  );
}
