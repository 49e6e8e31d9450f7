import { expect, test } from 'vitest';
import { blindSpots } from './blind-spots.ts';

test('is content only where no way around the hooks is open', () => {
  expect(blindSpots(false, '2')).toMatchObject({ state: 'ok' });
});

test.each([
  [true, '2', /^32-bit system calls are possible/, /ia32_emulation=0/],
  [null, '2', /^32-bit system calls may be possible/, /ia32_emulation=0/],
  [false, '1', /^privileged programs can .* io_uring/, /io_uring_disabled=2/],
  [false, '0', /^programs can .* io_uring/, /io_uring_disabled=2/],
  [false, undefined, /^programs can .* io_uring/, /io_uring_disabled=2/],
])(
  'names what is open and how to close it: 32-bit calls %s, io_uring %s',
  (calls32, ioUring, detail, fix) => {
    const item = blindSpots(calls32, ioUring);
    expect(item).toMatchObject({ state: 'limited', detail: expect.stringMatching(detail) });
    expect(item.fix).toMatch(fix);
    expect(item.detail).not.toContain(';');
  },
);
