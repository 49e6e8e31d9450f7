import { describe, expect, it } from 'vitest';
import { CORPUS, HAS_CORPUS } from '../rulesets/cases/corpus.ts';
import { Corpus } from './lib/conformance-case.ts';
import { corpusChecks } from './lib/conformance-checks.ts';

/** Reading the largest capture for all its filters, on a slow machine. */
const TIMEOUT_MS = 120_000;

const checks = HAS_CORPUS ? corpusChecks(new Corpus(CORPUS), undefined) : [];

describe.runIf(HAS_CORPUS)('conformance with Falco and sysdig', () => {
  it.each(checks.map((check) => [check.id, check] as const))(
    '%s',
    async (_id, check) => {
      const outcome = await check.run();
      expect(outcome.status === 'failed' ? outcome.why : undefined).toBeUndefined();
    },
    TIMEOUT_MS,
  );
});
