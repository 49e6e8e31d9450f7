import { describe, expect, it } from 'vitest';
import { CONTAINER, call, connect, exec, open, READ, thread } from '../../rulesets/cases/build.ts';
import type { EngineEvent } from '../events/syscall.ts';
import { RULE_CATALOGUE } from '../fields/catalogue.ts';
import { checkFilter } from './check.ts';
import { compileFilter, compileRecordFilter } from './compile.ts';
import { parseFilter } from './parser.ts';

function verdict(text: string, event: EngineEvent): boolean {
  const parsed = parseFilter(text);
  if (!parsed.ok) throw new Error(`${text}: ${parsed.faults[0]?.message}`);
  expect(checkFilter(parsed.ast, RULE_CATALOGUE)).toEqual([]);
  return compileFilter(parsed.ast)(event);
}

function faultsOf(text: string): readonly string[] {
  const parsed = parseFilter(text);
  return parsed.ok ? checkFilter(parsed.ast, RULE_CATALOGUE).map((fault) => fault.message) : ['syntax'];
}

const sshd = thread({ comm: 'sshd', exepath: '/usr/sbin/sshd', pid: 10 });
const bash = thread({ comm: 'bash', parent: sshd, pid: 20 });
const cat = exec({
  comm: 'cat',
  args: ['/etc/shadow', '-n'],
  parent: bash,
  ppid: 20,
  uid: 33,
  exeUpperLayer: true,
});
const read = open('/etc/shadow', READ, { comm: 'cat' });
const web = connect('10.1.2.3', 443, { comm: 'curl' });

const TRUE: readonly (readonly [string, EngineEvent])[] = [
  ['proc.name = cat and proc.cmdline = "cat /etc/shadow -n"', cat],
  ['proc.args[0] = /etc/shadow', cat],
  ['proc.aname = sshd and proc.aname[2] = sshd and proc.aname[0] = cat', cat],
  ['proc.aname != sshd', cat],
  ['not proc.aname = cat', cat],
  ['proc.pname in (bash, zsh)', cat],
  ['user.uid = 33 and user.uid >= 0x21 and user.uid < 34', cat],
  ['proc.is_exe_upper_layer = true', cat],
  ['evt.res = SUCCESS and evt.rawres = 0', cat],
  ['container.id = 4a4a4a4a4a4a and k8s.ns.name = shop', cat],
  ['container.image.repository = registry.example/shop/checkout and container.image.tag = 1.4', cat],
  ['proc.name contains oneof (ca, x) and proc.name startswith allof (c, ca)', cat],
  ['toupper(proc.name) = CAT and len(proc.name) = 3 and basename(proc.exepath) = app', cat],
  ['join("-", (proc.name, proc.pname)) = cat-bash', cat],
  ['getopt(proc.args, "n")[n] exists', cat],
  ['proc.pname != val(proc.name)', cat],
  ['fd.name = /etc/shadow and fd.directory = /etc and fd.filename = shadow', read],
  ['evt.is_open_read = true and evt.is_open_write = false', read],
  ['evt.arg.flags contains O_RDONLY and evt.arg[flags] = O_RDONLY', read],
  ['fd.name pmatch (/etc, /proc) and fd.name glob /etc/* and fd.name regex "/etc/[a-z]+"', read],
  ['fd.sip = 10.1.2.3 and fd.snet = 10.0.0.0/8 and fd.sport = https and fd.rport = 443', web],
  ['fd.ip = 10.244.0.7 and fd.ip = 10.1.2.3 and fd.ip != 10.9.9.9', web],
  ['fd.net in ("10.1.0.0/16") and fd.typechar = 4 and fd.l4proto = tcp', web],
  ['fd.name = "10.244.0.7:40000->10.1.2.3:443"', web],
];

const FALSE: readonly (readonly [string, EngineEvent])[] = [
  ['proc.name = allof ()', cat],
  ['fd.name != /etc/passwd', cat],
  ['proc.pname != x', exec({})],
  ['fd.ip != 10.1.2.3', web],
  ['fd.snet != 10.0.0.0/8', web],
  ['fd.sport != 443', read],
  ['ka.verb != get', cat],
  ['user.uid > 33', cat],
  ['proc.name = Cat', cat],
  ['evt.rawres >= 0', call('openat', {}, { res: -13 })],
];

describe('compileFilter', () => {
  it.each(TRUE)('%s', (text, event) => {
    expect(verdict(text, event)).toBe(true);
  });

  it.each(FALSE)('not: %s', (text, event) => {
    expect(verdict(text, event)).toBe(false);
  });

  it('makes every comparison with a missing field false, and its negation true', () => {
    const orphan = exec({ comm: 'x' });
    for (const operator of [
      '= a',
      '!= a',
      'contains a',
      '< 1',
      'in (a)',
      'exists',
      'glob *',
      'regex ".*"',
      'pmatch (/)',
    ]) {
      expect(verdict(`proc.pname ${operator}`, orphan)).toBe(false);
      expect(verdict(`not proc.pname ${operator}`, orphan)).toBe(true);
    }
  });

  it('survives a loop in the process tree', () => {
    const a = thread({ comm: 'a' });
    const b = thread({ comm: 'b', parent: a });
    a.parent = b;
    expect(verdict('proc.aname = zzz', { ...cat, thread: a })).toBe(false);
    expect(verdict('proc.sname exists', { ...cat, thread: a })).toBe(true);
  });
});

describe('checkFilter', () => {
  it.each([
    ['proc.nobody = 1', 'filter_check called with nonexistent field proc.nobody'],
    ['evt.type = no_such_call', 'unknown event type no_such_call'],
    ['proc.pid = abc', "'abc' is not a valid value for a field of type number"],
    ['proc.pid contains 1', "filter error: 'contains' operator not supported for numeric filters"],
    ['fd.sip = 10.0.0.300', "'10.0.0.300' is not a valid value for a field of type ip"],
    ['fd.snet = 10.0.0.0/33', "'10.0.0.0/33' is not a valid value for a field of type net"],
    ['ka.user.groups = x', "filter error: '=' operator not supported list filters"],
    ['evt.arg = x', "field 'evt.arg' requires an argument"],
    ['proc.name[1] = x', "field 'proc.name' takes no argument"],
    ['some_macro', "Undefined macro 'some_macro' used in filter."],
    ['proc.name in some_list', "Undefined list 'some_list' used in filter."],
    [
      'proc.name = val(proc.pid)',
      "field 'proc.name' has type 'CHARBUF' while the right-hand side field 'proc.pid' has incompatible type 'INT64'",
    ],
    [
      'user.uid = val(proc.pid)',
      "field 'user.uid' has type 'UINT32' while the right-hand side field 'proc.pid' has incompatible type 'INT64'",
    ],
    [
      'len(proc.name) = val(proc.pid)',
      "field 'proc.name' has type 'UINT64' while the right-hand side field 'proc.pid' has incompatible type 'INT64'",
    ],
    ['proc.pname = val(proc.aname[1])', "field 'proc.aname' can't be used as a right-hand side field"],
    ['tolower(proc.aname[2]) = x', "field 'proc.aname' does not support transformers"],
    ['rule = x', 'filter_check called with nonexistent field rule'],
  ])('%s', (text, message) => {
    expect(faultsOf(text)).toEqual([message]);
  });
});

describe('compileRecordFilter', () => {
  const record = {
    source: 'syscall' as const,
    priority: 4,
    process: 'cat',
    containerId: CONTAINER.id,
    fields: {
      'proc.aname': ['bash', 'sshd'],
      'proc.name': 'other',
      'evt.arg.flags': 'O_RDONLY',
      'user.uid': 0,
    },
  };
  const stored = (text: string, over: object = {}): boolean => {
    const parsed = parseFilter(text);
    if (!parsed.ok) throw new Error(text);
    return compileRecordFilter(parsed.ast)({ ...record, ...over });
  };

  it('prefers attributes, indexes ancestors from the parent and shortens the container id', () => {
    expect(stored('proc.name = cat and proc.aname[0] = cat and proc.aname[2] = sshd')).toBe(true);
    expect(stored('container.id = 4a4a4a4a4a4a')).toBe(true);
    expect(stored('container.id = host', { containerId: undefined })).toBe(true);
    expect(stored('evt.arg.flags contains O_R and user.uid = 0')).toBe(true);
  });

  it('orders priorities by severity for words and by number for numbers', () => {
    expect(
      stored('evt.priority >= warning and evt.priority = Warning and evt.priority in (error, warning)'),
    ).toBe(true);
    expect(stored('evt.priority >= critical')).toBe(false);
    expect(stored('evt.priority <= 4')).toBe(true);
  });

  it('ignores inherited and mistyped values', () => {
    expect(stored('evt.arg.constructor exists or evt.arg[__proto__] exists')).toBe(false);
    expect(stored('proc.cmdline exists', { fields: { 'proc.cmdline': 5 } })).toBe(false);
  });
});
