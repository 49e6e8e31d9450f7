import { expect, it } from 'vitest';
import { fuzz } from './lib/fuzz-run.ts';
import { readSeeds } from './lib/fuzz-seeds.ts';
import { fuzzTargets } from './lib/fuzz-targets.ts';

/** Enough for a few seconds; `./eyrie fuzz` runs millions. */
const INPUTS = 2_000;
const TIMEOUT_MS = 60_000;

it.each(fuzzTargets(readSeeds()).map((target) => [target.name, target] as const))(
  'takes whatever text comes: %s',
  (_name, target) => {
    const seed = Number(process.env.FUZZ_SEED ?? 7);
    expect(fuzz(target, INPUTS, seed).breach).toBeUndefined();
  },
  TIMEOUT_MS,
);
