import type { APIRequestContext } from '@playwright/test';
import { ApiClient } from './api-client.ts';
import { PASSWORD, PEOPLE } from './environment.ts';

/** Makes the first administrator over the API and leaves their cookies in the request context. */
export async function signUp(request: APIRequestContext, url: string, token: string): Promise<ApiClient> {
  const api = new ApiClient(request, url);
  const made = await api.post('/api/v1/setup', { token, ...PEOPLE.admin, password: PASSWORD });
  if (!made.ok()) throw new Error(`set-up was refused: ${made.status()} ${await made.text()}`);
  return api;
}
