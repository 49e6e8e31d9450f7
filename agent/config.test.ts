import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { ClockWatch } from './clock-watch.ts';
import { readConfig } from './config.ts';
import { renderMetrics } from './metrics.ts';

const minimal = ['--server', 'https://eyrie.example', '--token-file', '/run/token'];

describe('readConfig', () => {
  it('takes the command line over the environment over the file', () => {
    const dir = mkdtempSync(join(tmpdir(), 'config-'));
    const file = join(dir, 'agent.yaml');
    writeFileSync(file, 'node: from-file\nactivity: exec\nmetrics-port: 9100\n');
    const env = { EYRIE_AGENT_ACTIVITY: 'full', EYRIE_AGENT_NODE: 'from-env' };
    const read = readConfig([...minimal, '--config', file, '--node', 'from-args'], env);
    rmSync(dir, { recursive: true });
    expect(read).toMatchObject({
      ok: true,
      config: { node: 'from-args', activity: 'full', metricsPort: 9100 },
    });
  });

  it('names every fault at once', () => {
    const read = readConfig(['--server', 'ftp://x', '--metrics-port', '0', '--activity', 'some'], {});
    expect(read.ok ? [] : read.faults.map((fault) => fault.split(':')[0])).toEqual([
      '--server',
      '--token-file',
      '--activity',
      '--metrics-port',
    ]);
  });

  it.each([
    ['an unknown option', [...minimal, '--frobnicate']],
    ['two kinds of probe', [...minimal, '--probe', '/p', '--probe-socket', '/s']],
    ['a configuration file that is not there', [...minimal, '--config', '/nonexistent']],
  ])('refuses %s', (_, argv) => {
    expect(readConfig(argv, {}).ok).toBe(false);
  });
});

describe('ClockWatch', () => {
  it('reports a jump of the wall clock in either direction, and nothing while it runs evenly', () => {
    let [wallMs, monotonicMs] = [1_000_000, 0];
    const clock = new ClockWatch(
      () => wallMs,
      () => monotonicMs,
    );
    const pass = (wall: number, monotonic: number) => {
      wallMs += wall;
      monotonicMs += monotonic;
      return clock.check()?.jumpMs;
    };
    expect([
      pass(1_000, 1_000),
      pass(61_000, 1_000),
      pass(1_000, 1_000),
      pass(-9_000, 1_000),
      pass(2_500, 1_000),
    ]).toEqual([undefined, 60_000, undefined, -10_000, undefined]);
  });
});

describe('renderMetrics', () => {
  it('tells counters from gauges, and never writes a name or number that breaks the format', () => {
    expect(renderMetrics({ alerts_total: 3, 'odd name': 1.5, broken: Number.NaN })).toBe(
      '# TYPE eyrie_agent_alerts_total counter\neyrie_agent_alerts_total 3\n# TYPE eyrie_agent_odd_name gauge\neyrie_agent_odd_name 1.5\n',
    );
  });
});
