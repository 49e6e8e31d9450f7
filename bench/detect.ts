import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ensurePackages, READER_PACKAGES } from '../cli/lib/packages.ts';
import { CORPUS } from '../rulesets/cases/corpus.ts';
import { repeatCapture } from './lib/repeat-capture.ts';

const HELP = `Usage: ./eyrie bench detect [--json] [--scale N] [--runs N] [--corpus DIR]

Replays a capture of 2.18 million events × N: one filter beside Debian's sysdig on the same file, and Falco's
stable and all upstream rules, whose cost in Falco 0.44.1 itself was measured on such a machine before.
`;
const CAPTURE = 'captures/sysflow/mpm-worker_full_capture.scap';
const ROUNDS = 60;
const FILTERS = [
  'proc.name=zzz',
  'evt.type in (open,openat,connect) and evt.dir=< and fd.name contains /etc and not proc.name in (httpd,sh) and container.id!=host',
];
const STABLE = ['falco_rules.yaml'];
const ALL = [...STABLE, 'falco-incubating_rules.yaml', 'falco-sandbox_rules.yaml'];
/** Processor time of Falco 0.44.1 for an event of this capture, µs; it is not in Debian, so it does not run here. */
const FALCO_US = { stable: 0.82, all: 1.95 };
const POLL_MS = 10;
const TICKS_PER_SECOND = 100;

const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    scale: { type: 'string', default: '1' },
    runs: { type: 'string', default: '5' },
    corpus: { type: 'string', default: CORPUS },
    help: { type: 'boolean', short: 'h', default: false },
  },
});
const say = (text: string) => process.stderr.write(`${text}\n`);

type Pass = { readonly wall: number; readonly cpu: number; readonly peakMiB: number; readonly out: string };

if (values.help) process.stdout.write(HELP);
else await main();

async function main(): Promise<void> {
  const source = join(resolve(values.corpus), CAPTURE);
  if (!existsSync(source)) throw new Error(`${source} is missing; give the corpus with --corpus DIR`);
  await ensurePackages('bench detect', READER_PACKAGES);
  const dir = mkdtempSync(join(tmpdir(), 'eyrie-detect-'));
  try {
    const full = join(dir, 'full.scap');
    const events = repeatCapture(source, full, Math.max(1, Math.round(ROUNDS * Number(values.scale))));
    say(`${events} events`);
    const filters = [];
    for (const filter of FILTERS) filters.push(await besideSysdig(full, source, events, filter));
    const rules = {
      stable: await besideFalco(full, source, events, STABLE, FALCO_US.stable),
      all: await besideFalco(full, source, events, ALL, FALCO_US.all),
    };
    const [first] = filters;
    const result = {
      name: 'detect',
      ours: first?.oursPerSecond,
      peer: first?.sysdigPerSecond,
      ratio: first?.ratio,
      unit: 'events/s',
      runs: Number(values.runs),
      peerIs: 'sysdig 0.29.3 of Debian, same file, start-up (a pass over one round) taken off both',
      events,
      filters,
      rules,
    };
    process.stdout.write(`${JSON.stringify(result, null, values.json ? undefined : 2)}\n`);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** The same filter in both engines in turns. What one round costs is start-up and is taken off. */
async function besideSysdig(full: string, source: string, events: number, filter: string) {
  const sysdig = (file: string) => run('sysdig', ['-r', file, '-p', '%evt.num', filter]);
  const ours = (file: string) => runOurs(file, 'filter', [filter]);
  const passes = await alternate({ ours, sysdig }, full, source);
  const lines = passes.sysdig.last.out.split('\n').filter((line) => line !== '').length;
  const { matches } = parse(passes.ours.last.out);
  if (lines !== matches) throw new Error(`${filter}: ${matches} matches, sysdig has ${lines}`);
  const [oursPerSecond, sysdigPerSecond] = [events / passes.ours.wall, events / passes.sysdig.wall];
  return {
    filter,
    matches,
    oursPerSecond: Math.round(oursPerSecond),
    sysdigPerSecond: Math.round(sysdigPerSecond),
    ratio: round(oursPerSecond / sysdigPerSecond),
    wholeProcessRatio: round(passes.sysdig.wholeWall / passes.ours.wholeWall),
    oursUs: micros(passes.ours.cpu, events),
    sysdigUs: micros(passes.sysdig.cpu, events),
    oursPeakMiB: passes.ours.peakMiB,
    sysdigPeakMiB: passes.sysdig.peakMiB,
  };
}

async function besideFalco(full: string, source: string, events: number, names: string[], falcoUs: number) {
  const files = names.map((name) => join(resolve(values.corpus), 'upstream-rules', name));
  const passes = await alternate({ ours: (file) => runOurs(file, 'rules', files) }, full, source);
  const us = micros(passes.ours.cpu, events);
  return {
    alerts: parse(passes.ours.last.out).matches,
    us,
    falcoUs,
    ratio: round(falcoUs / us),
    perSecond: Math.round(events / passes.ours.wall),
    peakMiB: passes.ours.peakMiB,
  };
}

async function alternate<K extends string>(
  engines: Record<K, (file: string) => Promise<Pass>>,
  full: string,
  source: string,
) {
  const names = Object.keys(engines) as K[];
  const seen = new Map(names.map((name) => [name, { full: [] as Pass[], startUp: [] as Pass[] }]));
  for (let turn = 0; turn < Number(values.runs); turn += 1) {
    for (const name of names) {
      seen.get(name)?.startUp.push(await engines[name](source));
      seen.get(name)?.full.push(await engines[name](full));
    }
  }
  const summary = names.map((name) => {
    const { full: passes, startUp } = seen.get(name) ?? { full: [], startUp: [] };
    const middle = (list: readonly Pass[], of: 'wall' | 'cpu' | 'peakMiB') =>
      median(list.map((pass) => pass[of]));
    const last = passes.at(-1);
    if (last === undefined) throw new Error('no runs');
    const wholeWall = middle(passes, 'wall');
    const result = {
      wall: wholeWall - middle(startUp, 'wall'),
      cpu: middle(passes, 'cpu') - middle(startUp, 'cpu'),
      wholeWall,
      peakMiB: middle(passes, 'peakMiB'),
      last,
    };
    say(`${name}: ${round(wholeWall)} s, ${round(result.wall)} s without start-up, ${result.peakMiB} MiB`);
    return [name, result] as const;
  });
  return Object.fromEntries(summary) as Record<K, (typeof summary)[number][1]>;
}

function runOurs(file: string, mode: 'filter' | 'rules', rest: readonly string[]): Promise<Pass> {
  const script = join(import.meta.dirname, 'lib', 'detect-run.ts');
  return run(process.execPath, ['--disable-warning=ExperimentalWarning', script, file, mode, ...rest]);
}

/** Runs a program to its end. Processor time and peak memory are proc(5)'s, as last seen before it ended. */
function run(command: string, args: readonly string[]): Promise<Pass> {
  return new Promise((done, fail) => {
    const startedAt = performance.now();
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
    let [out, cpu, peakMiB] = ['', 0, 0];
    const look = () => {
      try {
        const stat = readFileSync(`/proc/${child.pid}/stat`, 'utf8');
        const [user, system] = stat
          .slice(stat.lastIndexOf(')') + 2)
          .split(' ')
          .slice(11, 13);
        const peak = /VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1];
        if (peak === undefined) return;
        cpu = (Number(user) + Number(system)) / TICKS_PER_SECOND;
        peakMiB = Math.round(Number(peak) / 1024);
      } catch {
        // It ended between two looks.
      }
    };
    const timer = setInterval(look, POLL_MS);
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      out += part;
    });
    child.once('error', fail);
    child.once('close', (code) => {
      clearInterval(timer);
      const wall = (performance.now() - startedAt) / 1_000;
      if (code === 0) done({ wall, cpu, peakMiB, out });
      else fail(new Error(`${command} ended with ${code}`));
    });
  });
}

function parse(out: string): { readonly events: number; readonly matches: number; readonly seconds: number } {
  return JSON.parse(out);
}

function median(list: readonly number[]): number {
  return [...list].sort((a, b) => a - b)[Math.floor(list.length / 2)] ?? 0;
}

function micros(seconds: number, events: number): number {
  return Number(((seconds * 1e6) / events).toFixed(3));
}

function round(value: number): number {
  return Number(value.toFixed(2));
}
