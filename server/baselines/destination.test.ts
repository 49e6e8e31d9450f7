import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { destinationOf } from './destination.ts';
import { DESTINATIONS_MAX, visitsOf } from './destinations.ts';
import { observe } from './observe.ts';
import { namesByIp } from './pod-names.ts';
import type { Connection } from './read-connections.ts';

const nobody = () => undefined;
const connection = (object: string, n: number, type = 'connect'): Connection => ({
  id: `id-${n}`,
  time: new Date(n),
  receivedAt: new Date(n),
  namespace: 'shop',
  workload: 'Deployment/web',
  type,
  object,
});
const sightings = (rows: readonly Connection[]) => [
  ...(observe(rows, nobody).get('shop/Deployment/web')?.destinations.values() ?? []),
];

describe('a destination', () => {
  it.each([
    ['203.0.113.7:443', '203.0.113.7:443', '203.0.113.0/24'],
    ['[2001:DB8:0:1:0::7]:443', '[2001:db8:0:1::7]:443', '2001:db8:0:1::/64'],
    ['[::ffff:203.0.113.7]:80', '203.0.113.7:80', '203.0.113.0/24'],
    ['169.254.169.254:80', '169.254.169.254:80', '169.254.169.0/24'],
  ])('of %s has one spelling', (object, exact, network) => {
    expect(destinationOf(object, nobody)).toEqual({ exact, network });
  });

  it.each([
    '127.0.0.1:1',
    '[::1]:53',
    '0.0.0.0:1',
    '[::]:1',
    '[::ffff:127.0.0.1]:9',
    '',
    'x',
    '1.2.3.4:99999',
    '999.1.1.1:1',
    '[:]:1',
    '/run/x.sock',
  ])('is none: %s', (object) => {
    expect(destinationOf(object, nobody)).toBeUndefined();
  });

  it('is the workload where the address is a pod of it', () => {
    const names = namesByIp([
      {
        metadata: { name: 'db-0', namespace: 'shop' },
        phase: 'Running',
        ip: '10.0.0.5',
        owner: 'StatefulSet/db',
      },
      { metadata: { name: 'old', namespace: 'x' }, phase: 'Succeeded', ip: '10.0.0.5', owner: 'Job/old' },
      { metadata: { name: 'a', namespace: 'x' }, phase: 'Running', ip: '10.0.0.1', owner: 'DaemonSet/a' },
      { metadata: { name: 'b', namespace: 'x' }, phase: 'Running', ip: '10.0.0.1', owner: 'DaemonSet/b' },
    ]);
    const of = (object: string) => destinationOf(object, (ip) => names.get(ip))?.exact;
    expect([of('10.0.0.5:5432'), of('10.0.0.1:6443')]).toEqual(['shop/StatefulSet/db:5432', '10.0.0.1:6443']);
  });

  it('is found in any text without an error, and has bounded length', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.ipV6().map((ip) => `[${ip}]:1`),
          fc.ipV4().map((ip) => `${ip}:1`),
        ),
        (object) => {
          const found = destinationOf(object, nobody);
          expect(found?.exact.length ?? 0).toBeLessThanOrEqual(47);
          if (found !== undefined) expect(destinationOf(found.exact, nobody)).toEqual(found);
        },
      ),
    );
  });
});

describe('what a page says', () => {
  it('has no destination for inbound connections, whose port is a new one each time', () => {
    expect(sightings([connection('10.0.0.9:41234', 1, 'accept')])).toEqual([]);
  });

  it('keeps the first and the last time, whatever the order of arrival', () => {
    const [only, ...rest] = sightings([5, 2, 9].map((n) => connection('10.0.0.9:80', n)));
    expect([only?.first.id, only?.lastMs, rest]).toEqual(['id-2', 9, []]);
  });

  it('is remembered by network when there are too many destinations, and not at all after that', () => {
    const rows = Array.from({ length: 3 }, (_, n) => connection(`10.9.${n}.1:80`, n));
    const same = connection('10.9.0.2:81', 9);
    const all = sightings([...rows, same]);
    const full = { exact: DESTINATIONS_MAX - 1, networks: DESTINATIONS_MAX - 1 };
    const names = visitsOf(all, () => false, full).map(({ destination, isNew }) => [destination, isNew]);
    expect(names).toEqual([
      ['10.9.0.1:80', true],
      ['10.9.1.0/24', true],
    ]);
    const known = visitsOf(all, (name) => name === '10.9.0.0/24', { exact: 0, networks: 0 });
    expect(known.map(({ destination, isNew }) => [destination, isNew])).toEqual([
      ['10.9.0.0/24', false],
      ['10.9.1.1:80', true],
      ['10.9.2.1:80', true],
    ]);
  });

  it('never takes more places than are left', () => {
    const places = fc.array(fc.tuple(fc.nat({ max: 255 }), fc.nat({ max: 255 })), { maxLength: 300 });
    fc.assert(
      fc.property(places, fc.nat({ max: 20 }), fc.nat({ max: 20 }), (ips, exactLeft, networksLeft) => {
        const rows = ips.map(([a, b], n) => connection(`10.1.${a}.${b}:80`, n));
        const left = { exact: DESTINATIONS_MAX - exactLeft, networks: DESTINATIONS_MAX - networksLeft };
        const visits = visitsOf(sightings(rows), () => false, left);
        expect(visits.filter(({ isNetwork }) => !isNetwork).length).toBeLessThanOrEqual(exactLeft);
        expect(visits.filter(({ isNetwork }) => isNetwork).length).toBeLessThanOrEqual(networksLeft);
      }),
      { numRuns: 50 },
    );
  });
});
