import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Spool } from '../../spool/spool.ts';
import { spooledItems } from '../testing/spooled-items.ts';
import { parseOomKill } from './kernel-oom.ts';
import { Resources } from './resources.ts';
import { Watermarks } from './watermark.ts';

const ID = 'c'.repeat(64);
const POD = '11111111-2222-3333-4444-555555555555';
const CGROUP = `/kubepods.slice/kubepods-pod${POD.replaceAll('-', '_')}.slice/cri-containerd-${ID}.scope`;
let dir: string;
let root: string;
let spool: Spool;
let nowMs: number;
let resources: Resources | undefined;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'resources-'));
  root = join(dir, 'cgroup');
  nowMs = Date.parse('2026-11-21T08:00:00Z');
  mkdirSync(root);
  writeFileSync(join(root, 'cgroup.controllers'), 'memory pids cpu\n');
  spool = new Spool({ dir: join(dir, 'spool'), fsync: { kind: 'never' } });
});
afterEach(() => {
  resources?.close();
  resources = undefined;
  spool.close();
  rmSync(dir, { recursive: true });
});

/** The files of cgroup version 2, as the kernel writes them. */
function container(files: Readonly<Record<string, string>>): void {
  mkdirSync(join(root, CGROUP), { recursive: true });
  for (const [name, text] of Object.entries(files)) writeFileSync(join(root, CGROUP, name), text);
}
async function look(): Promise<string[]> {
  resources ??= new Resources({
    node: 'n1',
    spool,
    containerOf: () => undefined,
    nowMs: () => nowMs,
    onError: (message) => {
      throw new Error(message);
    },
    paths: [],
    cgroupRoot: root,
  });
  nowMs += 10_000;
  await resources.look();
  return events().map(({ type }) => type);
}
const events = () =>
  spooledItems(spool).flatMap((item) => (item.k === 'event' && item.containerId === ID ? [item] : []));

describe('Resources', () => {
  it('tells memory near its limit once, without what the kernel can reclaim, and its end', async () => {
    const memory = (bytes: number) => ({
      'memory.current': `${bytes + 500}\n`,
      'memory.stat': 'anon 1\ninactive_file 500\n',
      'memory.max': '1000\n',
    });
    container(memory(940));
    expect(await look()).toEqual([]);
    container(memory(960));
    expect(await look()).toEqual(['memory_high']);
    container(memory(900));
    await look();
    container(memory(990));
    expect(await look()).toEqual(['memory_high']);
    container(memory(800));
    expect(await look()).toEqual(['memory_high', 'memory_high_ended']);
    expect(events()[0]).toMatchObject({
      source: 'resources',
      categories: ['resource_exhaustion'],
      containerId: ID,
      podUid: POD,
      object: CGROUP,
      fields: { 'resource.bytes': 960, 'resource.bytes_max': 1000, 'resource.share': 0.96 },
    });
    expect(events()[1]).toMatchObject({ categories: [], outcome: 'ok' });
  });

  it('says nothing of containers without limits', async () => {
    container({
      'memory.current': '99999999\n',
      'memory.max': 'max\n',
      'pids.current': '9\n',
      'pids.max': 'max\n',
    });
    await look();
    expect(await look()).toEqual([]);
  });

  it('tells throttling over the last minute', async () => {
    container({ 'cpu.stat': 'usage_usec 1\nnr_periods 1000\nnr_throttled 900\n' });
    await look();
    container({ 'cpu.stat': 'usage_usec 1\nnr_periods 1100\nnr_throttled 920\n' });
    expect(await look()).toEqual([]);
    container({ 'cpu.stat': 'usage_usec 1\nnr_periods 1200\nnr_throttled 1010\n' });
    expect(await look()).toEqual(['cpu_throttled']);
    expect(events()[0]?.fields).toMatchObject({ 'resource.periods': 200, 'resource.throttled': 110 });
  });

  it('tells pids near their limit, and forks that were refused', async () => {
    container({ 'pids.current': '95\n', 'pids.max': '100\n', 'pids.events': 'max 3\n' });
    expect(await look()).toEqual(['pids_high']);
    container({ 'pids.current': '100\n', 'pids.max': '100\n', 'pids.events': 'max 10\n' });
    expect(await look()).toEqual(['pids_high', 'pids_limit']);
    expect(events()[1]?.fields['resource.count']).toBe(7);
  });
});

describe('Watermarks', () => {
  it('alternates entered and left for any run of values', () => {
    const step = fc.record({ value: fc.double({ min: 0, max: 2, noNaN: true }), ms: fc.nat(100_000) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
        const marks = new Watermarks();
        let at = 0;
        const told = steps.flatMap(({ value, ms }) => {
          at += ms;
          return marks.update('memory_high', 'x', value, at) ?? [];
        });
        expect(told).toEqual(told.map((_, index) => (index % 2 === 0 ? 'entered' : 'left')));
      }),
    );
  });
});

describe('parseOomKill', () => {
  const record =
    '6,1234,5000000,-;oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=/,mems_allowed=0,oom_memcg=/kubepods/pod1,task_memcg=/kubepods/pod1/abc,task=tail,pid=123,uid=1000\n SUBSYSTEM=x\n';

  it('reads who was killed in which cgroup, whatever the process calls itself', () => {
    expect(parseOomKill(record, 1_000n)).toEqual({
      timeNs: 5_000_001_000n,
      sequence: 1234,
      cgroup: '/kubepods/pod1/abc',
      process: 'tail',
      pid: 123,
      uid: 1000,
      isNode: false,
    });
    const hostile = record.replace('task=tail', 'task=a,pid=1,uid=0');
    expect(parseOomKill(hostile, 0n)).toMatchObject({ process: 'a,pid=1,uid=0', pid: 123 });
    expect(parseOomKill(record.replace('MEMCG,nodemask', 'NONE,nodemask'), 0n)?.isNode).toBe(true);
  });

  it('believes the kernel alone, and never throws', () => {
    expect(parseOomKill(record.replace('6,', '14,'), 0n)).toBeUndefined();
    fc.assert(fc.property(fc.string(), (text) => void parseOomKill(`6,1,1,-;oom-kill:${text}`, 0n)));
  });
});
