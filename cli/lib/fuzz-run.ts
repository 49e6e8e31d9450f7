import { Random } from './fuzz-random.ts';
import type { Target } from './fuzz-targets.ts';

/** No input may take longer. */
export const INPUT_MS_MAX = 1_000;

const HEAD_CHARS = 200;

export type FuzzResult = {
  readonly target: string;
  readonly seed: number;
  readonly inputs: number;
  readonly chars: number;
  readonly seconds: number;
  readonly slowestMs: number;
  /** How long the slowest input is, and how it begins. */
  readonly slowest: { readonly chars: number; readonly head: string };
  /** Largest resident memory of the process so far. */
  readonly peakRssBytes: number;
  /** The first breach; the run ends there. */
  readonly breach?: { readonly why: string; readonly input: string };
};

/** Feeds a target `inputs` generated and mutated inputs; equal seeds give equal inputs. */
export function fuzz(
  target: Target,
  inputs: number,
  seed: number,
  progress: (done: number) => void = () => undefined,
): FuzzResult {
  const random = new Random(seed);
  let chars = 0;
  let slowestMs = 0;
  let slowest = '';
  let done = 0;
  let breach: FuzzResult['breach'];
  const from = performance.now();
  while (done < inputs && !breach) {
    const input = target.input(random);
    chars += input.length;
    const start = performance.now();
    try {
      target.run(input, random);
    } catch (err) {
      breach = { why: err instanceof Error ? (err.stack ?? err.message) : String(err), input };
    }
    const took = performance.now() - start;
    if (took > slowestMs) {
      slowestMs = took;
      slowest = input;
    }
    if (took > INPUT_MS_MAX) breach ??= { why: `took ${took.toFixed(0)} ms`, input };
    if (++done % 50_000 === 0) progress(done);
  }
  const seconds = (performance.now() - from) / 1000;
  // Resident memory in KiB, as getrusage counts it.
  const peakRssBytes = process.resourceUsage().maxRSS * 1024;
  const result = {
    target: target.name,
    seed,
    inputs: done,
    chars,
    seconds,
    slowestMs,
    slowest: { chars: slowest.length, head: slowest.slice(0, HEAD_CHARS) },
    peakRssBytes,
  };
  return breach ? { ...result, breach } : result;
}
