'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { ROLES } from '../../core/wire/auth.ts';
import { accountKeys, createUser } from '../api/account-queries.ts';
import { describeError } from '../api/api-error.ts';
import { Button } from '../ui/button.tsx';
import { DialogBox } from '../ui/dialog.tsx';
import { SelectField, TextField } from '../ui/field.tsx';
import { FormError } from '../ui/message.tsx';
import { useToast } from '../ui/toast.tsx';
import { ROLE_LABEL, ROLE_TEXT } from './role-words.ts';

export function CreateUserDialog({
  open,
  onClose,
}: {
  readonly open: boolean;
  readonly onClose: () => void;
}) {
  const form = useId();
  const queries = useQueryClient();
  const toast = useToast();
  const [role, setRole] = useState<(typeof ROLES)[number]>('viewer');
  const create = useMutation({
    mutationFn: createUser,
    onSuccess: (user) => {
      toast({ title: `${user.name} can sign in now` });
      onClose();
      return queries.invalidateQueries({ queryKey: accountKeys.users });
    },
  });
  return (
    <DialogBox
      title="Add user"
      description="Tell the password over a channel you trust."
      open={open}
      onClose={onClose}
      footer={
        <>
          <span className="grow" />
          <Button onClick={onClose}>Cancel</Button>
          <Button look="primary" type="submit" form={form} disabled={create.isPending}>
            Add user
          </Button>
        </>
      }
    >
      <form
        id={form}
        className="fields roomy"
        onSubmit={(event) => {
          event.preventDefault();
          const data = new FormData(event.currentTarget);
          const text = (key: string) => String(data.get(key) ?? '');
          create.mutate({ name: text('name'), email: text('email'), password: text('password'), role });
        }}
      >
        <TextField label="Name" name="name" required maxLength={100} autoComplete="off" />
        <TextField label="Email" name="email" type="email" required maxLength={254} autoComplete="off" />
        <TextField
          label="Password"
          name="password"
          type="password"
          required
          minLength={12}
          maxLength={128}
          autoComplete="new-password"
          hint="At least 12 characters."
        />
        <SelectField
          label="Role"
          hint={`${ROLE_LABEL[role]} ${ROLE_TEXT[role]}.`}
          value={role}
          onChange={(event) => setRole(ROLES.find((one) => one === event.target.value) ?? 'viewer')}
        >
          {ROLES.map((one) => (
            <option key={one} value={one}>
              {ROLE_LABEL[one]}
            </option>
          ))}
        </SelectField>
        {create.error ? <FormError {...describeError(create.error)} /> : null}
      </form>
    </DialogBox>
  );
}
