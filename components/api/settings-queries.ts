import { queryOptions } from '@tanstack/react-query';
import type { z } from 'zod';
import { type patchSettingsSchema, settingsSchema } from '../../core/wire/settings.ts';
import { fetchJson } from './fetch-json.ts';

const PATH = '/api/v1/settings';
export const settingsKey = ['settings'] as const;

export const settingsQuery = () =>
  queryOptions({
    queryKey: settingsKey,
    queryFn: ({ signal }) => fetchJson(settingsSchema, PATH, { signal }),
  });

export const patchSettings = (body: z.input<typeof patchSettingsSchema>) =>
  fetchJson(settingsSchema, PATH, { method: 'PATCH', body });
