import { CaptureWriter } from './capture-writer.ts';
import { FD, L4 } from './fd-state.ts';

const LOCALHOST = 0x0100007f;
const OTHER = 0x0200000a;
const START_NS = 1_700_000_000_000_000_000n;

/** Blocks of a small capture with a bit of everything, for tests that damage it. */
export function sampleCapture(): readonly Uint8Array[] {
  const blocks: Uint8Array[] = [];
  const writer = new CaptureWriter({ sink: (bytes) => blocks.push(bytes.slice()) });
  writer.machine({ cpus: 2, memoryBytes: 1n << 31n, hostname: 'sample', bootTimeNs: START_NS - 1n });
  writer.interfaces([
    { name: 'lo', address: LOCALHOST, netmask: 0xff, broadcast: 0 },
    { name: 'eth0', address: 'fe80::1', netmask: 'ffff:ffff::', broadcast: '::' },
  ]);
  writer.users([
    { kind: 'user', uid: 0, gid: 0, name: 'root', home: '/root', shell: '/bin/sh' },
    { kind: 'group', gid: 0, name: 'root' },
  ]);
  const shell = { exe: '/bin/sh', exepath: '/bin/sh', cwd: '/root/', uid: 0, gid: 0 };
  const cgroups = [`cpu=/docker/${'ab'.repeat(32)}`, 'pids=/'];
  writer.processes([
    { tid: 1, pid: 1, ptid: 0, comm: 'init', cwd: '/', vtid: 1, vpid: 1 },
    {
      tid: 7,
      pid: 7,
      ptid: 1,
      comm: 'sh',
      ...shell,
      args: ['-c', 'cat'],
      env: ['A=b'],
      vtid: 7,
      vpid: 7,
      cgroups,
    },
    { tid: 8, pid: 7, ptid: 1, comm: 'sh', ...shell, flags: 8193, vtid: 8, vpid: 7 },
  ]);
  writer.fds(7, [
    { number: 0, type: FD.fileV2, name: '/dev/tty', openFlags: 1 },
    {
      number: 3,
      type: FD.ipv4,
      sourceIp: LOCALHOST,
      destIp: OTHER,
      sourcePort: 40_000,
      destPort: 80,
      l4: L4.tcp,
    },
    { number: 4, type: FD.ipv6Server, destIp: '::', destPort: 443, l4: L4.tcp },
    { number: 5, type: FD.unix, name: '/run/x', source: 1n, peer: 2n },
    { number: 6, type: FD.ipv6, sourceIp: '::1', destIp: 'fe80::2', sourcePort: 1, destPort: 2, l4: L4.udp },
    { number: 9, type: FD.fifo, name: 'pipe:[1]' },
  ]);
  let timeNs = START_NS;
  for (const [type, tid, ...params] of EVENTS) {
    writer.event({ type, timeNs: timeNs++, tid, params, stateOnly: type === 146 });
  }
  return blocks;
}

const TUPLE = { source: { ip: LOCALHOST, port: 40_001 }, dest: { ip: OTHER, port: 53 } };
const TUPLE6 = { source: { ip: '::1', port: 5 }, dest: { ip: 'fe80::3', port: 6 } };
const CONTAINER = JSON.stringify({
  container: { id: 'abababababab', name: 'web', image: 'nginx', ip: '10.0.0.2', Mounts: [{ Source: '/a' }] },
});

type Param = Parameters<CaptureWriter['event']>[0]['params'][number];

/** Type, thread, parameters. */
const EVENTS: readonly (readonly [number, number, ...Param[]])[] = [
  [272, 7, CONTAINER],
  [6, 7, 0, 100],
  [7, 7, 3, 'abc'],
  [306, 7, -100, 'etc/passwd', 1, 0],
  [307, 7, 10, -100, 'etc/passwd', 1, 0, 8],
  [22, 7, 3, { ip: OTHER, port: 53 }],
  [23, 7, 0, TUPLE],
  [48, 8, 6, 9, TUPLE6],
  [49, 8, 9, 'some data'],
  [246, 7],
  [247, 7, 11, { path: '/run/y', source: 3n, peer: 4n }, 0, 0, 5],
  [146, 7, 8],
  [222, 7],
  [223, 7, 20, '/bin/sh', ['-c'], 7, 7, 1, '/root', 1024, 0, 0, 1, 2, 3, 'sh', ['cpu=/'], 0, 0, 0, 7, 7],
  [223, 20, 0, '/bin/sh', ['-c'], 20, 20, 7, '/root', 1024, 0, 0, 1, 2, 3, 'sh', ['cpu=/'], 0, 0, 0, 20, 20],
  [292, 20, '/bin/cat'],
  [
    293,
    20,
    0,
    '/bin/cat',
    ['x', 'y'],
    20,
    20,
    7,
    '',
    1024,
    0,
    0,
    1,
    2,
    3,
    'cat',
    ['cpu=/'],
    ['E=1'],
    0,
    7,
    0,
    0,
  ],
  [124, 20, 0],
  [125, 20, 12],
  [94, 20],
  [95, 20, 0, '/tmp'],
  [192, 20, 5],
  [193, 20, 0],
  [4, 20, 12],
  [5, 20, 0],
  [0, 20, 3],
  [1, 20, 3],
  [186, 20, 0, 0, 0, 0],
];
