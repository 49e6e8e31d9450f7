import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { buildProbe } from '../agent/probe/build.ts';
import { measureDecode } from './lib/decode-cost.ts';
import {
  auditdObstacle,
  nobody,
  startAuditd,
  startOurs,
  type Usage,
  type Watcher,
} from './lib/sensor-variants.ts';

const HELP = `Usage: ./eyrie bench sensor [--json] [--scale N] [--rounds N]

Slowdown of programs while the sensor watches, beside auditd with rules for the same calls: storms of opens,
execs, connections and of a call nobody traces. Then 20,000 events a second for ten seconds: nothing may be
lost. Needs root on Linux.
`;
const run = promisify(execFile);
const FILE = '/etc/hostname';
const SUSTAINED_PER_SECOND = 20_000;
const SUSTAINED_SECONDS = 10;
const DECODE_EVENTS = 200_000;
/** Longer than the probe's collecting interval, so that a load's last events count as its own. */
const SETTLE_MS = 150;
const SETTLED_EVENTS = 500;

type LoadName = 'open' | 'openAll' | 'exec' | 'conn' | 'read';
type Sample = {
  readonly seconds: number;
  /** User and system time of the program itself: on a shared machine steadier than the wall clock. */
  readonly ownSeconds: number;
  readonly cpuSeconds: number;
  readonly dropped: number;
  readonly events: number;
};
const COUNTS: Readonly<Record<LoadName, number>> = {
  open: 200_000,
  openAll: 200_000,
  exec: 5_000,
  conn: 20_000,
  read: 500_000,
};
/** A load of a fifth of a second is run several times in a row: one such sample is mostly the machine's mood. */
const REPEATS: Readonly<Record<LoadName, number>> = { open: 5, openAll: 1, exec: 1, conn: 1, read: 5 };
type Variant = 'off' | 'ours' | 'auditd';

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      scale: { type: 'string', default: '1' },
      rounds: { type: 'string', default: '5' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const scale = Number(values.scale);
  const rounds = Math.max(1, Number(values.rounds));
  const dir = await mkdtemp(join(tmpdir(), 'eyrie-bench-'));
  try {
    const wl = join(dir, 'wl');
    await run('cc', ['-O2', '-o', wl, join(import.meta.dirname, 'wl.c'), '-lpthread']);
    const probe = await buildProbe({ log: progress });
    const obstacle = await auditdObstacle();
    if (obstacle !== undefined) progress(`no auditd beside us: ${obstacle}`);
    const setup = { wl, probe, dir, scale, rounds, auditd: obstacle === undefined };
    const samples = await storms(setup);
    const sustained = await sustain(setup);
    const decode = measureDecode(DECODE_EVENTS);
    const loads = summarise(samples, scale);
    process.stdout.write(
      `${JSON.stringify({
        name: 'sensor',
        ours: loads.open.ours,
        peer: loads.open.auditd ?? null,
        ratio: loads.open.auditd === undefined ? null : round(loads.open.ours / loads.open.auditd),
        unit: 'slowdown of 200k opens (processor time)',
        runs: rounds,
        peerName: obstacle === undefined ? 'auditd' : null,
        peerMissing: obstacle ?? null,
        loads,
        sustained,
        decode: { usPerEvent: round(decode.usPerEvent), perSecond: decode.perSecond },
      })}\n`,
    );
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

type Setup = {
  readonly wl: string;
  readonly probe: string;
  readonly dir: string;
  readonly scale: number;
  readonly rounds: number;
  readonly auditd: boolean;
};

type Samples = Record<LoadName, Record<Variant, Sample[]>>;

/** Variants alternate within a round and begin with another one each round: drift hits all alike. */
async function storms(setup: Setup): Promise<Samples> {
  const empty = (): Record<Variant, Sample[]> => ({ off: [], ours: [], auditd: [] });
  const samples: Samples = { open: empty(), openAll: empty(), exec: empty(), conn: empty(), read: empty() };
  const variants: Variant[] = setup.auditd ? ['off', 'ours', 'auditd'] : ['off', 'ours'];
  for (let r = 0; r < setup.rounds; r++) {
    for (let v = 0; v < variants.length; v++) {
      const variant = variants[(r + v) % variants.length] ?? 'off';
      const narrow = await startVariant(variant, setup, 'default');
      for (const load of ['open', 'exec', 'conn', 'read'] as const) {
        samples[load][variant].push(await measure(narrow, setup, load));
      }
      await narrow.stop();
      const wide = await startVariant(variant, setup, 'all');
      samples.openAll[variant].push(await measure(wide, setup, 'openAll'));
      await wide.stop();
      progress(`round ${r + 1}/${setup.rounds} ${variant}: ${describe(samples, variant)}`);
    }
  }
  return samples;
}

function startVariant(variant: Variant, setup: Setup, opens: 'default' | 'all'): Promise<Watcher> | Watcher {
  if (variant === 'off') return nobody;
  return variant === 'ours' ? startOurs(setup.dir, setup.probe, opens) : startAuditd(setup.dir, opens);
}

async function measure(watcher: Watcher, { wl, scale }: Setup, load: LoadName): Promise<Sample> {
  const count = String(Math.max(1, Math.round(COUNTS[load] * scale)));
  const args: Record<LoadName, string[]> = {
    open: ['open', count, FILE],
    openAll: ['open', count, FILE],
    exec: ['exec', count, '/bin/true'],
    conn: ['conn', count],
    read: ['read', count],
  };
  const before = await watcher.usage();
  const times: { seconds: number; ownSeconds: number }[] = [];
  for (let n = 0; n < REPEATS[load]; n += 1) {
    const { stdout } = await run(wl, args[load]);
    const [seconds = Number.NaN, user = Number.NaN, system = Number.NaN] = stdout.split(' ').map(Number);
    times.push({ seconds, ownSeconds: user + system });
  }
  const after = await settle(watcher);
  return {
    seconds: median(times.map(({ seconds }) => seconds)),
    ownSeconds: median(times.map(({ ownSeconds }) => ownSeconds)),
    cpuSeconds: (after.cpuSeconds - before.cpuSeconds) / REPEATS[load],
    dropped: after.dropped - before.dropped,
    events: after.events - before.events,
  };
}

/** Waits until the watcher has caught up: what still comes then is the rest of the machine. */
async function settle(watcher: Watcher): Promise<Usage> {
  let before = await watcher.usage();
  for (let tries = 0; tries < 40; tries++) {
    await delay(SETTLE_MS);
    const after = await watcher.usage();
    if (after.events - before.events < SETTLED_EVENTS) return after;
    before = after;
  }
  return before;
}

/** Paired: each round's time with the watcher over the same round's time without. */
function summarise(samples: Samples, scale: number) {
  const of = (load: LoadName) => {
    const { off, ours, auditd } = samples[load];
    const ratios = (list: readonly Sample[], key: 'seconds' | 'ownSeconds') =>
      list.map((s, i) => s[key] / (off[i]?.[key] ?? Number.NaN));
    const slowdown = (list: readonly Sample[]) => round(median(ratios(list, 'ownSeconds')));
    const wall = (list: readonly Sample[]) => round(median(ratios(list, 'seconds')));
    /** Added to one call of the program, in microseconds of its own time. */
    const cost = (list: readonly Sample[]) =>
      (median(list.map((s, i) => s.ownSeconds - (off[i]?.ownSeconds ?? Number.NaN))) /
        (COUNTS[load] * scale)) *
      1e6;
    const total = (list: readonly Sample[], key: keyof Sample) => median(list.map((s) => s[key]));
    return {
      withoutSeconds: round(median(off.map((s) => s.ownSeconds))),
      ours: slowdown(ours),
      oursRange: range(ratios(ours, 'ownSeconds')),
      oursWall: wall(ours),
      oursCostUs: round(cost(ours)),
      oursCpuSeconds: round(total(ours, 'cpuSeconds')),
      oursEvents: total(ours, 'events'),
      oursDropped: total(ours, 'dropped'),
      ...(auditd.length > 0 && {
        auditd: slowdown(auditd),
        auditdRange: range(ratios(auditd, 'ownSeconds')),
        auditdWall: wall(auditd),
        auditdCostUs: round(cost(auditd)),
        auditdCpuSeconds: round(total(auditd, 'cpuSeconds')),
        auditdDropped: total(auditd, 'dropped'),
      }),
    };
  };
  return { open: of('open'), openAll: of('openAll'), exec: of('exec'), conn: of('conn'), read: of('read') };
}

async function sustain({ wl, probe, dir }: Setup) {
  const watcher = await startOurs(dir, probe, 'all');
  try {
    const before = await watcher.usage();
    const startedAt = performance.now();
    const total = SUSTAINED_PER_SECOND * SUSTAINED_SECONDS;
    await run(wl, ['pace', String(total), FILE, String(SUSTAINED_PER_SECOND)]);
    const seconds = (performance.now() - startedAt) / 1_000;
    const after = await settle(watcher);
    const cpuFraction = (after.cpuSeconds - before.cpuSeconds) / seconds;
    const events = after.events - before.events;
    const result = {
      perSecond: Math.round(events / seconds),
      events,
      dropped: after.dropped - before.dropped,
      cpuFraction: round(cpuFraction),
      residentMiB: Math.round(after.residentBytes / 2 ** 20),
    };
    progress(`sustained: ${JSON.stringify(result)}`);
    return result;
  } finally {
    await watcher.stop();
  }
}

function describe(samples: Samples, variant: Variant): string {
  return Object.entries(samples)
    .map(([load, of]) => `${load} ${of[variant].at(-1)?.seconds.toFixed(3)} s`)
    .join(', ');
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  const high = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? high : ((sorted[middle - 1] ?? Number.NaN) + high) / 2;
}

const round = (value: number) => Math.round(value * 1_000) / 1_000;
const range = (values: readonly number[]) => [round(Math.min(...values)), round(Math.max(...values))];
const progress = (line: string) => process.stderr.write(`${line}\n`);

await main();
