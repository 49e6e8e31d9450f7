'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useId, useState } from 'react';
import { ROLES, TOKEN_KINDS } from '../../core/wire/auth.ts';
import { accountKeys, createToken } from '../api/account-queries.ts';
import { describeError } from '../api/api-error.ts';
import { Button } from '../ui/button.tsx';
import { Copy } from '../ui/copy.tsx';
import { DialogBox } from '../ui/dialog.tsx';
import { SelectField, TextField } from '../ui/field.tsx';
import { FormError } from '../ui/message.tsx';
import { ROLE_LABEL, TOKEN_KIND_LABEL, TOKEN_KIND_TEXT } from './role-words.ts';

/** Makes a token; its secret is on screen once and then nowhere. */
export function CreateTokenDialog({
  open,
  onClose,
}: {
  readonly open: boolean;
  readonly onClose: () => void;
}) {
  const queries = useQueryClient();
  const create = useMutation({
    mutationFn: createToken,
    onSuccess: () => queries.invalidateQueries({ queryKey: accountKeys.tokens }),
    gcTime: 0,
  });
  const close = () => {
    create.reset();
    onClose();
  };
  const form = useId();
  const made = create.data;
  return (
    <DialogBox
      title={made ? `Token ${made.token.name}` : 'Create token'}
      description={made ? 'Copy the secret now. It is not stored and cannot be shown again.' : undefined}
      open={open}
      onClose={close}
      footer={
        made ? (
          <>
            <span className="grow" />
            <Button look="primary" onClick={close}>
              I have copied it
            </Button>
          </>
        ) : (
          <>
            <span className="grow" />
            <Button onClick={close}>Cancel</Button>
            <Button look="primary" type="submit" form={form} disabled={create.isPending}>
              Create token
            </Button>
          </>
        )
      }
    >
      {made ? (
        <div className="fields roomy">
          <span className="secret">
            <code>{made.secret}</code>
            <Copy value={made.secret} label="Copy secret" />
          </span>
        </div>
      ) : (
        <TokenForm id={form} error={create.error} onSubmit={(body) => create.mutate(body)} />
      )}
    </DialogBox>
  );
}

function TokenForm({
  id,
  error,
  onSubmit,
}: {
  readonly id: string;
  readonly error: Error | null;
  readonly onSubmit: (body: Parameters<typeof createToken>[0]) => void;
}) {
  const [kind, setKind] = useState<(typeof TOKEN_KINDS)[number]>('agent');
  const [role, setRole] = useState<(typeof ROLES)[number]>('viewer');
  return (
    <form
      id={id}
      className="fields roomy"
      onSubmit={(event) => {
        event.preventDefault();
        const name = String(new FormData(event.currentTarget).get('name') ?? '');
        onSubmit({ name, kind, ...(kind === 'api' ? { role } : {}) });
      }}
    >
      <TextField
        label="Name"
        name="name"
        required
        maxLength={100}
        autoComplete="off"
        hint="Who or what will use it."
      />
      <SelectField
        label="Kind"
        hint={TOKEN_KIND_TEXT[kind]}
        value={kind}
        onChange={(event) => setKind(TOKEN_KINDS.find((one) => one === event.target.value) ?? 'agent')}
      >
        {TOKEN_KINDS.map((one) => (
          <option key={one} value={one}>
            {TOKEN_KIND_LABEL[one]}
          </option>
        ))}
      </SelectField>
      {kind === 'api' ? (
        <SelectField
          label="Role"
          value={role}
          onChange={(event) => setRole(ROLES.find((one) => one === event.target.value) ?? 'viewer')}
        >
          {ROLES.map((one) => (
            <option key={one} value={one}>
              {ROLE_LABEL[one]}
            </option>
          ))}
        </SelectField>
      ) : null}
      {error ? <FormError {...describeError(error)} /> : null}
    </form>
  );
}
