import { expect, test } from 'vitest';
import { cgroupsItem, privilegesItem, programsItem } from './kernel-checks.ts';

const NONE = 'Name:\tnode\nCapEff:\t0000000000000000\n';
const ROOT = 'Name:\tsh\nCapEff:\t000001ffffffffff\n';
const BPF_AND_PERFMON = `CapEff:\t${((1n << 38n) | (1n << 39n)).toString(16).padStart(16, '0')}\n`;

test('does not blame privileges that the starting process has', () => {
  expect(privilegesItem(NONE, ROOT).state).toBe('ok');
  expect(privilegesItem(ROOT, NONE).state).toBe('ok');
  expect(privilegesItem(BPF_AND_PERFMON, NONE).state).toBe('ok');
});

test('says how to get the privileges that nobody has', () => {
  for (const starter of [NONE, '', 'CapEff:\tzz\n']) {
    expect(privilegesItem(NONE, starter)).toMatchObject({
      state: 'blind',
      fix: expect.stringContaining('sudo'),
    });
  }
});

const V1 = '#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpu\t2\t5\t1\nmemory\t5\t90\t1\n';
const UNIFIED = '#subsys_name\thierarchy\tnum_cgroups\tenabled\nmemory\t0\t90\t1\n';
const V1_MOUNT = 'cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n';
const V2_MOUNT = 'cgroup2 /sys/fs/cgroup/unified cgroup2 rw 0 0\n';

test.each([
  ['v1', V1, V1_MOUNT],
  ['hybrid', V1, V1_MOUNT + V2_MOUNT],
  ['v2', UNIFIED, V2_MOUNT],
  ['v2', '', V2_MOUNT],
])('knows cgroups %s', (kind, controllers, mounts) => {
  const item = cgroupsItem(controllers, mounts);
  expect(item.state).toBe('ok');
  expect(item.detail.startsWith(`${kind}:`)).toBe(true);
});

test('says that containers cannot be told without the memory controller of v1', () => {
  expect(cgroupsItem(UNIFIED, V1_MOUNT)).toMatchObject({ state: 'degraded', fix: expect.any(String) });
});

test('names every kind of program that is refused, with the reason, and whether it matters', () => {
  const all = { ringbuf: 0, tracepoint: 0, tp_btf: 0, iter: 0, fentry: 0, lsm: 0 };
  expect(programsItem(all)).toEqual({
    name: 'bpf programs',
    state: 'ok',
    detail: 'uses tracepoints, BTF tracepoints and iterators',
  });
  expect(programsItem({ ...all, fentry: 1, lsm: 22 })).toMatchObject({
    state: 'ok',
    detail: expect.stringContaining('fentry (EPERM), lsm (EINVAL)'),
  });
  expect(programsItem({ ...all, tp_btf: 1 })).toMatchObject({
    state: 'blind',
    detail: expect.stringContaining('tp_btf (EPERM)'),
  });
});
