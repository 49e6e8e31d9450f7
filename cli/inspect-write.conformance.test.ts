import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { compileFilter } from '../core/filter/compile.ts';
import { parseFilter } from '../core/filter/parser.ts';
import { CORPUS, HAS_CORPUS } from '../rulesets/cases/corpus.ts';
import { readCapture } from './lib/capture-file.ts';
import { writeCapture } from './lib/inspect-write.ts';

const HAS_SYSDIG = existsSync('/usr/bin/sysdig');
const TIMEOUT_MS = 120_000;
/** What restricts a copy, and what is then asked of the copy. */
const WRITTEN = [
  '',
  'evt.dir=<',
  'fd.name exists',
  'evt.type in (read,write,close) and evt.dir=<',
  'proc.name in (cat,curl,nginx,httpd,sh,bash,python,python3)',
  'user.name=root and evt.type in (open,openat,execve,connect,sendto)',
];
const ASKED = ['', 'fd.name contains /etc', 'fd.type in (ipv4,ipv6)', 'proc.pname exists and evt.dir=<'];

if (!HAS_SYSDIG)
  process.stderr.write('written captures are not compared: sysdig is missing (apt install sysdig)\n');

const dir = mkdtempSync(join(tmpdir(), 'eyrie-write-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

function captures(): readonly string[] {
  const root = join(CORPUS, 'captures');
  return readdirSync(root).flatMap((set) =>
    readdirSync(join(root, set)).map((name) => join(root, set, name)),
  );
}

/** Events that sysdig shows; undefined when it cannot open the file. */
function sysdigCount(path: string, filter: string): number | undefined {
  const args = ['-r', path, '-p', '%evt.num', ...(filter === '' ? [] : [filter])];
  const { status, stdout } = spawnSync('sysdig', args, { encoding: 'utf8', maxBuffer: 256 * 1024 * 1024 });
  return status === 0 ? stdout.split('\n').length - 1 : undefined;
}

function compile(filter: string) {
  const parsed = parseFilter(filter);
  if (!parsed.ok) throw new Error(`not a filter: ${filter}`);
  return compileFilter(parsed.ast);
}

async function ownCount(path: string, filter: string): Promise<number> {
  const matches = filter === '' ? () => true : compile(filter);
  let count = 0;
  await readCapture(path, {}, (event) => {
    const shown = matches(event);
    if (shown) count++;
    return shown;
  });
  return count;
}

const both = (one: string, other: string): string =>
  one === '' || other === '' ? one + other : `(${one}) and (${other})`;

describe.runIf(HAS_CORPUS)('a written capture', () => {
  it.runIf(process.env.CI === 'true')('has sysdig to compare with', () => expect(HAS_SYSDIG).toBe(true));

  const rows = HAS_CORPUS ? captures().map((path) => [path.slice(CORPUS.length + 10), path] as const) : [];
  it.skipIf(!HAS_SYSDIG).each(rows)(
    'counts in sysdig as its original does: %s',
    async (_name, path) => {
      const to = join(dir, 'copy.scap');
      const differences: string[] = [];
      for (const [i, filter] of WRITTEN.entries()) {
        await writeCapture(path, {
          to,
          gzip: i % 2 === 1,
          accepts: filter === '' ? undefined : compile(filter),
        });
        for (const asked of ASKED) {
          // sysdig cannot open sections with options: our reader counts those.
          const wanted =
            sysdigCount(path, both(filter, asked)) ?? (await ownCount(path, both(filter, asked)));
          const actual = sysdigCount(to, asked) ?? -1;
          const own = await ownCount(to, asked);
          if (actual !== wanted || own !== wanted) {
            differences.push(`[${filter}] [${asked}]: ${actual} and own ${own}, not ${wanted}`);
          }
        }
      }
      expect(differences).toEqual([]);
    },
    TIMEOUT_MS,
  );
});
