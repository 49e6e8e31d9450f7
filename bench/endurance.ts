import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs, promisify } from 'node:util';
import { buildProbe } from '../agent/probe/build.ts';
import { type Account, account, type Counted, type SeenGap } from './lib/counted-opens.ts';
import { IdleContainers } from './lib/idle-containers.ts';
import { Sink } from './lib/sink.ts';
import { rulesetOf, startAgent, untilReady, type WholeAgent } from './lib/whole-agent.ts';

const ROWS = ['start', 'idle', 'storm', 'stopped', 'killed', 'outage', 'full-disk'] as const;
const HELP = `Usage: ./eyrie bench endurance [--json] [--scale N] [--only ROW,…]

The whole agent through bad times, against a server that counts: ${ROWS.join(', ')}.
storm is 50,000 opens a second for 60 s that the rules must see; the rest is 2,000 alerts a second through
SIGSTOP for 30 s, kill -9, a server that is away for ten minutes, and a full disk. Every number that did not arrive
must lie within a gap. Takes 18 minutes; --scale shortens all times. Needs root on Linux.
`;
const run = promisify(execFile);
const ALERTS_PER_SECOND = 2_000;
const STORM_PER_SECOND = 50_000;
const CONTAINERS = 30;
const ARRIVAL_MS_MAX = 300_000;
/** Above the sender's longest pause between two attempts. */
const QUIET_MS = 70_000;

type Row = Record<string, unknown>;
type Setup = { readonly dir: string; readonly files: string; readonly wl: string; readonly probe: string };

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      scale: { type: 'string', default: '1' },
      only: { type: 'string', default: ROWS.join(',') },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const scale = Number(values.scale);
  const only = values.only.split(',');
  const dir = await mkdtemp(join(tmpdir(), 'eyrie-endurance-'));
  try {
    const files = join(dir, 'files');
    await makeFiles(files);
    const wl = join(dir, 'wl');
    await run('cc', ['-O2', '-o', wl, join(import.meta.dirname, 'wl.c'), '-lpthread']);
    const setup = { dir, files, wl, probe: await buildProbe({ log: progress }) };
    const rows: Record<string, Row> = {};
    const rowOf: Readonly<Record<(typeof ROWS)[number], () => Promise<Row>>> = {
      start: () => start(setup),
      idle: () => idle(setup, 60 * scale),
      storm: () => storm(setup, 60 * scale),
      stopped: () => stopped(setup, 30 * scale),
      killed: () => killed(setup, 20 * scale),
      outage: () => outage(setup, 600 * scale),
      'full-disk': () => fullDisk(setup, 60 * scale),
    };
    for (const name of ROWS) {
      if (!only.includes(name)) continue;
      progress(`${name} …`);
      rows[name] = await rowOf[name]();
      progress(`${name}: ${JSON.stringify(rows[name])}`);
    }
    const accounts = Object.values(rows).filter(isAccount);
    const sent = accounts.reduce((sum, row) => sum + row.sent, 0);
    const ours = accounts.reduce((sum, row) => sum + row.sent - faultsOf(row), 0);
    process.stdout.write(
      `${JSON.stringify({
        name: 'endurance',
        ours,
        peer: sent,
        ratio: sent === 0 ? null : ours / sent,
        unit: 'events that arrived once or lie within a gap, of those that happened',
        runs: 1,
        rows,
      })}\n`,
    );
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Ten million names, each opened once at most, over ten thousand files: the event has the name as it was spelled. */
async function makeFiles(dir: string): Promise<void> {
  const real = join(dir, 'real');
  await mkdir(real, { recursive: true });
  for (let n = 0; n < 10_000; n += 1) await writeFile(join(real, String(n).padStart(4, '0')), '');
  for (let n = 0; n < 1_000; n += 1) await symlink(real, join(dir, String(n).padStart(3, '0')));
}

const faultsOf = (row: Account) => Math.max(row.unexplained, row.uncounted) + row.doubled;

const isAccount = (row: Row): row is Row & Account => typeof row.sent === 'number';

/** Each open of the counted files is an alert. */
const alertRules = (files: string) =>
  rulesetOf([
    {
      name: 'counted.yaml',
      text: `- rule: Counted open
  desc: Each of them must arrive once.
  condition: evt.type in (open, openat) and fd.name startswith "${files}/"
  output: open %fd.name
  priority: NOTICE
`,
    },
  ]);

/** A sink with what it got of the counted opens, and of gaps. */
function listen(setup: Setup, ruleset = alertRules(setup.files)) {
  const counted: Counted[] = [];
  const gaps: SeenGap[] = [];
  let lastMs = performance.now();
  const sink = new Sink({
    ruleset,
    onItem: (item) => {
      if (item.k === 'gap') {
        gaps.push({
          cause: item.cause,
          startMs: Number(item.startNs) / 1e6,
          endMs: Number(item.endNs) / 1e6,
          count: item.count,
        });
        return;
      }
      if (item.rule !== 'Counted open') return;
      counted.push({ timeMs: Number(item.timeNs) / 1e6, number: numberOf(String(item.fields['fd.name'])) });
      lastMs = performance.now();
    },
  });
  /** Waits until all are there, or nothing has come for a while. */
  const settled = async (sent: number) => {
    const end = performance.now() + ARRIVAL_MS_MAX;
    lastMs = performance.now();
    while (counted.length < sent && performance.now() < end) {
      if (performance.now() - lastMs > QUIET_MS) return;
      await delay(100);
    }
    await delay(1_000); // a gap or a repeat behind the last one
  };
  return { sink, counted, gaps, settled };
}

/** `DIR/012/3456` is 123,456. */
const numberOf = (name: string) => Number(name.slice(-8, -5)) * 10_000 + Number(name.slice(-4));

/** From the start of the process until the first program that the sensor sees. */
async function start(setup: Setup): Promise<Row> {
  const text = `- rule: Counted open
  desc: The first program seen.
  condition: spawned_process and proc.args contains eyrie-first-
  output: seen
  priority: NOTICE
`;
  const macro = '- macro: spawned_process\n  condition: evt.type in (execve, execveat)\n';
  const ruleset = rulesetOf([{ name: 'first.yaml', text: macro + text }]);
  const samples: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    const { sink, counted } = listen(setup, ruleset);
    await sink.open();
    const startedMs = Date.now();
    const dir = join(setup.dir, `start-${round}`);
    const agent = await startAgent({ dir, probe: setup.probe, sink, log: 'ignore' });
    for (let n = 0; counted.length === 0 && n < 1_000; n += 1) {
      await run('/bin/true', [`eyrie-first-${n}`]);
      await delay(10);
    }
    samples.push((counted[0]?.timeMs ?? Number.NaN) - startedMs);
    await agent.stop();
    await sink.close();
  }
  return { startToFirstEventMs: samples.map(Math.round), limitMs: 2_000 };
}

/** Thirty containers that sleep, every source on. */
async function idle(setup: Setup, seconds: number): Promise<Row> {
  const { sink } = listen(setup);
  await sink.open();
  const containers = await IdleContainers.start(CONTAINERS);
  const agent = await startAgent({ dir: join(setup.dir, 'idle'), probe: setup.probe, sink, log: 'ignore' });
  try {
    await untilReady(agent, sink);
    await delay(10_000);
    const before = agent.usage();
    const events = (await agent.metrics()).syscall_events_total ?? 0;
    await delay(seconds * 1_000);
    const after = agent.usage();
    return {
      containers: CONTAINERS,
      seconds,
      cpuFraction: (after.cpuSeconds - before.cpuSeconds) / seconds,
      residentMb: Math.round(after.residentBytes / 1e6),
      eventsPerSecond: (((await agent.metrics()).syscall_events_total ?? 0) - events) / seconds,
    };
  } finally {
    await agent.stop();
    await sink.close();
    await containers.stop();
  }
}

/** More than is stored anywhere: the rules must look at each, and match none. */
async function storm(setup: Setup, seconds: number): Promise<Row> {
  const text = `- rule: Every open
  desc: Asks for each open, and matches none.
  condition: evt.type in (open, openat) and fd.name contains no-such-name-in-any-path
  output: never
  priority: DEBUG
`;
  const { sink, gaps } = listen(setup, rulesetOf([{ name: 'storm.yaml', text }]));
  await sink.open();
  const agent = await startAgent({ dir: join(setup.dir, 'storm'), probe: setup.probe, sink, log: 'ignore' });
  try {
    await untilReady(agent, sink);
    const before = await agent.metrics();
    const usage = agent.usage();
    const total = Math.round(STORM_PER_SECOND * seconds);
    const startedAt = performance.now();
    let peak = 0;
    const looking = setInterval(() => {
      peak = Math.max(peak, agent.usage().residentBytes);
    }, 500);
    await load(setup, total, STORM_PER_SECOND);
    clearInterval(looking);
    const took = (performance.now() - startedAt) / 1_000;
    await delay(2_000);
    const after = await agent.metrics();
    const grew = (name: string) => (after[name] ?? 0) - (before[name] ?? 0);
    const [received, dropped] = [grew('syscall_events_total'), grew('probe_dropped_total')];
    const inGaps = gaps.reduce((sum, { count }) => sum + (count ?? 0), 0);
    return {
      sent: total,
      perSecond: Math.round(total / took),
      received,
      dropped,
      doubled: 0,
      // Other programs open files too, so a few more than were sent may arrive.
      unexplained: Math.max(0, total - received - inGaps),
      uncounted: 0,
      countedInGaps: inGaps,
      cpuFraction: (agent.usage().cpuSeconds - usage.cpuSeconds) / took,
      peakResidentMb: Math.round(peak / 1e6),
    };
  } finally {
    await agent.stop();
    await sink.close();
  }
}

const load = (setup: Setup, total: number, perSecond: number) =>
  run(setup.wl, ['count', String(total), setup.files, String(perSecond)]);

/** Runs 2,000 alerts a second for `seconds` while `disturb` does its worst, and accounts for each. */
async function through(
  setup: Setup,
  options: {
    readonly name: string;
    readonly seconds: number;
    readonly extraArgs?: readonly string[];
    readonly disturb: (at: {
      agent: () => WholeAgent;
      sink: Sink;
      restart: () => Promise<void>;
    }) => Promise<void>;
  },
): Promise<Row> {
  const { sink, counted, gaps, settled } = listen(setup);
  await sink.open();
  const dir = join(setup.dir, options.name);
  const begin = () =>
    startAgent({ dir, probe: setup.probe, sink, log: 'ignore', extraArgs: options.extraArgs ?? [] });
  let agent = await begin();
  try {
    await untilReady(agent, sink);
    const total = Math.round(ALERTS_PER_SECOND * options.seconds);
    const fromMs = Date.now();
    const loading = load(setup, total, ALERTS_PER_SECOND);
    const restart = async () => {
      const { process: old } = agent;
      const gone = old.signalCode === null ? once(old, 'exit') : Promise.resolve();
      old.kill('SIGKILL');
      await gone;
      agent = await begin();
    };
    await options.disturb({ agent: () => agent, sink, restart });
    await loading;
    const toMs = Date.now();
    await settled(total);
    return {
      ...account(total, { fromMs, toMs }, counted, gaps),
      residentMb: Math.round(agent.usage().residentBytes / 1e6),
    };
  } finally {
    await agent.stop();
    await sink.close();
  }
}

function stopped(setup: Setup, seconds: number): Promise<Row> {
  return through(setup, {
    name: 'stopped',
    seconds: seconds + 10,
    disturb: async ({ agent }) => {
      await delay(3_000);
      agent().process.kill('SIGSTOP');
      await delay(seconds * 1_000);
      agent().process.kill('SIGCONT');
    },
  });
}

function killed(setup: Setup, seconds: number): Promise<Row> {
  return through(setup, {
    name: 'killed',
    seconds,
    disturb: async ({ restart }) => {
      await delay((seconds * 1_000) / 3);
      await restart();
    },
  });
}

/** The spool holds what fits; what does not is dropped from its old end and counted. */
function outage(setup: Setup, seconds: number): Promise<Row> {
  return through(setup, {
    name: 'outage',
    seconds: seconds + 5,
    disturb: async ({ sink }) => {
      await delay(2_000);
      await sink.close();
      await delay(seconds * 1_000);
      await sink.open();
    },
  });
}

/** The data directory is a file system that the first, unpacked segment nearly fills, while the server is away. */
async function fullDisk(setup: Setup, seconds: number): Promise<Row> {
  const data = join(setup.dir, 'full-disk', 'data');
  await mkdir(data, { recursive: true });
  await run('mount', ['-t', 'tmpfs', '-o', 'size=10m', 'eyrie-endurance', data]);
  try {
    return await through(setup, {
      name: 'full-disk',
      seconds: seconds + 10,
      disturb: async ({ sink }) => {
        await delay(2_000);
        await sink.close();
        await delay(seconds * 1_000);
        await sink.open();
      },
    });
  } finally {
    await run('umount', [data]);
  }
}

const progress = (line: string) => process.stderr.write(`${line}\n`);

await main();
