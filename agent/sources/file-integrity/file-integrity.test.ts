import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { SyscallEvent } from '../../../core/events/syscall.ts';
import { emptyThread } from '../../enrich/thread.ts';
import { Spool } from '../../spool/spool.ts';
import { spooledItems } from '../testing/spooled-items.ts';
import { FileIntegrity } from './file-integrity.ts';
import { changeOf, fingerprint } from './fingerprint.ts';

let dir: string;
let etc: string;
let spool: Spool;
let integrity: FileIntegrity | undefined;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'integrity-'));
  etc = join(dir, 'etc');
  mkdirSync(join(etc, 'cron.d'), { recursive: true });
  writeFileSync(join(etc, 'passwd'), 'root:x:0:0\n');
  writeFileSync(join(etc, 'cron.d', 'daily'), '0 0 * * * root true\n');
  spool = openSpool();
});
afterEach(async () => {
  await integrity?.close();
  spool.close();
  rmSync(dir, { recursive: true });
});

const openSpool = (): Spool => new Spool({ dir: join(dir, 'spool'), fsync: { kind: 'never' } });
const watchedInodes = () =>
  readdirSync('/proc/self/fdinfo').flatMap((fd) => {
    const at = `/proc/self/fdinfo/${fd}`;
    const info = existsSync(at) ? readFileSync(at, 'utf8') : ''; // the listing itself is closed by now
    return [...info.matchAll(/^inotify wd:\w+ ino:(\w+)/gm)].map(([, ino]) => Number.parseInt(ino ?? '', 16));
  });
function startWatching(
  paths = [join(etc, 'passwd'), join(etc, 'cron.d'), join(etc, 'ld.so.preload')],
  hasSensor = () => false,
) {
  integrity = new FileIntegrity({
    paths,
    baselineFile: join(dir, 'baseline.json'),
    node: 'n1',
    spool,
    hasSensor,
    nowMs: Date.now,
    onError: () => {},
    settleMs: 5,
    pollMs: 20,
  });
  integrity.start();
  return integrity;
}
async function watchFiles(paths?: string[]) {
  const watching = startWatching(paths);
  await watching.idle();
  return watching;
}
const events = () => spooledItems(spool).flatMap((item) => (item.k === 'event' ? [item] : []));
const told = () => events().map(({ type, object }) => `${type} ${object?.slice(etc.length)}`);
const tells = (...expected: string[]) =>
  expect.poll(told, { interval: 5, timeout: 30_000 }).toEqual(expected);
async function restart(): Promise<void> {
  await integrity?.close();
  spool.close();
  spool = openSpool();
}

describe('FileIntegrity', { timeout: 60_000 }, () => {
  it('takes the first look as it is and then tells every change with what it was before', async () => {
    await watchFiles();
    expect(told()).toEqual([]);
    appendFileSync(join(etc, 'passwd'), 'eve:x:0:0\n');
    await tells('modified /passwd');
    writeFileSync(join(etc, 'ld.so.preload'), '/tmp/evil.so\n');
    await tells('modified /passwd', 'created /ld.so.preload');
    chmodSync(join(etc, 'cron.d', 'daily'), 0o4755);
    await tells('modified /passwd', 'created /ld.so.preload', 'attributes /cron.d/daily');
    const [modified, , attributes] = events();
    expect(modified).toMatchObject({
      source: 'file_integrity',
      rule: 'Watched file changed',
      categories: ['file'],
      summary: `${join(etc, 'passwd')} was changed by an unknown process`,
      fields: {
        'file.old_hash': expect.stringMatching(/^[0-9a-f]{64}$/),
        'file.new_hash': expect.stringMatching(/^[0-9a-f]{64}$/),
        'file.old_size': 11,
        'file.new_size': 21,
      },
    });
    expect(modified?.fields['file.old_hash']).not.toBe(modified?.fields['file.new_hash']);
    expect(attributes?.fields).toMatchObject({ 'file.old_mode': '0644', 'file.new_mode': '04755' });
    unlinkSync(join(etc, 'cron.d', 'daily'));
    await expect.poll(() => told().at(-1), { timeout: 30_000 }).toBe('deleted /cron.d/daily');
  });

  it('tells what changed while the agent was down, once', async () => {
    await watchFiles();
    await restart();
    appendFileSync(join(etc, 'passwd'), 'eve:x:0:0\n');
    writeFileSync(join(etc, 'cron.d', 'new'), 'x');
    unlinkSync(join(etc, 'cron.d', 'daily'));
    await watchFiles();
    expect(told().sort()).toEqual(['created /cron.d/new', 'deleted /cron.d/daily', 'modified /passwd']);
    expect(events()[0]?.summary).toContain('while the agent was down');
    await restart();
    await watchFiles();
    expect(told()).toHaveLength(3);
  });

  it('tells nothing twice when the baseline could not be written after the events', async () => {
    await watchFiles();
    await integrity?.close();
    const baseline = join(dir, 'baseline.json');
    appendFileSync(join(etc, 'passwd'), 'eve\n');
    mkdirSync(`${baseline}.tmp`);
    await watchFiles();
    expect(told()).toEqual(['modified /passwd']);
    expect(integrity?.health).toMatchObject({ state: 'degraded' });
    rmSync(`${baseline}.tmp`, { recursive: true });
    await restart();
    await watchFiles();
    expect(told()).toEqual(['modified /passwd']);
  });

  it('sees a file replaced by rename, a link turned elsewhere, and content with its times put back', async () => {
    symlinkSync('/bin/true', join(etc, 'cron.d', 'link'));
    const past = new Date('2026-01-01T00:00:00Z');
    utimesSync(join(etc, 'passwd'), past, past);
    await watchFiles();
    writeFileSync(join(etc, 'passwd'), 'rott:x:0:0\n');
    utimesSync(join(etc, 'passwd'), past, past);
    await tells('modified /passwd');
    writeFileSync(join(dir, 'other'), 'x');
    renameSync(join(dir, 'other'), join(etc, 'cron.d', 'daily'));
    await tells('modified /passwd', 'modified /cron.d/daily');
    symlinkSync('/bin/sh', join(dir, 'link'));
    renameSync(join(dir, 'link'), join(etc, 'cron.d', 'link'));
    await tells('modified /passwd', 'modified /cron.d/daily', 'modified /cron.d/link');
  });

  it('tells of a file that was replaced also what is written to it after that', async () => {
    await watchFiles();
    writeFileSync(join(dir, 'other'), 'x');
    renameSync(join(dir, 'other'), join(etc, 'passwd'));
    await tells('modified /passwd');
    appendFileSync(join(etc, 'passwd'), 'eve:x:0:0\n');
    await tells('modified /passwd', 'modified /passwd');
    unlinkSync(join(etc, 'passwd'));
    await tells('modified /passwd', 'modified /passwd', 'deleted /passwd');
  });

  it('puts no watch on a directory of which only single files matter', async () => {
    await watchFiles();
    const watched = watchedInodes();
    const inode = (path: string) => statSync(join(etc, path)).ino;
    expect(watched).toContain(inode('passwd'));
    expect(watched).toContain(inode('cron.d'));
    expect(watched).not.toContain(inode('.'));
  });

  it('leaves nothing watched when closed in the middle of a look', async () => {
    const before = watchedInodes().length;
    const watching = startWatching();
    await new Promise(setImmediate); // the first look has begun
    await watching.close();
    expect(watchedInodes()).toHaveLength(before);
  });

  it('takes paths that are new on its list without alarm, and forgets those taken off', async () => {
    await watchFiles([join(etc, 'passwd')]);
    await restart();
    const both = await watchFiles([join(etc, 'passwd'), join(etc, 'cron.d')]);
    expect(told()).toEqual([]);
    expect(both.health.detail).toContain('2 files');
    await restart();
    expect((await watchFiles([join(etc, 'cron.d')])).health.detail).toContain('1 files');
    expect(told()).toEqual([]);
  });

  it('goes on with a new baseline when the old one is damaged, and says so', async () => {
    await watchFiles();
    await integrity?.close();
    writeFileSync(join(dir, 'baseline.json'), '{"version":');
    const again = await watchFiles();
    expect(again.counters.integrity_faults).toBe(1);
    appendFileSync(join(etc, 'passwd'), 'eve\n');
    await tells('modified /passwd');
  });

  it('sees files appear in directories that were not there', async () => {
    const watched = await watchFiles([join(etc, 'systemd', 'system')]);
    expect(watched.health.state).toBe('blind');
    mkdirSync(join(etc, 'systemd', 'system', 'a.wants'), { recursive: true });
    writeFileSync(join(etc, 'systemd', 'system', 'evil.service'), 'x');
    await restart();
    await watchFiles([join(etc, 'systemd', 'system')]);
    expect(told()).toEqual(['created /systemd/system/evil.service']);
  });
});

describe('changeOf', () => {
  it('calls times alone no change where the content is known, and a change where it is not', async () => {
    const path = join(etc, 'passwd');
    const before = await fingerprint(path);
    utimesSync(path, new Date(0), new Date(0));
    const after = await fingerprint(path, before);
    expect(changeOf(before, after)).toBeUndefined();
    if (before === undefined || after === undefined) throw new Error('no fingerprint');
    const { hash: _, ...unread } = before;
    expect(changeOf(unread, { ...unread, ctimeNs: '1' })).toBe('modified');
  });
});

it('names who changed a file, not who touched it before, though the sensor tells it a moment later', async () => {
  const path = join(etc, 'passwd');
  const opened = (comm: string): SyscallEvent => ({
    source: 'syscall',
    num: 1,
    timeNs: BigInt(Date.now()) * 1_000_000n,
    cpu: 0,
    type: 'openat',
    dir: '<',
    tid: 7,
    thread: { ...emptyThread(7), comm },
    res: 3,
    args: {},
    argText: {},
    fdNum: 3,
    fd: { typechar: 'f', name: path, nameRaw: undefined, tuple: undefined, openFlags: 2 },
  });
  let isAsked = false;
  const watching = startWatching([path], () => {
    // The probe hands over what it saw of the change only now.
    if (!isAsked) setTimeout(() => watching.see(opened('changer')), 20);
    isAsked = true;
    return true;
  });
  await watching.idle();
  watching.see(opened('earlier'));
  appendFileSync(path, 'eve:x:0:0\n');
  await tells('modified /passwd');
  expect(events()[0]?.process).toBe('changer');
});
