import { describe, expect, it } from 'vitest';
import { CORPUS, HAS_CORPUS } from '../rulesets/cases/corpus.ts';
import { OPEN } from './conformance-open.ts';
import { Corpus } from './lib/conformance-case.ts';
import { corpusChecks } from './lib/conformance-checks.ts';

/** Reading the largest capture for all its filters, on a slow machine. */
const TIMEOUT_MS = 120_000;

const checks = HAS_CORPUS ? corpusChecks(new Corpus(CORPUS), undefined) : [];
const named = (open: boolean) =>
  checks.filter(({ id }) => OPEN.has(id) === open).map((check) => [check.id, check] as const);

describe.runIf(HAS_CORPUS)('conformance with Falco and sysdig', () => {
  it.each(named(false))(
    '%s',
    async (_id, check) => {
      const outcome = await check.run();
      expect(outcome.status === 'failed' ? outcome.why : undefined).toBeUndefined();
    },
    TIMEOUT_MS,
  );

  it.each(named(true))(
    'still differs, as listed: %s',
    async (_id, check) => expect((await check.run()).status).toBe('failed'),
    TIMEOUT_MS,
  );
});
