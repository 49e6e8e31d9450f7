import { queryOptions } from '@tanstack/react-query';
import { z } from 'zod';
import {
  createdTokenSchema,
  meSchema,
  setupStateSchema,
  tokenRowSchema,
  userRowSchema,
} from '../../core/wire/auth.ts';
import { fetchJson } from './fetch-json.ts';

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

/** Lists come bare or wrapped in their name; both read the same. */
const listOf = <T extends z.ZodType>(row: T, name: string) =>
  z.preprocess(
    (value) =>
      typeof value === 'object' && value !== null && name in value ? Reflect.get(value, name) : value,
    z.array(row),
  );

export const usersQuery = () =>
  queryOptions({
    queryKey: accountKeys.users,
    queryFn: ({ signal }) => fetchJson(listOf(userRowSchema, 'users'), '/api/v1/users', { signal }),
  });

export const tokensQuery = () =>
  queryOptions({
    queryKey: accountKeys.tokens,
    queryFn: ({ signal }) => fetchJson(listOf(tokenRowSchema, 'tokens'), '/api/v1/tokens', { signal }),
  });

export const createToken = (body: unknown) =>
  fetchJson(createdTokenSchema, '/api/v1/tokens', { method: 'POST', body });
