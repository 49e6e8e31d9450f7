import { mkdir, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadRules } from '../core/rules/load.ts';
import { Detector } from './detect/detector.ts';
import { buildProbe } from './probe/build.ts';
import { type Harness, startHarness } from './testing/sensor-harness.ts';

const RULES = `
- rule: shadow
  desc: d
  condition: evt.type in (open, openat, openat2) and evt.is_open_read=true and fd.name = /etc/shadow
  output: "%fd.name"
  priority: WARNING
`;
/** Names of all lengths about a word's, and beyond what a dentry holds itself. */
const PLAIN = [
  'plain',
  'a',
  'seven77',
  'eight888',
  'nine99999',
  'dir/file',
  `${'n'.repeat(39)}`,
  `${'n'.repeat(40)}`,
  `long-${'n'.repeat(60)}`,
  'deep/b/c/d/e/f',
];
let h: Harness;
let detector: Detector;

describe.each([
  ['of this kernel', false],
  ['of kernels before 6.2', true],
])('with the probe %s', (_, beforeLinux62) => {
  /** Everything that no prefix wants is dropped in the kernel; what hides /etc/shadow must come through. */
  beforeAll(async () => {
    h = await startHarness({
      probePath: await buildProbe({ beforeLinux62 }),
      probe: { readHost: 'prefix', prefixes: ['/etc/shadow'], openFailed: 'all' },
    });
    const { ruleset } = loadRules([{ name: 'rules.yaml', text: RULES }]);
    const onError = (message: string) => {
      throw new Error(message);
    };
    detector = new Detector({ node: 'n', ruleset: () => ruleset, activity: 'off', onError });
    await symlink('/etc', join(h.dir, 'link'));
    await symlink('/etc/shadow', join(h.dir, 'file'));
    await mkdir(join(h.dir, 'sub'));
    await symlink('/etc/shadow', join(h.dir, 'shadow'));
    for (const plain of PLAIN) await mkdir(dirname(join(h.dir, plain)), { recursive: true });
    for (const plain of PLAIN) await writeFile(join(h.dir, plain), '');
  }, 120_000);
  afterAll(() => h?.close());

  const long = () => `/tmp/${'../tmp/'.repeat(30)}../etc/shadow`;
  const slow = () => `/tmp/${'./'.repeat(120)}../etc/shadow`;

  test.each([
    ['climbs', () => ['/tmp/../etc/shadow']],
    ['climbs beyond what the kernel looks at', () => [`${h.dir}/${'d'.repeat(180)}/../../../etc/shadow`]],
    ['climbs many times', () => [long()]],
    ['pads with dots', () => [slow()]],
    ['pads with slashes', () => [`/${'/'.repeat(300)}etc/shadow`]],
    ['is relative', () => ['etc/shadow', '/']],
    ['is relative and climbs', () => ['../etc/shadow', '/tmp']],
    ['goes by its own root', () => ['/proc/self/root/etc/shadow']],
    ['goes by its working directory', () => ['/proc/self/cwd/shadow', '/etc']],
    ['goes through a linked directory', () => [`${h.dir}/link/shadow`]],
    ['is a link to the file', () => [`${h.dir}/file`]],
    ['has the name of the file in another directory', () => [`${h.dir}/shadow`]],
    ['is a relative link', () => ['file', h.dir]],
    ['starts at a root directory of its own', () => ['/shadow', '', 'in', '/etc']],
  ])('a path that %s does not hide the file from the rule', async (_, spelled) => {
    const [path = '', from = '', ...before] = spelled();
    if (path.includes('ddd')) await mkdir(path.slice(0, path.indexOf('/..')), { recursive: true });
    await h.call(...before, 'read', path, from);
    const event = await h.event((e) => e.type === 'open' && e.args.name === path);
    const record = detector.syscall(event);
    expect(record?.rule).toBe('shadow');
    expect(record?.output).toContain('/etc/shadow');
  });

  test.each(PLAIN)('drops the plain path %s in the kernel', async (plain) => {
    await h.call('read', join(h.dir, plain));
    await h.call('read', '/etc/shadow');
    await h.event((e) => e.type === 'open' && e.args.name === '/etc/shadow');
    expect(h.events.filter((e) => e.type === 'open' && e.fd?.name === join(h.dir, plain))).toEqual([]);
  });
});
