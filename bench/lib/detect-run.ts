import { readFileSync } from 'node:fs';
import { readCapture } from '../../cli/lib/capture-file.ts';
import { RULE_CATALOGUE } from '../../core/fields/catalogue.ts';
import { checkFilter } from '../../core/filter/check.ts';
import { compileFilter } from '../../core/filter/compile.ts';
import { parseFilter } from '../../core/filter/parser.ts';
import { loadRules } from '../../core/rules/load.ts';

/**
 * One pass over a capture in a process of its own. argv: capture, then `filter TEXT` or `rules FILE…`.
 * Prints the number of events, of matches, and the seconds from the first byte to the last event.
 */
const [capture = '', mode, ...rest] = process.argv.slice(2);
const visit = mode === 'rules' ? byRules(rest) : byFilter(rest.join(' '));
const startedAt = performance.now();
const { events } = await readCapture(capture, { exitOnly: mode === 'rules' }, visit.onEvent);
const seconds = (performance.now() - startedAt) / 1_000;
process.stdout.write(`${JSON.stringify({ events, matches: visit.matches(), seconds })}\n`);

function byFilter(text: string) {
  const parsed = parseFilter(text);
  if (!parsed.ok) throw new Error(JSON.stringify(parsed.faults));
  const faults = checkFilter(parsed.ast, RULE_CATALOGUE);
  if (faults.length > 0) throw new Error(JSON.stringify(faults));
  const test = compileFilter(parsed.ast);
  let matches = 0;
  return {
    matches: () => matches,
    onEvent: (event: Parameters<typeof test>[0]) => {
      if (test(event)) matches += 1;
    },
  };
}

function byRules(files: readonly string[]) {
  const loaded = loadRules(files.map((name) => ({ name, text: readFileSync(name, 'utf8') })));
  const { ruleset } = loaded;
  if (ruleset === undefined) throw new Error(JSON.stringify(loaded.results));
  let matches = 0;
  return {
    matches: () => matches,
    onEvent: (event: Parameters<typeof ruleset.match>[0]) => {
      if (ruleset.match(event) !== undefined) matches += 1;
    },
  };
}
