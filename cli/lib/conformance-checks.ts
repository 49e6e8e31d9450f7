import { type CorpusCase, readCases } from '../../rulesets/cases/corpus.ts';
import type { Check, Corpus, Outcome } from './conformance-case.ts';
import { checkDetection } from './conformance-detect.ts';
import { alertChecks, countChecks } from './conformance-falco.ts';
import { checkGrammar, checkLoading } from './conformance-load.ts';
import { dumpChecks, oracleChecks } from './conformance-sysdig.ts';

/** What a case may need and finds here. */
const PROVIDED: ReadonlySet<string> = new Set(['k8saudit+json fields']);

/** Needs that no rule engine can meet, in words. */
const PROCESS_NEEDS: Readonly<Record<string, string>> = {
  'syscall-drop-simulation': 'tests how the falco process reports dropped events, not the engine',
  'output-channel': 'tests an output channel of the falco process (file, program), not the engine',
};

/** Every check of a corpus: the cases of `casesFile`, then the recorded answers of sysdig and Falco. */
export function corpusChecks(corpus: Corpus, casesFile: string | undefined): readonly Check[] {
  const path = casesFile ?? (corpus.has('cases.json') ? corpus.path('cases.json') : undefined);
  const cases = path === undefined ? [] : readCases(path).map((item) => caseCheck(corpus, item));
  // Cases from another file come alone: the recorded answers belong to the corpus.
  if (casesFile !== undefined) return cases;
  return [
    ...cases,
    ...oracleChecks(corpus),
    ...dumpChecks(corpus),
    ...countChecks(corpus),
    ...alertChecks(corpus),
  ];
}

function caseCheck(corpus: Corpus, item: CorpusCase): Check {
  return { id: item.id, kind: item.kind, run: () => runCase(corpus, item) };
}

/** What a case holds decides what is done with it; its kind is only a heading. */
async function runCase(corpus: Corpus, item: CorpusCase): Promise<Outcome> {
  for (const need of item.needs ?? []) {
    if (PROVIDED.has(need)) continue;
    return { status: 'skipped', why: PROCESS_NEEDS[need] ?? `needs ${need}` };
  }
  if (item.filter !== undefined) return checkGrammar(item);
  if (item.validate_files !== undefined) return checkLoading(corpus, item);
  if (item.rules_files === undefined) return { status: 'skipped', why: 'names no rules' };
  if (item.input_file === undefined) return checkLoading(corpus, item);
  if (item.input_file === null || item.input_available === false)
    return { status: 'skipped', why: 'its input is in no public repository' };
  return checkDetection(corpus, item);
}
