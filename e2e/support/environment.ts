import { join } from 'node:path';
import { cacheDir } from '../testcluster/paths.ts';

/** Screenshots, traces and logs of a run; outside the checkout. */
export const ARTIFACTS = process.env.EYRIE_ARTIFACTS ?? join(cacheDir(), 'artifacts');

export const PASSWORD = 'correct horse battery staple';
export const PEOPLE = {
  admin: { name: 'Ada Admin', email: 'ada@example.test' },
  responder: { name: 'Remy Responder', email: 'remy@example.test' },
  viewer: { name: 'Vera Viewer', email: 'vera@example.test' },
} as const;
export type Person = keyof typeof PEOPLE;

/** Handed from the global set-up to the workers through the environment. */
export const HANDED = { url: 'EYRIE_E2E_URL', token: 'EYRIE_E2E_TOKEN', state: 'EYRIE_E2E_STATE' } as const;

export function handed(name: keyof typeof HANDED): string {
  const value = process.env[HANDED[name]];
  if (value === undefined)
    throw new Error(`${HANDED[name]} is not set: the tests run through playwright.config.ts`);
  return value;
}

/** Cookies of a signed-in person. */
export function signedIn(person: Person): string {
  return join(handed('state'), `${person}.json`);
}
