import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Harness, startHarness } from './testing/sensor-harness.ts';

let h: Harness;

beforeAll(async () => {
  h = await startHarness();
}, 120_000);
afterAll(() => h?.close());

const at = (name: string) => join(h.dir, name);
const made = (name: string, type: string) =>
  h.event(
    (e) =>
      e.type === type &&
      e.thread?.exe === h.calls &&
      e.thread.args[0] === name &&
      e.fd?.name !== '/etc/ld.so.cache' &&
      !String(e.args.name).includes('/lib/'),
  );

test('sees open with flags, mode, inode and that the file was created', async () => {
  await h.call('open', 'new-file');
  const { res, args, argText, fd, fdNum } = await made('open', 'open');
  expect(res).toBeGreaterThan(2);
  expect(fdNum).toBe(res);
  expect(fd).toMatchObject({ typechar: 'f', name: at('new-file'), nameRaw: 'new-file' });
  expect(args).toMatchObject({ fd: res, name: 'new-file', mode: 0o640 });
  expect(argText).toMatchObject({
    name: `new-file(${at('new-file')})`,
    flags: 'O_EXCL|O_CREAT|O_RDWR|O_F_CREATED',
    mode: '0640',
  });
  expect(args.ino).toBeGreaterThan(0);
});

test('sees creat', async () => {
  await h.call('creat', at('created'));
  const event = await made('creat', 'creat');
  expect(event.fd?.name).toBe(at('created'));
  expect(event.args.mode).toBe(0o600);
});

test('resolves a path against the directory descriptor of openat', async () => {
  await mkdir(at('sub'));
  await writeFile(at('sub/inner'), '');
  await h.call('openat', at('sub'), '../sub/./inner');
  const event = await h.event((e) => e.type === 'openat' && e.args.name === '../sub/./inner');
  expect(event.fd?.name).toBe(at('sub/inner'));
  expect(event.fd?.nameRaw).toBe('../sub/./inner');
});

test('sees openat2 with resolve flags, and failed opens with their error', async () => {
  await h.call('openat2', '/etc/hostname');
  const event = await made('openat2', 'openat2');
  expect(event.args).toMatchObject({ name: '/etc/hostname', resolve: 4, flags: 4097 });
  await h.call('openat2', '/nowhere/at/all').catch(() => undefined);
  const failed = await h.event((e) => e.type === 'openat2' && e.args.name === '/nowhere/at/all');
  expect(failed).toMatchObject({ res: -2, fdNum: -1 });
  expect(failed.fd?.name).toBe('/nowhere/at/all');
});

test('names the file that is opened by its handle', async () => {
  await writeFile(at('handled'), '');
  await h.call('handle', at('handled'));
  const event = await made('handle', 'open_by_handle_at');
  expect(event.fd).toMatchObject({ typechar: 'f', name: at('handled') });
  expect(event.args).toMatchObject({ path: at('handled'), flags: 1 });
});

test('sees unlink, unlinkat of a directory, and both names of a rename', async () => {
  await writeFile(at('a'), '');
  await mkdir(at('d'));
  await h.call('rename', 'a', at('b'));
  const rename = await made('rename', 'rename');
  expect(rename.args).toMatchObject({ res: 0, oldpath: 'a', newpath: at('b') });
  expect(rename.argText.oldpath).toBe(`a(${at('a')})`);
  await h.call('renameat2', at('b'), 'c');
  const renameat2 = await made('renameat2', 'renameat2');
  expect(renameat2.args).toMatchObject({ olddirfd: -100, oldpath: at('b'), newpath: 'c', flags: 1 });
  expect(renameat2.argText).toMatchObject({ olddirfd: '-100(AT_FDCWD)', newpath: `c(${at('c')})` });
  await h.call('unlink', at('c'));
  expect((await made('unlink', 'unlink')).args).toEqual({ res: 0, path: at('c') });
  await h.call('unlinkat', 'd');
  const unlinkat = await made('unlinkat', 'unlinkat');
  expect(unlinkat.argText).toMatchObject({ name: `d(${at('d')})`, flags: 'AT_REMOVEDIR' });
});

test('sees chmod with set-id bits by name, and fchmod with the path of the descriptor', async () => {
  await writeFile(at('m'), '');
  await h.call('chmod', at('m'));
  const chmod = await made('chmod', 'chmod');
  expect(chmod.args).toEqual({ res: 0, filename: at('m'), mode: 0o6755 });
  expect(chmod.argText.mode).toContain('S_ISGID|S_ISUID');
  await h.call('fchmod', at('m'));
  const fchmod = await made('fchmod', 'fchmod');
  expect(fchmod.fd?.name).toBe(at('m'));
  expect(fchmod.args.mode).toBe(0o700);
});

test('sees hard and symbolic links', async () => {
  await writeFile(at('target'), '');
  await h.call('linkat', at('target'), at('hard'));
  expect((await made('linkat', 'linkat')).args).toMatchObject({ oldpath: at('target'), newpath: at('hard') });
  await h.call('symlinkat', '/etc/shadow', at('soft'));
  expect((await made('symlinkat', 'symlinkat')).args).toMatchObject({
    target: '/etc/shadow',
    linkpath: at('soft'),
  });
});

test('drops in the kernel the reads of host processes that no prefix wants', async () => {
  const narrow = await startHarness({ probe: { readHost: 'prefix', prefixes: ['/etc/shadow'] } });
  try {
    await narrow.call('openat2', '/etc/hostname');
    await narrow.call('openat2', '/etc/shadow');
    await narrow.call('openat2', '/etc/../etc/hostname');
    const opened = (name: string) => (e: { type: string; args: Readonly<Record<string, unknown>> }) =>
      e.type === 'openat2' && e.args.name === name;
    await narrow.event(opened('/etc/shadow'));
    // A spelling that could hide a wanted path is kept, and the last of the three, so the first was dropped.
    await narrow.event(opened('/etc/../etc/hostname'));
    expect(narrow.events.some(opened('/etc/hostname'))).toBe(false);
  } finally {
    await narrow.close();
  }
}, 60_000);
