import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { CONTAINER, connect, exec, open, READ, WRITE_TRUNCATE } from '../../rulesets/cases/build.ts';
import { SYSCALL_CASES } from '../../rulesets/cases/syscall-cases.ts';
import { isEverything } from '../filter/prefilter.ts';
import { factsOf } from '../filter/prefilter-facts.ts';
import { accepts } from '../filter/prefilter-term.ts';
import { describePrefilter } from './describe-prefilter.ts';
import { loadRules } from './load.ts';
import { type Prefilter, prefilterOf, termsOf } from './prefilter.ts';
import { probeOpens } from './probe-opens.ts';

const RULESETS = join(import.meta.dirname, '../../rulesets');

function ofRules(...rules: readonly { condition: string; output?: string; enabled?: boolean }[]): Prefilter {
  const text = rules
    .map(
      ({ condition, output = 'x', enabled = true }, i) =>
        `- rule: r${i}\n  desc: d\n  condition: ${JSON.stringify(condition)}\n  output: "${output}"\n  priority: INFO\n  enabled: ${enabled}\n`,
    )
    .join('');
  const { ruleset, results } = loadRules([{ name: 'r.yaml', text }]);
  if (!ruleset) throw new Error(JSON.stringify(results));
  return prefilterOf(ruleset.rules);
}

function ofProduct(): Prefilter {
  const names = readdirSync(RULESETS)
    .filter((name) => name.endsWith('.yaml'))
    .sort();
  const { ruleset } = loadRules(
    names.map((name) => ({ name, text: readFileSync(join(RULESETS, name), 'utf8') })),
  );
  if (!ruleset) throw new Error('the rules of the product do not load');
  return prefilterOf(ruleset.rules);
}

describe('prefilterOf', () => {
  it('needs only types that enabled rules name, and all of them when a rule names none', () => {
    const some = ofRules({ condition: 'evt.type = mount' }, { condition: 'evt.type = kill', enabled: false });
    expect(some).toEqual({ types: { mount: [{}] }, others: [] });
    const all = ofRules({ condition: 'evt.type = mount' }, { condition: 'proc.name = cat' });
    expect(all.others).toEqual([{ comm: { in: ['cat'] } }]);
    expect(termsOf(all, 'mount')).toEqual([{}]);
    expect(termsOf(all, 'kill')).toEqual(all.others);
    expect(termsOf(all, 'constructor')).toEqual(all.others);
  });

  it('survives JSON unchanged', () => {
    const prefilter = ofProduct();
    expect(JSON.parse(JSON.stringify(prefilter))).toEqual(prefilter);
  });

  it('keeps every event that fills descriptor tables for rules that read them', () => {
    const reads = { condition: 'evt.type = execve and proc.stdin.type = ipv4' };
    const opens = { condition: 'evt.type in (open, mount) and proc.name = cat' };
    expect(ofRules(opens).types.open).toEqual([{ comm: { in: ['cat'] } }]);
    expect(ofRules(opens, reads).types.open).toEqual([{}]);
    expect(ofRules(opens, reads).types.mount).toEqual([{ comm: { in: ['cat'] } }]);
    expect(ofRules({ ...opens, output: '%proc.stdout.name' }).types.open).toEqual([{}]);
  });
});

describe('the rules of the product', () => {
  const prefilter = ofProduct();
  const host = { container: undefined };

  it('need no type in full but exec, and of opens only named paths', () => {
    expect(prefilter.others).toEqual([]);
    const full = Object.entries(prefilter.types).flatMap(([type, terms]) =>
      isEverything(terms) ? [type] : [],
    );
    expect(full).toEqual([]);
    for (const type of ['open', 'openat', 'openat2', 'creat']) {
      expect(
        termsOf(prefilter, type).every((term) => term.path),
        type,
      ).toBe(true);
    }
  });

  it('let the usual noise stay in the kernel and the interesting through', () => {
    const passes = (event: Parameters<typeof factsOf>[0]): boolean =>
      accepts(termsOf(prefilter, event.type), factsOf(event));
    expect(passes(open('/usr/lib/libc.so.6', READ, {}))).toBe(false);
    expect(passes(open('/tmp/x', WRITE_TRUNCATE, { container: CONTAINER }))).toBe(false);
    expect(passes(open('/etc/shadow', READ, { comm: 'cat' }))).toBe(true);
    expect(passes(open('/etc/shadow', READ, { comm: 'sshd' }))).toBe(false);
    expect(passes(open('/etc/passwd', WRITE_TRUNCATE, host))).toBe(true);
    expect(passes(exec(host))).toBe(true);
    expect(passes(connect('192.0.2.1', 4444, {}))).toBe(true);
  });

  it('lose no event that their cases want', () => {
    const cases = Object.values(SYSCALL_CASES).flatMap(({ fires }) => fires);
    for (const event of cases) {
      if (event.source !== 'syscall') continue;
      expect(accepts(termsOf(prefilter, event.type), factsOf(event)), event.type).toBe(true);
    }
    expect(cases.length).toBeGreaterThan(30);
  });

  it('reduce to options of the probe', () => {
    const opens = probeOpens(prefilter);
    expect(opens).toMatchObject({ openFailed: 'none', readHost: 'prefix' });
    const { prefixes } = opens;
    expect(prefixes.every((prefix) => prefix.startsWith('/'))).toBe(true);
  });
});

describe('probeOpens', () => {
  const read = 'evt.type = openat and evt.is_open_read = true and fd.num >= 0';

  it('asks per kind of open for nothing, beginnings of paths, or everything', () => {
    expect(probeOpens(ofRules({ condition: `${read} and fd.name = /etc/shadow` }))).toEqual({
      readHost: 'prefix',
      readContainer: 'prefix',
      writeHost: 'prefix',
      writeContainer: 'prefix',
      openFailed: 'none',
      prefixes: ['/etc/shadow'],
    });
    expect(
      probeOpens(ofRules({ condition: 'evt.type = creat and container.id != host and evt.res = EACCES' })),
    ).toEqual({
      readHost: 'none',
      readContainer: 'none',
      writeHost: 'none',
      writeContainer: 'all',
      openFailed: 'denied',
      prefixes: [],
    });
    const written = 'evt.type = openat and evt.is_open_write = true and fd.directory = /bin';
    expect(probeOpens(ofRules({ condition: written }))).toMatchObject({
      readHost: 'none',
      writeHost: 'prefix',
      openFailed: 'all',
      prefixes: ['/bin/'],
    });
    expect(probeOpens(ofRules({ condition: `${read} and fd.name endswith .key` })).readHost).toBe('all');
    expect(probeOpens(ofRules({ condition: written }), new Set(['open'])).readHost).toBe('all');
  });
});

describe('describePrefilter', () => {
  it('says per type what the kernel lets through', () => {
    const text = describePrefilter(
      ofRules(
        {
          condition:
            'evt.type in (open, openat) and evt.is_open_write = true and fd.num >= 0 and fd.name startswith /etc/ and not proc.name in (dpkg, apt)',
        },
        { condition: 'evt.type = connect and container.id != host and not fd.sport in (53, 443)' },
        { condition: 'evt.type = mount' },
      ),
    );
    expect(text.split('\n')).toEqual([
      'connect: only',
      '  - in a container; server port ≤ 52, 54–442, ≥ 444',
      'mount: all',
      'open, openat: only',
      '  - flags with write; path begins with /etc/, or is relative, or has // /. or ../ in it; result ≥ 0; thread other than dpkg apt',
    ]);
    expect(describePrefilter({ types: {}, others: [] })).toBe('no event of the kernel is needed');
  });
});
