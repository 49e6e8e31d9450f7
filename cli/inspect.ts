import { parseArgs } from 'node:util';
import { operandFields } from '../core/filter/field-names.ts';
import { sortedJson, templateFields } from '../core/rules/alert.ts';
import { compileStrictOutput, type OutputTemplate, parseOutput } from '../core/rules/output.ts';
import type { CaptureEvent } from '../core/scap/capture-event.ts';
import type { CaptureWarning } from '../core/scap/capture-reader.ts';
import { readCapture } from './lib/capture-file.ts';
import { type CaptureFilter, captureFilter } from './lib/capture-filter.ts';
import { SummaryCounter, summaryText } from './lib/inspect-summary.ts';
import { TOPS, TopCounter, topText } from './lib/inspect-top.ts';
import { type WriteOptions, writeCapture } from './lib/inspect-write.ts';
import { LineBuffer, readable } from './lib/replay-output.ts';
import { CliError } from './lib/report.ts';

const HELP = `Usage: ./eyrie inspect FILE.scap [FILTER] [options]

Prints the events of a capture, like sysdig -r. FILTER is a filter in Falco's language.

  -p FORMAT      output format: %field and text; with a leading * missing values print as <NA>, without it an
                 event with a missing value is left out. 'c' and 'k' are sysdig's formats for containers and
                 Kubernetes
  --count        only the number of matching events
  --summary      a table of system calls: calls, errors, total and mean time
  --top NAME     ${TOPS.join(' | ')}: CPU time or bytes, largest first
  --write OUT    write the matching events to a capture that sysdig opens too, with what they need of the rest
                 (processes, descriptors, users, and events that change them, hidden); '-' is standard output
  -z             compress it with gzip
  --json         one JSON object an event (or the tables as JSON)
  -D             internal events too (procinfo, drop …)

FILE '-' is standard input. Exit: 0, 1 the file cannot be read or lies, 2 wrong usage or a faulty filter.
`;

const FORMATS: Readonly<Record<string, string>> = {
  '': '*%evt.num %evt.time %evt.cpu %proc.name (%thread.tid) %evt.dir %evt.type %evt.info',
  c: '*%evt.num %evt.time %evt.cpu %container.name (%container.id) %proc.name (%thread.tid:%thread.vtid) %evt.dir %evt.type %evt.info',
  k: '*%evt.num %evt.time %evt.cpu %k8s.pod.name (%container.id) %proc.name (%thread.tid:%thread.vtid) %evt.dir %evt.type %evt.info',
};

type Take = {
  /** Sees the events that the filter refuses, too. */
  readonly see?: (event: CaptureEvent) => void;
  readonly take: (event: CaptureEvent) => void;
  /** Fields read of an event; undefined: any. */
  readonly shown?: Iterable<string>;
};

/** `eyrie inspect`: prints, counts or sums up the events of a capture. */
export async function runInspect(argv: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      print: { type: 'string', short: 'p' },
      count: { type: 'boolean', default: false },
      summary: { type: 'boolean', default: false },
      top: { type: 'string' },
      write: { type: 'string' },
      gzip: { type: 'boolean', short: 'z', default: false },
      json: { type: 'boolean', default: false },
      internal: { type: 'boolean', short: 'D', default: false },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return 0;
  }
  const [path, ...words] = positionals;
  if (path === undefined) throw new CliError(`expected a FILE\n\n${HELP}`, 2);
  const { write, gzip } = values;
  const modes = [values.count, values.summary, values.top, write].filter(
    (mode) => mode !== undefined && mode,
  );
  if (modes.length > 1) throw new CliError('--count, --summary, --top and --write exclude each other', 2);
  if (gzip && write === undefined) throw new CliError('-z goes with --write', 2);
  const text = words.join(' ');
  if (write !== undefined) {
    const { test } = filterOf(text, undefined);
    return copy(path, { to: write, gzip, accepts: words.length > 0 ? test : undefined });
  }
  const out = new LineBuffer();
  const finish = (text: string, json: unknown): void =>
    out.line(values.json ? JSON.stringify(json) : text.trimEnd());
  let done: () => void = () => undefined;
  let sink: Take;
  if (values.count) {
    let count = 0;
    sink = { take: () => count++, shown: [] };
    done = () => finish(String(count), { count });
  } else if (values.summary) {
    const summary = new SummaryCounter();
    sink = { see: (event) => summary.see(event), take: (event) => summary.take(event) };
    done = () => finish(summaryText(summary.rows()), summary.rows());
  } else if (values.top !== undefined) {
    const top = new TopCounter(topName(values.top));
    sink = { take: (event) => top.take(event) };
    done = () => finish(topText(top.result()), top.result());
  } else {
    const template = templateOf(values.print ?? '');
    sink = { take: printer(template, values.json, out), shown: shownBy(template) };
  }
  const { test, options } = filterOf(text, sink.shown);
  const skips = sink.see === undefined ? options : {};
  // CPU samples are internal events.
  const showInternal = values.internal || values.top?.endsWith('_cpu') === true;
  try {
    const { warnings } = await readCapture(path, { ...skips, showInternal }, (event) => {
      sink.see?.(event);
      const shown = test(event);
      if (shown) sink.take(event);
      return shown;
    });
    done();
    out.flush();
    warn(path, warnings);
    return 0;
  } catch (err) {
    out.flush();
    throw readable(err, path);
  }
}

async function copy(path: string, options: WriteOptions): Promise<number> {
  try {
    const { events, shown, warnings } = await writeCapture(path, options);
    warn(path, warnings);
    process.stderr.write(`eyrie: ${options.to}: ${shown} of ${events} events\n`);
    return 0;
  } catch (err) {
    throw readable(err, path);
  }
}

function warn(path: string, warnings: readonly CaptureWarning[]): void {
  for (const { message } of warnings) process.stderr.write(`eyrie: ${path}: ${message}\n`);
}

function topName(text: string): (typeof TOPS)[number] {
  const name = TOPS.find((known) => known === text);
  if (name === undefined) throw new CliError(`--top: no '${text}'; there are: ${TOPS.join(', ')}`, 2);
  return name;
}

function filterOf(text: string, shown: Iterable<string> | undefined): CaptureFilter {
  const filter = captureFilter(text, shown);
  if (!('message' in filter)) return filter;
  const line = text.split('\n')[filter.line - 1] ?? '';
  throw new CliError(`filter: ${filter.message}\n    ${line}\n    ${' '.repeat(filter.column - 1)}^`, 2);
}

function shownBy(template: OutputTemplate): ReadonlySet<string> {
  return new Set(
    template.parts.flatMap((part) => (part.kind === 'field' ? [...operandFields(part.operand)] : [])),
  );
}

function templateOf(format: string): OutputTemplate {
  const template = parseOutput(FORMATS[format] ?? format);
  if (typeof template === 'string') throw new CliError(`-p: ${template}`, 2);
  return template;
}

function printer(template: OutputTemplate, json: boolean, out: LineBuffer): (event: CaptureEvent) => void {
  if (!json) {
    const render = compileStrictOutput(template);
    return (event) => {
      const line = render(event);
      if (line !== undefined) out.line(line);
    };
  }
  const fields = templateFields(template);
  return (event) => {
    const entries = fields.map(([name, read]) => [name, read(event)] as const);
    if (!template.lenient && entries.some(([, value]) => value === null)) return;
    out.line(sortedJson(Object.fromEntries(entries)));
  };
}
