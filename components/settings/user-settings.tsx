'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { ROLES, type UserRow } from '../../core/wire/auth.ts';
import { accountKeys, meQuery, patchUser, usersQuery } from '../api/account-queries.ts';
import { describeError } from '../api/api-error.ts';
import { QueryPanel } from '../api/query-panel.tsx';
import { Button } from '../ui/button.tsx';
import { Tag } from '../ui/chip.tsx';
import { useToast } from '../ui/toast.tsx';
import { CreateUserDialog } from './create-user-dialog.tsx';
import { ROLE_LABEL, ROLE_TEXT } from './role-words.ts';

export function UserSettings() {
  const query = useQuery(usersQuery());
  const [creating, setCreating] = useState(false);
  return (
    <>
      <QueryPanel
        title="Users"
        detail={query.data?.length}
        what="users"
        need="administrator"
        query={query}
        className="scroll-x"
        aside={
          <Button small look="primary" onClick={() => setCreating(true)}>
            Add user
          </Button>
        }
      >
        {(users) => (
          <table className="cards">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Email</th>
                <th scope="col">Role</th>
                <th scope="col">State</th>
                <th scope="col">Created, UTC</th>
                <th scope="col">
                  <span className="vh">Action</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {users.map((user) => (
                <UserLine key={user.id} user={user} />
              ))}
            </tbody>
          </table>
        )}
      </QueryPanel>
      <CreateUserDialog open={creating} onClose={() => setCreating(false)} />
    </>
  );
}

function UserLine({ user }: { readonly user: UserRow }) {
  const queries = useQueryClient();
  const toast = useToast();
  const self = useQuery(meQuery()).data?.user.id === user.id;
  const patch = useMutation({
    mutationFn: (change: Parameters<typeof patchUser>[1]) => patchUser(user.id, change),
    onSuccess: () => queries.invalidateQueries({ queryKey: accountKeys.users }),
    onError: (err) => toast({ title: `${user.name} was not changed`, detail: describeError(err).message }),
  });
  return (
    <tr>
      <td data-label="Name">
        <b className="nm">{user.name}</b> {self ? <Tag>you</Tag> : null}
      </td>
      <td data-label="Email">{user.email}</td>
      <td data-label="Role">
        <select
          className="inp slim"
          aria-label={`Role of ${user.name}`}
          value={user.role}
          disabled={self || patch.isPending}
          onChange={(event) => {
            const role = ROLES.find((candidate) => candidate === event.target.value);
            if (role) patch.mutate({ role });
          }}
        >
          {ROLES.map((role) => (
            <option key={role} value={role} title={ROLE_TEXT[role]}>
              {ROLE_LABEL[role]}
            </option>
          ))}
        </select>
      </td>
      <td data-label="State">{user.disabled ? <Tag>disabled</Tag> : 'Active'}</td>
      <td data-label="Created, UTC" className="num">
        {user.createdAt.slice(0, 10)}
      </td>
      <td className="r">
        {self ? null : (
          <Button small disabled={patch.isPending} onClick={() => patch.mutate({ disabled: !user.disabled })}>
            {user.disabled ? 'Enable' : 'Disable'}
            <span className="vh"> {user.name}</span>
          </Button>
        )}
      </td>
    </tr>
  );
}
