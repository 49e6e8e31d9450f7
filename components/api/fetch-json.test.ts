import { afterEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { ApiError } from './api-error.ts';
import { fetchJson } from './fetch-json.ts';

const schema = z.object({ n: z.number() });
const answer = (status: number, body: string, headers: Record<string, string> = {}) =>
  vi.stubGlobal('fetch', async () => new Response(body, { status, headers }));
const problemOf = async () => {
  const err = await fetchJson(schema, '/api/v1/kpis').catch((thrown: unknown) => thrown);
  expect(err).toBeInstanceOf(ApiError);
  return err instanceof ApiError ? err.problem : undefined;
};

describe('fetchJson', () => {
  afterEach(() => vi.unstubAllGlobals());

  it('returns the parsed body', async () => {
    answer(200, '{"n":1,"extra":true}');
    expect(await fetchJson(schema, '/api/v1/kpis')).toEqual({ n: 1 });
  });

  it('throws the problem that the server sent', async () => {
    answer(403, '{"status":403,"code":"forbidden","message":"No.","requestId":"r1"}');
    expect(await problemOf()).toMatchObject({ code: 'forbidden', requestId: 'r1' });
  });

  it('makes a problem from a body that is none, with the request id of the header', async () => {
    answer(502, '<html>', { 'x-request-id': 'r2' });
    expect(await problemOf()).toMatchObject({ status: 502, code: 'unavailable', requestId: 'r2' });
  });

  it('names the place where an answer breaks the contract', async () => {
    answer(200, '{"n":"1"}');
    expect((await problemOf())?.message).toContain('at n.');
  });

  it('reports an unreachable server as unavailable', async () => {
    vi.stubGlobal('fetch', async () => {
      throw new TypeError('failed to fetch');
    });
    expect(await problemOf()).toMatchObject({ status: 0, code: 'unavailable' });
  });
});
