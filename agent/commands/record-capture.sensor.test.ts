import { execFile, spawnSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCapture } from '../../cli/lib/capture-file.ts';
import type { AgentCommand } from '../../core/wire/commands.ts';
import { type Harness, startHarness } from '../testing/sensor-harness.ts';
import { EventTap } from './event-tap.ts';
import { Proc } from './proc.ts';
import { captureExecutor } from './record-capture.ts';

const run = promisify(execFile);
const tap = new EventTap();
let harness: Harness;
let widened = 0;
beforeAll(async () => {
  harness = await startHarness({
    probe: { readHost: 'all', openFailed: 'all' },
    onEvent: (event) => tap.push(event),
  });
});
afterAll(() => harness?.close());

function executor() {
  const widen = async () => {
    widened += 1;
    return { missing: [], end: () => (widened -= 1) };
  };
  const sensor = { dropped: () => harness.sensor.counters().probe_dropped, widen };
  return captureExecutor({ proc: new Proc(), node: 'n1', tap, sensor });
}

function job(change: Partial<AgentCommand> = {}, signal = AbortSignal.timeout(60_000)) {
  const id = randomUUID();
  const dir = join(harness.dir, id);
  mkdirSync(dir);
  const command: AgentCommand = {
    id,
    kind: 'record_capture',
    target: { kind: 'node', name: 'n1' },
    params: { seconds: 5 },
    scope: { podUid: null, containerIds: [] },
    undoOf: null,
    remainingMs: 60_000,
    ...change,
  };
  return { command, dir, signal };
}

/** Resolves once a recording listens. */
const begun = () => expect.poll(() => widened, { interval: 5 }).toBe(1);

/** Lines that sysdig prints for a filter. */
function sysdig(file: string, filter: string, format = '%evt.num'): string[] {
  const { status, stdout, stderr } = spawnSync('sysdig', ['-r', file, '-p', format, filter], {
    encoding: 'utf8',
  });
  expect([status, stderr]).toEqual([0, '']);
  return stdout.split('\n').filter(Boolean);
}

describe.skipIf(!existsSync('/usr/bin/sysdig'))('a capture of the live node', () => {
  it('opens in sysdig with the execs, opens and connections of a real program', async () => {
    const marker = join(harness.dir, `marker-${randomUUID()}`);
    writeFileSync(marker, 'x');
    const recording = executor().run(job());
    await begun();
    // The probe leaves the process that started it unwatched, so a shell does it.
    await run('/bin/sh', ['-c', `for n in 1 2 3; do /bin/cat ${marker}; done; true`]);
    const { file = '', summary, notes } = await recording;
    expect(widened).toBe(0);
    expect(summary).toMatch(/^\d+ events/);
    expect(notes?.filter((note) => note.includes('could not be written'))).toEqual([]);
    const execs = sysdig(
      file,
      `evt.type=execve and evt.dir=< and proc.name=cat and proc.args contains ${marker}`,
      '%proc.name %proc.exepath %proc.pname %user.uid',
    );
    expect(execs).toHaveLength(3);
    expect(execs[0]).toMatch(/^cat \/\S*\/?cat sh 0$/);
    const opens = sysdig(
      file,
      `evt.type in (open,openat) and evt.dir=< and fd.name=${marker}`,
      '%proc.name %fd.num %fd.typechar',
    );
    expect(opens).toHaveLength(3);
    expect(opens[0]).toMatch(/^cat \d+ f$/);
    expect(sysdig(file, 'evt.type=procexit and proc.name=cat').length).toBeGreaterThanOrEqual(3);
    // Its own reader finds the same.
    let own = 0;
    await readCapture(file, {}, (event) => {
      if (event.type === 'execve' && event.dir === '<' && event.thread?.args.includes(marker)) own += 1;
      return true;
    });
    expect(own).toBe(3);
  });

  it('tells the addresses of connections', async () => {
    const recording = executor().run(job());
    await begun();
    const server = createServer((socket) => socket.destroy());
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await run('/bin/bash', ['-c', `exec 3<>/dev/tcp/127.0.0.1/${port}`]);
    server.close();
    const { file = '' } = await recording;
    const lines = sysdig(file, `evt.type=connect and evt.dir=< and fd.sport=${port}`, '%proc.name %fd.sip');
    expect(lines).toEqual(['bash 127.0.0.1']);
  });

  it('holds a pod’s events alone', async () => {
    const pod = { kind: 'pod', namespace: 'shop', name: 'web-1' } as const;
    const target = { target: pod, scope: { podUid: randomUUID(), containerIds: [] } };
    await expect(executor().run(job(target))).rejects.toThrow('No process of this pod');
    expect(widened).toBe(0);
  });

  it('ends at its size, on cancellation, and never twice at once', async () => {
    const one = executor();
    const small = one.run(job({ params: { seconds: 60, bytesMax: 2 * 1024 * 1024 } }));
    await expect(one.run(job())).rejects.toThrow('Another capture');
    await begun();
    const noise = run('/bin/sh', ['-c', 'while :; do /bin/cat /etc/hostname; done'], { maxBuffer: 2 ** 30 });
    const { file = '', notes } = await small;
    noise.child.kill('SIGKILL');
    await noise.catch(() => undefined);
    expect(notes?.[0]).toContain('size limit');
    expect(statSync(file).size).toBeLessThanOrEqual(2 * 1024 * 1024);
    expect(sysdig(file, 'evt.type=execve').length).toBeGreaterThan(0);
    const stop = new AbortController();
    const cut = one.run(job({ params: { seconds: 60 } }, stop.signal));
    await begun();
    stop.abort(new Error('cancelled'));
    await expect(cut).rejects.toThrow('cancelled');
    expect(widened).toBe(0);
  });
});
