import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { resolveField } from '../../core/fields/catalogue.ts';
import type { Extract, Value } from '../../core/fields/types.ts';
import { valueText } from '../../core/rules/output.ts';
import type { CaptureEvent } from '../../core/scap/capture-event.ts';
import { readCapture } from './capture-file.ts';
import { captureFilter } from './capture-filter.ts';
import type { Check, Corpus, Outcome } from './conformance-case.ts';
import { parseExact } from './conformance-json.ts';

const ORACLE = 'sysdig-oracle.tsv';
const DUMPS = 'sysdig-dumps';

/** Share of compared values of a dump that must be equal. */
const AGREEMENT_MIN = 0.999;

/** Match counts of filters, one check a row. Each reads alone: what sysdig tracks depends on its filter. */
export function oracleChecks(corpus: Corpus): readonly Check[] {
  if (!corpus.has(ORACLE)) return [];
  return corpus.rows(ORACLE).map(([file = '', filter = '', count = '', , stderr = '']): Check => {
    const run = async (): Promise<Outcome> => {
      if (stderr !== '') return { status: 'skipped', why: `sysdig refused it: ${stderr}` };
      if (!corpus.has('captures', file))
        return { status: 'skipped', why: 'the capture is not in the corpus' };
      const actual = await countMatches(corpus.path('captures', file), filter);
      if (String(actual) === count) return { status: 'passed' };
      return { status: 'failed', why: `${actual}, not ${count}` };
    };
    return { id: `sysdig-oracle/${file} ${filter}`, kind: 'sysdig-oracle', run };
  });
}

async function countMatches(path: string, filter: string): Promise<number | string> {
  const compiled = captureFilter(filter, []);
  if ('message' in compiled) return `refused: ${compiled.message}`;
  let count = 0;
  await readCapture(path, compiled.options, (event) => {
    const matches = compiled.test(event);
    if (matches) count++;
    return matches;
  });
  return count;
}

/** Dumps of fields of every event, one check a file: enough of all compared values must be equal. */
export function dumpChecks(corpus: Corpus): readonly Check[] {
  if (!corpus.has(DUMPS)) return [];
  return readdirSync(corpus.path(DUMPS))
    .filter((name) => name.endsWith('.jsonl.gz'))
    .sort()
    .map((name): Check => {
      // The capture's directory and name stand with an underscore between them.
      const stem = name.replace(/\.jsonl\.gz$/, '');
      const capture = corpus.path('captures', `${stem.replace('_', '/')}.scap`);
      const run = async (): Promise<Outcome> => {
        if (!existsSync(capture)) return { status: 'skipped', why: 'the capture is not in the corpus' };
        return compareDump(capture, gunzipSync(readFileSync(corpus.path(DUMPS, name))).toString('utf8'));
      };
      return { id: `sysdig-dumps/${stem}`, kind: 'sysdig-dumps', run };
    });
}

type Tally = { compared: number; different: number; example: string };

async function compareDump(capture: string, dump: string): Promise<Outcome> {
  const lines = dump.split('\n').filter((line) => line !== '');
  const expected = new Map(lines.map((line) => [Number(/"evt\.num":(\d+)/.exec(line)?.[1]), line]));
  const tallies = new Map<string, Tally>();
  const readers = new Map<string, Extract | undefined>();
  let matched = 0;
  let surplus = 0;
  await readCapture(capture, { showInternal: true }, (event) => {
    const line = expected.get(event.evtNum);
    if (line === undefined) {
      surplus++;
      return;
    }
    matched++;
    compareEvent(event, parseExact(line) as Record<string, unknown>, readers, tallies);
  });
  const values = [...tallies.values()];
  const compared = values.reduce((sum, tally) => sum + tally.compared, 0);
  const different = values.reduce((sum, tally) => sum + tally.different, 0);
  const agreement = compared === 0 ? 0 : 1 - different / compared;
  if (matched !== expected.size || surplus > 0) {
    return { status: 'failed', why: `${matched} of ${expected.size} events, ${surplus} others` };
  }
  if (agreement >= AGREEMENT_MIN) return { status: 'passed' };
  const worst = [...tallies]
    .filter(([, t]) => t.different > 0)
    .sort(([, a], [, b]) => b.different - a.different);
  const shown = worst.slice(0, 6).map(([name, t]) => `${name} ${t.different}/${t.compared} (${t.example})`);
  return { status: 'failed', why: `${(100 * agreement).toFixed(3)} % equal; ${shown.join('; ')}` };
}

function compareEvent(
  event: CaptureEvent,
  wanted: Record<string, unknown>,
  readers: Map<string, Extract | undefined>,
  tallies: Map<string, Tally>,
): void {
  for (const [name, value] of Object.entries(wanted)) {
    if (!readers.has(name)) readers.set(name, fieldReader(name));
    const read = readers.get(name);
    let tally = tallies.get(name);
    if (!tally) {
      tally = { compared: 0, different: 0, example: '' };
      tallies.set(name, tally);
    }
    tally.compared++;
    const actual = read ? shown(read(event)) : 'no such field';
    const expected = value === null ? null : dumped(name, String(value));
    if (actual === expected) continue;
    tally.different++;
    tally.example ||= `evt.num ${event.evtNum} ${event.type}: ${actual}, not ${expected}`;
  }
}

/** A dumped value. sysdig 0.29.3 prints eight bytes of the four of a group id: the upper half is not the id's. */
function dumped(name: string, text: string): string {
  return name === 'group.gid' ? String(BigInt.asUintN(32, BigInt(text))) : text;
}

function fieldReader(text: string): Extract | undefined {
  const [, name = '', argument] = /^([^[]+)(?:\[(.*)\])?$/.exec(text) ?? [];
  const field = resolveField({ name, argument });
  return typeof field === 'string' ? undefined : field.def.bind(field.argument);
}

function shown(value: Value | undefined): string | null {
  return value === undefined ? null : valueText(value, 'any');
}
