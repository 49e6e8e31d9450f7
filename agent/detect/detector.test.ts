import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { SyscallEvent, ThreadInfo } from '../../core/events/syscall.ts';
import { loadRules } from '../../core/rules/load.ts';
import { ingestItemSchema } from '../../core/wire/ingest.ts';
import { eventLine } from '../spool/item.ts';
import { Detector } from './detector.ts';
import { readRuleFiles } from './rule-files.ts';

const CORPUS = process.env.EYRIE_CORPUS ?? join(import.meta.dirname, '../../../shared/data/falco');
const audits = readFileSync(join(CORPUS, '../k8s-audit/sample.jsonl'), 'utf8').trimEnd().split('\n');

const thread: ThreadInfo = {
  tid: 7,
  pid: 7,
  ppid: 1,
  parent: undefined,
  vpid: 7,
  vtid: 7,
  sid: 7,
  vpgid: 7,
  comm: 'cat',
  exe: 'cat',
  exepath: '/usr/bin/cat',
  args: ['/etc/shadow'],
  env: [],
  cwd: '/',
  tty: 0,
  uid: 0,
  gid: 0,
  loginuid: -1,
  user: 'root',
  group: 'root',
  loginname: undefined,
  capPermitted: 0n,
  capEffective: 0n,
  capInheritable: 0n,
  exeWritable: false,
  exeUpperLayer: false,
  exeLowerLayer: false,
  exeFromMemfd: false,
  exeIno: 0n,
  cloneTsNs: 0n,
  cgroup: '/',
  fds: new Map(),
  version: 0,
  container: {
    id: 'c'.repeat(64),
    name: 'app',
    image: 'shop/app:1',
    privileged: false,
    podName: 'a',
    podUid: 'u',
    namespace: 'shop',
    labels: {},
    workload: 'Deployment/a',
    serviceAccount: 'default',
    node: 'n1',
    state: 'filled',
  },
};
const event = (overrides: Partial<SyscallEvent>): SyscallEvent => ({
  source: 'syscall',
  num: 1,
  timeNs: 60_000_000_000n,
  cpu: 0,
  type: 'execve',
  dir: '<',
  tid: 7,
  thread,
  res: 0,
  args: {},
  argText: {},
  fdNum: undefined,
  fd: undefined,
  ...overrides,
});
const connection = (overrides: Partial<SyscallEvent> = {}): SyscallEvent =>
  event({
    type: 'connect',
    res: -115,
    fdNum: 3,
    fd: {
      typechar: '4',
      name: '',
      nameRaw: undefined,
      openFlags: 0,
      tuple: {
        l4: 'tcp',
        clientIp: '10.0.0.1',
        clientPort: 4_000,
        serverIp: '10.0.0.9',
        serverPort: 443,
        role: 'client',
      },
    },
    ...overrides,
  });

function detector(rules: string, activity: 'off' | 'exec' | 'full'): Detector {
  const { ruleset } = loadRules([{ name: 'test.yaml', text: rules }]);
  return new Detector({ node: 'n1', ruleset: () => ruleset, activity, onError: () => {} });
}
const CAT = `- rule: Cat runs
  desc: test
  condition: evt.type=execve and proc.name=cat
  output: "cat %proc.args in %container.name"
  priority: ERROR
  tags: [TA0006]
`;

describe('syscall events', () => {
  it('become alerts with rule, rendered output and every known name', () => {
    const record = detector(CAT, 'off').syscall(event({}));
    expect(record).toMatchObject({
      rule: 'Cat runs',
      priority: 3,
      output: 'cat /etc/shadow in app',
      tags: ['TA0006'],
      node: 'n1',
      namespace: 'shop',
      pod: 'a',
      containerId: 'c'.repeat(64),
      workload: 'Deployment/a',
      user: 'root',
      process: 'cat',
      pid: 7,
      enrichment: 'filled',
      categories: ['process'],
    });
    expect(record?.fields['proc.cmdline']).toBe('cat /etc/shadow');
    expect(record && ingestItemSchema.safeParse(JSON.parse(eventLine(record))).error).toBeUndefined();
  });

  it('are stored without a rule only as far as the activity level says', () => {
    const failed = event({ res: -2 });
    const file = event({ type: 'openat', args: { name: '/etc/hosts' } });
    const kept = (level: 'off' | 'exec' | 'full') => {
      const under = detector('[]', level);
      return [event({}), failed, event({ type: 'procexit' }), connection(), file].map(
        (one) => under.syscall(one) !== undefined,
      );
    };
    expect(kept('off')).toEqual([false, false, false, false, false]);
    expect(kept('exec')).toEqual([true, false, true, true, false]);
    expect(kept('full')).toEqual([true, false, true, true, false]);
  });

  it('collapse connections of one process to one peer: once at exec, once a minute at full', () => {
    const times = [60n, 61n, 119n, 120n, 180n].map((second) => second * 1_000_000_000n);
    const kept = (level: 'exec' | 'full') => {
      const under = detector('[]', level);
      return times.map((timeNs) => under.syscall(connection({ timeNs })) !== undefined);
    };
    expect(kept('exec')).toEqual([true, false, false, false, false]);
    expect(kept('full')).toEqual([true, false, false, true, true]);
  });
});

describe('audit events', () => {
  const shipped = loadRules(readRuleFiles(join(import.meta.dirname, '../../rulesets')));

  it('of a real log are each stored once, alerts among them, with their fields', () => {
    const under = new Detector({
      node: 'n1',
      ruleset: () => shipped.ruleset,
      activity: 'off',
      onError: () => {},
    });
    const records = audits.flatMap((line) => {
      const verdict = under.audit(JSON.parse(line));
      return verdict.ok && verdict.record !== undefined ? [verdict.record] : [];
    });
    expect(under.counters.detect_faults).toBe(0);
    expect(records.filter(({ categories }) => categories.includes('exec'))).toHaveLength(4);
    expect(records.every(({ fields }) => typeof fields['ka.verb'] === 'string')).toBe(true);
    expect(records.some(({ rule }) => rule !== undefined)).toBe(true);
  });

  it('that are none are refused with the reason, and cost nothing else', () => {
    const under = detector('[]', 'off');
    expect(under.audit({ kind: 'Pod' })).toEqual({ ok: false, reason: 'auditID is missing' });
    expect(under.audit(undefined)).toEqual({ ok: false, reason: 'not an object' });
  });
});
