import type { APIRequestContext, APIResponse } from '@playwright/test';
import type { z } from 'zod';
import {
  type EventDetail,
  type EventRow,
  eventDetailSchema,
  eventPageSchema,
} from '../../core/wire/events.ts';
import { handed } from './environment.ts';

/** The product's HTTP API with a browser's cookies. */
export class ApiClient {
  readonly #request: APIRequestContext;
  readonly #origin: string;

  constructor(request: APIRequestContext, url = handed('url')) {
    this.#request = request;
    this.#origin = new URL(url).origin;
  }

  post(path: string, data: object): Promise<APIResponse> {
    return this.#send('POST', path, data);
  }

  patch(path: string, data: object): Promise<APIResponse> {
    return this.#send('PATCH', path, data);
  }

  /** A read, checked against its contract. Errors: throws on any status but 200. */
  async get<T>(schema: z.ZodType<T>, path: string): Promise<T> {
    const response = await this.#request.get(new URL(path, this.#origin).href);
    if (response.status() !== 200)
      throw new Error(`GET ${path}: ${response.status()} ${await response.text()}`);
    return schema.parse(await response.json());
  }

  /** Events of the last hours, newest first, by facets and Falco filter. */
  async events(facets: Readonly<Record<string, string>>, q = ''): Promise<EventRow[]> {
    const params = new URLSearchParams({ ...lastHours(6), q });
    for (const [key, value] of Object.entries(facets)) params.append(`f.${key}`, value);
    return (await this.get(eventPageSchema, `/api/v1/events?${params}`)).rows;
  }

  detail(row: { readonly id: string; readonly time: string }): Promise<EventDetail> {
    const path = `/api/v1/events/${encodeURIComponent(row.id)}?time=${encodeURIComponent(row.time)}`;
    return this.get(eventDetailSchema, path);
  }

  #send(method: string, path: string, data: object): Promise<APIResponse> {
    // Browsers send Origin with every write; the server refuses a cookie without it.
    const origin = this.#origin;
    return this.#request.fetch(new URL(path, origin).href, { method, data, headers: { origin } });
  }
}

export function lastHours(hours: number): { from: string; to: string } {
  const now = Date.now();
  return { from: new Date(now - hours * 3_600_000).toISOString(), to: new Date(now).toISOString() };
}
