import { mapAuditEvent } from '../../core/events/k8s-audit.ts';
import type { EngineEvent } from '../../core/events/syscall.ts';
import { RULE_CATALOGUE } from '../../core/fields/catalogue.ts';
import { recordFields } from '../../core/fields/record.ts';
import { checkFilter } from '../../core/filter/check.ts';
import { compileFilter } from '../../core/filter/compile.ts';
import { parseFilter } from '../../core/filter/parser.ts';
import { printFilter } from '../../core/filter/print.ts';
import { FilterSyntaxError, Scanner } from '../../core/filter/scanner.ts';
import { ALERT_DEFAULTS, AlertWriter } from '../../core/rules/alert.ts';
import { loadRules } from '../../core/rules/load.ts';
import { falcoReport, humanReport } from '../../core/rules/report.ts';
import { copyAll, mutateCapture, readAll } from './fuzz-capture.ts';
import { FrameReader, mutateFrames } from './fuzz-frames.ts';
import { generateFilter, generateRules, WORDS } from './fuzz-generate.ts';
import { mutateJson, mutateText } from './fuzz-mutate.ts';
import type { Random } from './fuzz-random.ts';
import type { Seeds } from './fuzz-seeds.ts';
import { AuditReader, auditEvents } from './replay-audit.ts';

/** Something that takes hostile input. `run` throws when it breaks a promise; refusing input is no breach. */
export type Target = {
  readonly name: string;
  /** The next input, as text: what is kept of a breach. */
  readonly input: (random: Random) => string;
  readonly run: (input: string, random: Random) => void;
};

class Breach extends Error {}

function promise(holds: boolean, what: string): void {
  if (!holds) throw new Breach(what);
}

export function fuzzTargets(seeds: Seeds): readonly Target[] {
  const filter = (random: Random): string => {
    if (random.chance(3)) return generateFilter(random);
    const seed = random.chance(3) ? generateFilter(random) : random.pick(seeds.filters);
    return mutateText(random, seed, WORDS, seeds.filters);
  };
  const rules = (random: Random): string => {
    if (random.chance(4)) return generateRules(random);
    const seed = random.chance(4) ? generateRules(random) : random.pick(seeds.rules);
    return mutateText(random, seed, WORDS, seeds.rules);
  };
  const audit = (random: Random): string => {
    const text = JSON.stringify(mutateJson(random, random.pick(seeds.audits))) ?? 'null';
    return random.chance(5) ? mutateText(random, text, WORDS, [text]) : text;
  };
  const scap = (random: Random): string => {
    const seed = random.pick(random.chance(50) ? seeds.largeCaptures : seeds.captures);
    return Buffer.from(mutateCapture(random, seed, seeds.captures)).toString('latin1');
  };
  return [
    { name: 'lexer', input: filter, run: runLexer },
    { name: 'parser', input: filter, run: (text, random) => runParser(text, random.pick(seeds.events)) },
    { name: 'loader', input: rules, run: (text, random) => runLoader(text, random.pick(seeds.events)) },
    { name: 'audit', input: audit, run: runAudit },
    { name: 'scap', input: scap, run: runCapture },
    { name: 'frames', input: (random) => mutateFrames(random).toString('latin1'), run: runFrames },
  ];
}

const TOKENS = [/[a-zA-Z][a-zA-Z0-9_]*(?:\.[a-zA-Z][a-zA-Z0-9_]*)*/y, /[^()"'=, \b\t\r\n]+/y];

/** Every text can be read to its end, token by token, and every token moves on. */
function runLexer(text: string): void {
  const scanner = new Scanner(text);
  while (scanner.peek() !== undefined) {
    const before = scanner.index;
    try {
      scanner.blank();
      const token =
        scanner.quoted() ?? TOKENS.map((one) => scanner.take(one)).find((one) => one !== undefined);
      if (token === undefined && scanner.index === before) scanner.index++;
    } catch (err) {
      if (!(err instanceof FilterSyntaxError)) throw err;
      const { index, line, column } = err.fault;
      promise(index >= 0 && index <= text.length && line >= 1 && column >= 1, 'the fault stands in the text');
      scanner.index = before + 1;
    }
    promise(scanner.index > before && scanner.index <= text.length, 'each token moves on');
  }
  const { line, column } = scanner.position();
  promise(line >= 1 && column >= 1, 'positions count from 1');
}

/** A filter is refused with a place in it, or prints to text that reads back the same, and then runs. */
function runParser(text: string, event: EngineEvent): void {
  const parsed = parseFilter(text);
  if (!parsed.ok) {
    const [fault] = parsed.faults;
    promise(fault !== undefined && fault.message !== '', 'a refused filter says why');
    promise((fault?.index ?? -1) >= 0 && (fault?.index ?? 0) <= text.length, 'the fault stands in the text');
    return;
  }
  const printed = printFilter(parsed.ast);
  const again = parseFilter(printed);
  promise(again.ok && printFilter(again.ast) === printed, 'what is printed reads back');
  if (checkFilter(parsed.ast, RULE_CATALOGUE).length > 0) return;
  const verdict = compileFilter(parsed.ast)(event);
  promise(typeof verdict === 'boolean', 'a checked filter gives a verdict');
}

/** Rules load or are refused with coded, placed faults; loaded ones run and write alerts. */
function runLoader(text: string, event: EngineEvent): void {
  // Documents apart stand for files in load order.
  const files = text.split(/^---$/m, 3).map((part, i) => ({ name: `f${i}.yaml`, text: part }));
  const { ok, ruleset, results } = loadRules(files);
  promise(ok === (ruleset !== undefined), 'a ruleset exists when nothing is refused');
  for (const { errors, warnings } of results) {
    for (const issue of [...errors, ...warnings])
      promise(issue.message !== '' && issue.locations.length > 0, 'every issue has a message and a place');
  }
  promise(JSON.stringify(falcoReport(results)).length > 0, 'the report can be written');
  promise(humanReport(results, () => text).length > 0, 'the report can be read');
  const rule = ruleset?.first(event);
  if (!rule) return;
  promise(JSON.parse(WRITER.line(rule, event)).rule === rule.name.toWellFormed(), 'an alert is JSON');
}

const WRITER = new AlertWriter({ ...ALERT_DEFAULTS, json: true });

/** Whatever JSON holds is mapped or refused; what is mapped can be stored. */
function runAudit(text: string): void {
  const reader = new AuditReader(
    (event) => promise(event.timeNs >= -(2n ** 63n), 'a time is a number'),
    (message) => promise(message !== '', 'a refused line says why'),
  );
  reader.push(text);
  reader.end();
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return;
  }
  const mapped = mapAuditEvent(value);
  if (mapped.ok) {
    const record = { ...mapped.record, fields: recordFields(mapped.event) };
    promise(JSON.stringify(record).isWellFormed(), 'a record is well-formed text');
    promise(/^-?\d+$/.test(record.timeNs), 'its time is a number');
  } else promise(mapped.reason !== '', 'a refused event says why');
  try {
    auditEvents(value);
  } catch (err) {
    promise(err instanceof Error && !(err instanceof RangeError) && !(err instanceof TypeError), String(err));
  }
}

/** A capture is read to its end or refused with an offset; all of an event can be asked for; a copy reads as well. */
function runCapture(text: string, random: Random): void {
  const bytes = new Uint8Array(Buffer.from(text, 'latin1'));
  const exitOnly = random.chance(2);
  const looks = random.int(8);
  const whole = readAll(bytes, exitOnly, (event) => {
    if (looks < 3) {
      promise(event.parameters.allText().length >= 0, 'an event can be printed');
      promise(Object.keys(event.args).length <= event.params.count, 'arguments are those of the event');
      promise(typeof Object.values(event.argText)[0] !== 'number', 'texts are texts');
    }
    if (looks === 0) promise(Object.keys(recordFields(event)).length > 0, 'an event can be stored');
  });
  if (looks !== 7) return;
  const copy = copyAll(bytes, random.int(4));
  if (!whole || exitOnly) return;
  // Without a whole block there is nothing to copy.
  if (copy?.length === 0) return;
  promise(copy !== undefined && readAll(copy, false, () => undefined), 'a copy of what reads is readable');
}

/** One agent for all inputs: damage in one frame must not reach the next. */
const AGENT = new FrameReader();

/** What a probe could send is decoded or skipped; every event that comes of it can be stored. */
function runFrames(text: string, random: Random): void {
  AGENT.push(Buffer.from(text, 'latin1'), (event) => {
    promise(event.type !== '', 'an event has a type');
    if (random.chance(4)) promise(Object.keys(recordFields(event)).length > 0, 'an event can be stored');
  });
}
