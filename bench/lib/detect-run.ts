import { readFileSync } from 'node:fs';
import { readCapture } from '../../cli/lib/capture-file.ts';
import { captureFilter, ruleInterest } from '../../cli/lib/capture-filter.ts';
import { loadRules } from '../../core/rules/load.ts';
import type { CaptureEvent } from '../../core/scap/capture-event.ts';
import type { CaptureOptions } from '../../core/scap/capture-options.ts';

type Visit = {
  readonly options: CaptureOptions;
  readonly onEvent: (event: CaptureEvent) => unknown;
  readonly matches: () => number;
};

/**
 * One pass over a capture in a process of its own. argv: capture, then `filter TEXT` or `rules FILE…`.
 * Prints the number of events, of matches, and the seconds from the first byte to the last event.
 */
const [capture = '', mode, ...rest] = process.argv.slice(2);
const visit = mode === 'rules' ? byRules(rest) : byFilter(rest.join(' '));
const startedAt = performance.now();
const { events } = await readCapture(capture, visit.options, visit.onEvent);
const seconds = (performance.now() - startedAt) / 1_000;
process.stdout.write(`${JSON.stringify({ events, matches: visit.matches(), seconds })}\n`);

/** As `inspect --count`, and as sysdig with `-p %evt.num`. */
function byFilter(text: string): Visit {
  const filter = captureFilter(text, []);
  if ('message' in filter) throw new Error(JSON.stringify(filter));
  const { test, options } = filter;
  let matches = 0;
  return {
    options,
    matches: () => matches,
    onEvent: (event) => {
      const shown = test(event);
      if (shown) matches += 1;
      return shown;
    },
  };
}

/** As `replay --exit-only`. */
function byRules(files: readonly string[]): Visit {
  const loaded = loadRules(files.map((name) => ({ name, text: readFileSync(name, 'utf8') })));
  const { ruleset } = loaded;
  if (ruleset === undefined) throw new Error(JSON.stringify(loaded.results));
  let matches = 0;
  return {
    options: { exitOnly: true, interest: ruleInterest(ruleset) },
    matches: () => matches,
    onEvent: (event) => {
      if (ruleset.match(event) !== undefined) matches += 1;
    },
  };
}
