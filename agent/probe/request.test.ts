import fc from 'fast-check';
import { expect, test } from 'vitest';
import { probeRequestSchema, REQUEST_BYTES_MAX, requestArguments } from './request.ts';

const prefix = `/${'\u{1}'.repeat(126)}`;

test.each([
  ['an event the probe does not know', { events: ['openat', 'open_sesame'] }],
  ['an event that is two options', { events: ['openat --prefix /'] }],
  ['a prefix that is relative', { events: [], prefixes: ['etc'] }],
  ['a prefix that is an option', { events: [], prefixes: ['--skip-pid'] }],
  ['a prefix that is too long', { events: [], prefixes: [`${prefix}x`] }],
  ['a prefix that ends early for C', { events: [], prefixes: ['/a\0b'] }],
  ['too many prefixes', { events: [], prefixes: Array.from({ length: 513 }, () => '/') }],
  ['too many events', { events: Array.from({ length: 200 }, () => 'openat') }],
  ['a word that is none', { events: [], readHost: 'everything' }],
  ['settings that are not its own', { events: [], bufferMiB: 256 }],
  ['a process to leave unwatched', { events: [], skipPid: 1 }],
  ['another process to write to', { events: [], readerPid: 1 }],
  ['no events at all', {}],
  ['a list', []],
  ['nothing', undefined],
])('refuses %s', (_, request) => {
  expect(probeRequestSchema.safeParse(request).success).toBe(false);
});

test('leaves room for every request that is allowed', () => {
  const request = { events: [], prefixes: Array.from({ length: 512 }, () => prefix) };
  expect(probeRequestSchema.safeParse(request).success).toBe(true);
  expect(JSON.stringify(request).length).toBeLessThan(REQUEST_BYTES_MAX);
});

test('turns whatever it accepts into options of a closed list, each with one value', () => {
  const names = new Set(
    '--events --read-host --read-container --write-host --write-container --open-failed --sockets --prefix --connect-ports'.split(
      ' ',
    ),
  );
  const part = fc.oneof(fc.constantFrom('openat', 'prefix', 'all', 'none', '--prefix', '/etc'), fc.string());
  const shape = fc.record(
    {
      events: fc.array(fc.oneof(fc.constantFrom('openat', 'prctl'), part), { maxLength: 3 }),
      readHost: part,
      sockets: part,
      prefixes: fc.array(
        fc.oneof(
          part,
          part.map((text) => `/${text}`),
        ),
        { maxLength: 3 },
      ),
      connectPorts: fc.array(fc.tuple(fc.integer({ min: -1, max: 65_536 }), fc.nat(70_000)), {
        maxLength: 3,
      }),
      x: part,
    },
    { requiredKeys: ['events'] },
  );
  fc.assert(
    fc.property(shape, (asked) => {
      const request = probeRequestSchema.safeParse(asked);
      if (!request.success) return;
      const args = requestArguments(request.data);
      expect(args.length % 2).toBe(0);
      for (let i = 0; i < args.length; i += 2) {
        expect(names).toContain(args[i]);
        expect(args[i + 1]).not.toMatch(/^--/);
      }
    }),
    { numRuns: 2_000 },
  );
});
