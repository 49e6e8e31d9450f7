import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { watchLogLinks } from './log-links.ts';

const id = (digit: string) => digit.repeat(64);
let dir: string;
const link = (name: string) => symlinkSync('/nowhere', join(dir, name));

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'eyrie-links-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

test('knows the links that are there and those that appear, also after they went', async () => {
  link(`web-1_shop_app-${id('a')}.log`);
  const seen: string[] = [];
  const links = watchLogLinks({ dir, onLink: (one) => seen.push(one) });
  try {
    expect(links.isUsed()).toBe(true);
    expect(links.byId(id('a'))).toEqual({ podName: 'web-1', namespace: 'shop', name: 'app' });
    const name = `db-0_data_side-car-${id('b')}.log`;
    link(name);
    rmSync(join(dir, name));
    await expect.poll(() => seen).toEqual([id('b')]);
    expect(links.byId(id('b'))).toEqual({ podName: 'db-0', namespace: 'data', name: 'side-car' });
  } finally {
    links.stop();
  }
});

test.each([
  ['web_shop_app.log'],
  [`web_shop_app-${id('a').slice(1)}.log`],
  [`a_b_c_d-${id('a')}.log`],
  [`WEB_shop_app-${id('a')}.log`],
  [`web_shop_app-${id('a')}.log.1`],
])('takes no name from %s', (name) => {
  link(name);
  const links = watchLogLinks({ dir, onLink: () => undefined });
  expect(links.byId(id('a'))).toBeUndefined();
  expect(links.isUsed()).toBe(false);
  links.stop();
});

test('does without where there is no such directory', () => {
  const links = watchLogLinks({ dir: join(dir, 'missing'), onLink: () => undefined });
  expect(links.isUsed()).toBe(false);
  links.stop();
});
