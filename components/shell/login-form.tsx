'use client';

import { useMutation, useQuery } from '@tanstack/react-query';
import { useSearchParams } from 'next/navigation';
import { useEffect, useState } from 'react';
import { meQuery, setupQuery } from '../api/account-queries.ts';
import { describeError } from '../api/api-error.ts';
import { fetchVoid } from '../api/fetch-json.ts';
import { Button, LinkButton } from '../ui/button.tsx';
import { TextField } from '../ui/field.tsx';
import { FormError } from '../ui/message.tsx';
import { safeNext } from './safe-next.ts';

export function LoginForm() {
  const next = safeNext(useSearchParams().get('next'));
  const [email, setEmail] = useState('');
  const [password, setPassword] = useState('');
  const setup = useQuery(setupQuery());
  // A strict cookie does not come along when the visitor follows a link from elsewhere, but the session lives.
  const me = useQuery({ ...meQuery(), retry: false });
  useEffect(() => {
    if (me.data) window.location.replace(next);
  }, [me.data, next]);
  const login = useMutation({
    mutationFn: () => fetchVoid('/api/v1/login', { method: 'POST', body: { email, password } }),
    onSuccess: () => window.location.replace(next),
  });
  if (setup.data?.needed) {
    return (
      <>
        <p className="t2">This installation has no administrator yet.</p>
        <LinkButton look="primary" href="/setup">
          Set up Eyrie
        </LinkButton>
      </>
    );
  }
  return (
    <form
      className="fields"
      onSubmit={(event) => {
        event.preventDefault();
        login.mutate();
      }}
    >
      <TextField
        label="Email"
        type="email"
        name="email"
        autoComplete="username"
        required
        value={email}
        onChange={(event) => setEmail(event.target.value)}
      />
      <TextField
        label="Password"
        type="password"
        name="password"
        autoComplete="current-password"
        required
        value={password}
        onChange={(event) => setPassword(event.target.value)}
      />
      {login.error ? <FormError {...describeError(login.error)} /> : null}
      <Button type="submit" look="primary" disabled={login.isPending || login.isSuccess}>
        {login.isPending ? 'Signing in' : 'Sign in'}
      </Button>
    </form>
  );
}
