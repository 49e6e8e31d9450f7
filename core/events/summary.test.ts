import { describe, expect, it } from 'vitest';
import { summarizeSyscall, syscallObject } from './summary.ts';
import type { FdInfo, SyscallEvent, ThreadInfo } from './syscall.ts';

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
  container: undefined,
  fds: new Map(),
  version: 0,
};
const socket: FdInfo = {
  typechar: '4',
  name: '',
  nameRaw: undefined,
  tuple: {
    l4: 'tcp',
    clientIp: '10.0.0.1',
    clientPort: 40_000,
    serverIp: '10.0.0.9',
    serverPort: 4444,
    role: 'client',
  },
  openFlags: 0,
};
const event = (overrides: Partial<SyscallEvent>): SyscallEvent => ({
  source: 'syscall',
  num: 1,
  timeNs: 1n,
  cpu: 0,
  type: 'openat',
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

describe('summarizeSyscall', () => {
  it.each<[Partial<SyscallEvent>, string]>([
    [{ args: { name: '/etc/shadow' }, argText: { flags: 'O_RDONLY' } }, 'cat read /etc/shadow'],
    [{ args: { name: '/etc/shadow' }, res: -13 }, 'cat read /etc/shadow. Denied'],
    [{ args: { name: '/etc/x' }, argText: { flags: 'O_WRONLY|O_CREAT' } }, 'cat opened for writing /etc/x'],
    [{ type: 'execve' }, 'cat started: cat /etc/shadow'],
    [
      { type: 'unlinkat', argText: { name: '0.log(/var/log/pods/a/0.log)' } },
      'cat deleted /var/log/pods/a/0.log',
    ],
    [{ type: 'connect', fd: socket, res: -115 }, 'cat connected to 10.0.0.9:4444'],
    [{ type: 'connect', fd: socket, res: -111 }, 'cat connected to 10.0.0.9:4444. Failed: refused'],
    [
      { type: 'renameat2', args: { oldpath: '/a', newpath: '/b' }, res: -2 },
      'cat renamed /a to /b. Failed: not found',
    ],
    [{ type: 'unlinkat', args: { name: '/var/log/x' } }, 'cat deleted /var/log/x'],
    [{ type: 'procexit', thread: undefined }, 'process 7 ended'],
    [{ type: 'keyctl' }, 'cat called keyctl'],
  ])('%#: %s', (overrides, text) => {
    expect(summarizeSyscall(event(overrides))).toBe(text);
  });

  it('keeps within its limit and drops NUL, whatever the process calls itself', () => {
    const text = summarizeSyscall(event({ args: { name: `/${'a\0'.repeat(9_000)}` } }));
    expect(text.length).toBeLessThanOrEqual(1_024);
    expect(text).not.toContain('\0');
  });
});

describe('syscallObject', () => {
  it('is the remote end of a socket, the path of a file, the program of an exec', () => {
    expect(syscallObject(event({ type: 'connect', fd: socket }))).toBe('10.0.0.9:4444');
    expect(syscallObject(event({ args: { name: '/etc/shadow' } }))).toBe('/etc/shadow');
    expect(syscallObject(event({ type: 'execve' }))).toBe('/usr/bin/cat');
    expect(syscallObject(event({ type: 'keyctl' }))).toBeUndefined();
  });
});
