import { expect, test } from 'vitest';
import { prefilterOf } from './prefilter.ts';
import { probeConnects } from './probe-connects.ts';
import { rulesOf } from './testing/rules-of.ts';

const portsOf = (...conditions: readonly string[]) =>
  probeConnects(prefilterOf(rulesOf(...conditions).rules));
const INTERNET = 'evt.type=connect and fd.typechar in (4, 6)';

test('names the ports that rules want on the host, sorted and apart', () => {
  expect(portsOf(`${INTERNET} and fd.sport in (443, 80, 81, 22)`)).toEqual([
    [22, 22],
    [80, 81],
    [443, 443],
  ]);
  expect(
    portsOf(`${INTERNET} and fd.sport >= 30000 and fd.sport < 32768`, `${INTERNET} and fd.sport=30001`),
  ).toEqual([[30000, 32767]]);
});

test('wants none on the host when rules ask for containers alone, or for no connect', () => {
  expect(portsOf(`${INTERNET} and container.id != host`)).toEqual([]);
  expect(portsOf('evt.type=openat and fd.name=/x')).toEqual([]);
});

test('wants all when a rule could hold for any port, for a unix socket, or for whatever a table has', () => {
  expect(portsOf('evt.type=connect')).toBeUndefined();
  expect(portsOf('proc.name=x')).toBeUndefined();
  expect(portsOf('evt.type=connect and fd.sport=80')).toBeUndefined();
  expect(portsOf(`${INTERNET} and not fd.sport=80 and proc.name=x or evt.type=connect`)).toBeUndefined();
  expect(portsOf(`${INTERNET} and fd.sport=80`, 'evt.type=execve and proc.stdin.type=ipv4')).toBeUndefined();
  const many = Array.from({ length: 65 }, (_, n) => 1_000 + 2 * n).join(', ');
  expect(portsOf(`${INTERNET} and fd.sport in (${many})`)).toBeUndefined();
});
