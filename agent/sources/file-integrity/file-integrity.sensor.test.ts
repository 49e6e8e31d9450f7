import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Spool } from '../../spool/spool.ts';
import { type Harness, startHarness } from '../../testing/sensor-harness.ts';
import { spooledItems } from '../testing/spooled-items.ts';
import { FileIntegrity } from './file-integrity.ts';

/** The real probe tells who changed real files. */
describe('FileIntegrity with the kernel sensor', () => {
  let dir: string;
  let etc: string;
  let spool: Spool;
  let integrity: FileIntegrity;
  let harness: Harness;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), 'integrity-'));
    etc = join(dir, 'etc');
    mkdirSync(join(etc, 'linked'), { recursive: true });
    for (const name of ['append', 'sed', 'mode', 'gone', 'quiet', 'linked/hard'])
      writeFileSync(join(etc, name), 'one\ntwo\n');
    spool = new Spool({ dir: join(dir, 'spool'), fsync: { kind: 'never' } });
    integrity = new FileIntegrity({
      paths: [etc],
      baselineFile: join(dir, 'baseline.json'),
      node: 'n1',
      spool,
      hasSensor: () => true,
      nowMs: Date.now,
      onError: () => {},
      settleMs: 20,
      // A write through a link elsewhere is no event of the watched directory: only the next look finds it.
      scanMs: 1_000,
    });
    harness = await startHarness({ onEvent: (event) => integrity.see(event) });
    integrity.start();
    await integrity.idle();
  });
  afterAll(async () => {
    await integrity.close();
    await harness.close();
    spool.close();
    rmSync(dir, { recursive: true });
  });

  const changeOf = async (name: string) => {
    const path = join(etc, name);
    const events = () =>
      spooledItems(spool).flatMap((item) => (item.k === 'event' && item.object === path ? [item] : []));
    await expect.poll(() => events().length, { interval: 20, timeout: 20_000 }).toBeGreaterThan(0);
    return events()[0];
  };

  it.each([
    ['append', ['sh', '-c', 'echo eve >> "$0"'], 'modified', 'sh', 'openat'],
    ['sed', ['sed', '-i', 's/one/three/'], 'modified', 'sed', 'rename'],
    ['mode', ['chmod', '4755'], 'attributes', 'chmod', 'fchmodat'],
    ['gone', ['rm'], 'deleted', 'rm', 'unlinkat'],
    ['new', ['cp', '/etc/hostname'], 'created', 'cp', 'openat'],
  ])('names the process that changed %s', async (name, [command = '', ...args], type, process, call) => {
    execFileSync(command, [...args, join(etc, name)]);
    expect(await changeOf(name)).toMatchObject({
      type,
      process,
      summary: expect.stringContaining(`${process} `),
      fields: {
        'file.attribution': 'file',
        'file.call': expect.stringContaining(call.replace(/at$/, '')),
        'proc.pname': expect.any(String),
        'proc.cmdline': expect.stringContaining(command),
      },
    });
  });

  it('knows the file by its inode where the process used another path', async () => {
    const other = join(dir, 'other');
    execFileSync('ln', [join(etc, 'linked', 'hard'), other]);
    execFileSync('sh', ['-c', 'echo eve >> "$0"', other]);
    expect(await changeOf('linked/hard')).toMatchObject({
      process: 'sh',
      fields: { 'file.attribution': 'file' },
    });
  });
});
