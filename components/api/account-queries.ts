import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import {
  createdTokenSchema,
  type createTokenSchema,
  type createUserSchema,
  meSchema,
  type patchUserSchema,
  setupStateSchema,
  tokenRowSchema,
  userRowSchema,
} from '../../core/wire/auth.ts';
import { fetchJson, fetchVoid } from './fetch-json.ts';

export const accountKeys = {
  me: ['me'] as const,
  setup: ['setup'] as const,
  users: ['users'] as const,
  tokens: ['tokens'] as const,
};

export const meQuery = () =>
  queryOptions({
    queryKey: accountKeys.me,
    queryFn: ({ signal }) => fetchJson(meSchema, '/api/v1/me', { signal }),
    staleTime: 60_000,
  });

export const setupQuery = () =>
  queryOptions({
    queryKey: accountKeys.setup,
    queryFn: ({ signal }) => fetchJson(setupStateSchema, '/api/v1/setup', { signal }),
  });

export const usersQuery = () =>
  queryOptions({
    queryKey: accountKeys.users,
    queryFn: ({ signal }) => fetchJson(z.array(userRowSchema), '/api/v1/users', { signal }),
  });

export const tokensQuery = () =>
  queryOptions({
    queryKey: accountKeys.tokens,
    queryFn: ({ signal }) => fetchJson(z.array(tokenRowSchema), '/api/v1/tokens', { signal }),
  });

export const createToken = (body: z.input<typeof createTokenSchema>) =>
  fetchJson(createdTokenSchema, '/api/v1/tokens', { method: 'POST', body });

export const revokeToken = (id: string) =>
  fetchVoid(`/api/v1/tokens/${encodeURIComponent(id)}`, { method: 'DELETE' });

export const createUser = (body: z.input<typeof createUserSchema>) =>
  fetchJson(userRowSchema, '/api/v1/users', { method: 'POST', body });

export const patchUser = (id: string, body: z.input<typeof patchUserSchema>) =>
  fetchJson(userRowSchema, `/api/v1/users/${encodeURIComponent(id)}`, { method: 'PATCH', body });
