'use client';

import { CircleCheck, RotateCcw, StickyNote } from 'lucide-react';
import Link from 'next/link';
import { useState } from 'react';
import type { IncidentDetail } from '../../core/wire/incidents.ts';
import { useCan } from '../actions/use-can.ts';
import { useScope } from '../shell/scope.tsx';
import { useShortcuts } from '../shell/shortcuts.ts';
import { Button, RefusedButton } from '../ui/button.tsx';
import { duration } from '../ui/format.ts';
import { Severity } from '../ui/severity.tsx';
import { entityEventsPath } from './entity.ts';
import { ExportMenu } from './export-menu.tsx';
import { EntityIcon } from './marks.tsx';
import { NoteDialog } from './note-dialog.tsx';
import { OwnerMenu } from './owner-menu.tsx';
import { useIncidentChange } from './use-incident-change.ts';

const ENTITIES_SHOWN = 12;

/** Severity, id, age, title, summary, entities, and what can be done with the incident itself. */
export function IncidentHeader({ detail }: { readonly detail: IncidentDetail }) {
  const { incident } = detail;
  const { now } = useScope();
  const [noting, setNoting] = useState(false);
  const can = useCan('responder');
  const change = useIncidentChange(incident.id);
  useShortcuts({ a: () => (can.allowed ? setNoting(true) : undefined) });
  const open = incident.status === 'open';
  const end = incident.closedAt === null ? now.getTime() : Date.parse(incident.closedAt);
  const age = duration(end - Date.parse(incident.openedAt));
  return (
    <div className="hd">
      <div>
        <div className="ti">
          <Severity priority={incident.priority} full />
          <span className="muted num">INC-{incident.id}</span>
          <span className="muted num">{open ? `open ${age}` : `closed, took ${age}`}</span>
        </div>
        <h1>{incident.title}</h1>
      </div>
      <div className="acts">
        <OwnerMenu incident={incident} />
        {can.allowed ? (
          <>
            <Button onClick={() => setNoting(true)}>
              <StickyNote className="i sm" aria-hidden="true" />
              Add note <kbd>A</kbd>
            </Button>
            <Button
              disabled={change.isPending}
              onClick={() => change.mutate({ status: open ? 'closed' : 'open' })}
            >
              {open ? (
                <CircleCheck className="i sm" aria-hidden="true" />
              ) : (
                <RotateCcw className="i sm" aria-hidden="true" />
              )}
              {open ? 'Close' : 'Reopen'}
            </Button>
          </>
        ) : (
          <RefusedButton reason={can.reason}>Add note</RefusedButton>
        )}
        <ExportMenu id={incident.id} />
      </div>
      {incident.summary === '' ? null : <p className="lead">{incident.summary}</p>}
      <div className="ents">
        {incident.entities.slice(0, ENTITIES_SHOWN).map((entity) => (
          <Link
            prefetch={false}
            key={`${entity.kind}:${entity.name}`}
            className="chip"
            href={entityEventsPath(entity, incident)}
            title={`Events of ${entity.kind} ${entity.name}`}
          >
            <EntityIcon kind={entity.kind} />
            <span className="el">{entity.name}</span>
          </Link>
        ))}
        {incident.entities.length > ENTITIES_SHOWN ? (
          <span className="chip muted">{incident.entities.length - ENTITIES_SHOWN} more</span>
        ) : null}
      </div>
      {noting ? <NoteDialog id={incident.id} onClose={() => setNoting(false)} /> : null}
    </div>
  );
}
