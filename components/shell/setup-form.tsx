'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { setupRequestSchema } from '../../core/wire/auth.ts';
import { setupQuery } from '../api/account-queries.ts';
import { describeError } from '../api/api-error.ts';
import { fetchVoid } from '../api/fetch-json.ts';
import { Button, LinkButton } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { FormError } from '../ui/message.tsx';

const EMPTY = { token: '', name: '', email: '', password: '' };
type Key = keyof typeof EMPTY;
const FAULT: Record<Key, string> = {
  token: 'Paste the token that the launcher printed',
  name: 'Write a name of at most 100 characters',
  email: 'Write an email address',
  password: 'Write 12 to 128 characters',
};

/** Makes the first administrator. The token may stand in the fragment, which browsers never send. */
export function SetupForm() {
  const state = useQuery(setupQuery());
  const [values, setValues] = useState(EMPTY);
  const [checked, setChecked] = useState(false);
  useEffect(() => {
    const token = new URLSearchParams(window.location.hash.slice(1)).get('token');
    if (token !== null) setValues((old) => ({ ...old, token }));
  }, []);
  const parsed = setupRequestSchema.safeParse(values);
  const wrong = new Set(parsed.success ? [] : parsed.error.issues.map((issue) => issue.path[0]));
  const errorOf = (key: Key) => (checked && wrong.has(key) ? FAULT[key] : undefined);
  const create = useMutation({
    mutationFn: async () => {
      await fetchVoid('/api/v1/setup', { method: 'POST', body: values });
      await fetchVoid('/api/v1/login', {
        method: 'POST',
        body: { email: values.email, password: values.password },
      });
    },
    onSuccess: () => window.location.replace('/'),
  });
  if (state.data?.needed === false) {
    return (
      <>
        <p className="t2">This installation already has an administrator.</p>
        <LinkButton look="primary" href="/login">
          Sign in
        </LinkButton>
      </>
    );
  }
  const field = (key: Key) => ({
    name: key,
    value: values[key],
    error: errorOf(key),
    onChange: (event: React.ChangeEvent<HTMLInputElement>) =>
      setValues((old) => ({ ...old, [key]: event.target.value })),
  });
  return (
    <form
      className="fields"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        setChecked(true);
        if (parsed.success) create.mutate();
      }}
    >
      <TextField
        label="First-run token"
        hint="Printed by the launcher when it starts for the first time."
        autoComplete="off"
        spellCheck={false}
        className="mono"
        {...field('token')}
      />
      <TextField label="Name" autoComplete="name" {...field('name')} />
      <TextField label="Email" type="email" autoComplete="username" {...field('email')} />
      <TextField
        label="Password"
        hint="At least 12 characters."
        type="password"
        autoComplete="new-password"
        {...field('password')}
      />
      {create.error ? <FormError {...describeError(create.error)} /> : null}
      <Button type="submit" look="primary" disabled={create.isPending || create.isSuccess}>
        {create.isPending ? 'Creating administrator' : 'Create administrator'}
      </Button>
    </form>
  );
}
