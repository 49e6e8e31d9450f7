import { expect, test } from 'vitest';
import { rulesOf } from '../../core/rules/testing/rules-of.ts';
import type { Hello } from '../decode/raw.ts';
import { kernelNeeds, unmetNeeds } from './kernel-needs.ts';

const needsOf = (...conditions: readonly string[]) => kernelNeeds(rulesOf(...conditions), 'off');

test('leaves common sockets in the kernel only if no rule can want them', () => {
  const packet = 'evt.type=socket and container.id != host and evt.arg.domain contains AF_PACKET';
  expect(needsOf(packet).probe.sockets).toBe('rare');
  expect(needsOf('evt.type=socket and evt.arg.domain = AF_VSOCK').probe.sockets).toBe('rare');
  expect(
    needsOf('evt.type=socket and (evt.arg.domain = AF_X25 or evt.arg.domain = AF_CAN)').probe.sockets,
  ).toBe('rare');
  for (const wide of [
    'evt.type=socket',
    'evt.type in (socket, open) and proc.name = x',
    'evt.type=socket and evt.arg.domain contains AF_INET',
    'evt.type=socket and evt.arg.domain contains AF_',
    'evt.type=socket and not evt.arg.domain contains AF_PACKET',
    'evt.type=socket and (evt.arg.domain contains AF_PACKET or proc.name = x)',
    'evt.type=socket and evt.arg.domain != AF_PACKET',
    'proc.name = x',
  ]) {
    expect(needsOf(packet, wide).probe.sockets, wide).toBe('all');
  }
});

test('lets the kernel drop the opens that no rule names', () => {
  const needs = needsOf('evt.type in (open, openat) and evt.is_open_read=true and fd.name = /etc/shadow');
  expect(needs).toMatchObject({ types: ['open', 'openat'], probe: { prefixes: ['/etc/shadow'] } });
  expect(needs.probe.readHost).toBe('prefix');
});

test('leaves connects of the host in the kernel that no rule names, unless activity stores them', () => {
  const condition = 'evt.type=connect and fd.typechar=4 and fd.sport=443';
  expect(needsOf(condition).probe.connectPorts).toEqual([[443, 443]]);
  expect(needsOf(condition, 'evt.type=connect').probe.connectPorts).toBeUndefined();
  expect(kernelNeeds(undefined, 'full').probe.connectPorts).toBeUndefined();
});

test('follows capabilities that a rule reads', () => {
  expect(needsOf('evt.type=unshare and not thread.cap_effective contains CAP_SYS_ADMIN').types).toContain(
    'capset',
  );
  expect(needsOf('evt.type=unshare').types).not.toContain('capset');
});

test('asks for what activity stores, whatever the rules', () => {
  expect(kernelNeeds(undefined, 'off').types).toEqual([]);
  expect(kernelNeeds(undefined, 'exec').types).toContain('connect');
  expect(kernelNeeds(undefined, 'exec').probe.readHost).toBe('none');
});

const hello: Hello = {
  protocol: 1,
  pid: 1,
  kernel: '6.18',
  cgroup: 'v2',
  bufferBytes: 1,
  readHost: 'prefix',
  readContainer: 'all',
  writeHost: 'all',
  writeContainer: 'all',
  openFailed: 'denied',
  sockets: 'rare',
  prefixes: 0,
  connectPorts: 2,
  calls32: false,
  monotonicNs: '1',
  realtimeNs: '1',
  boottimeNs: '1',
  attached: ['on_exec', 'sys_open', 'sys_openat', 'sys_socket', 'sys_umount'],
  missing: ['sys_init_module'],
};

test('names what a probe that cannot follow the rules leaves out', () => {
  const opens = 'evt.type in (open, openat) and evt.is_open_read=true and fd.name contains id_rsa';
  expect(unmetNeeds(needsOf(opens), hello)).toEqual(['all reads on the host', 'all failed opens']);
  expect(unmetNeeds(needsOf('evt.type in (recvfrom, umount2, init_module)'), hello)).toEqual(['recvfrom']);
  expect(unmetNeeds(needsOf('evt.type=socket'), hello)).toEqual(['all new sockets']);
  const connects = (ports: string) =>
    needsOf(`evt.type=connect and fd.typechar=4 and fd.sport in (${ports})`);
  const sees = { ...hello, attached: [...hello.attached, 'sys_connect'] };
  expect(unmetNeeds(connects('80, 443'), sees)).toEqual([]);
  expect(unmetNeeds(connects('80, 443, 22'), sees)).toEqual(['more connects on the host']);
  expect(unmetNeeds(needsOf('evt.type=connect'), sees)).toEqual(['more connects on the host']);
  expect(unmetNeeds(needsOf('evt.type=open and evt.rawres>=0 and fd.name = /etc/shadow'), hello)).toEqual([]);
});
