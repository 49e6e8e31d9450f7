'use client';

import { useQuery } from '@tanstack/react-query';
import { User, UserMinus, UserPlus } from 'lucide-react';
import type { IncidentRow } from '../../core/wire/incidents.ts';
import { useCan } from '../actions/use-can.ts';
import { meQuery } from '../api/account-queries.ts';
import { Button, RefusedButton } from '../ui/button.tsx';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { useIncidentChange } from './use-incident-change.ts';

/** Who leads the response; a responder takes it or gives it back. */
export function OwnerMenu({ incident }: { readonly incident: IncidentRow }) {
  const can = useCan('responder');
  const me = useQuery(meQuery());
  const change = useIncidentChange(incident.id);
  const name = me.data?.user.name;
  const label = (
    <>
      <User className="i sm" aria-hidden="true" />
      <span className="vh">Owner: </span>
      {incident.owner ?? 'No owner'}
    </>
  );
  if (!can.allowed) return <RefusedButton reason={can.reason}>{label}</RefusedButton>;
  return (
    <Menu trigger={<Button disabled={change.isPending}>{label}</Button>} align="end">
      <MenuItem
        icon={<UserPlus className="i" />}
        disabled={name === undefined || name === incident.owner}
        onSelect={() => (name === undefined ? undefined : change.mutate({ owner: name }))}
      >
        {incident.owner === null ? 'Take it' : 'Take it over'}
      </MenuItem>
      <MenuItem
        icon={<UserMinus className="i" />}
        disabled={incident.owner === null}
        onSelect={() => change.mutate({ owner: null })}
      >
        Remove the owner
      </MenuItem>
    </Menu>
  );
}
