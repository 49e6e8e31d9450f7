import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { RulesetHolder } from './ruleset-holder.ts';

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'rules-'));
  mkdirSync(join(dir, 'shipped'));
  mkdirSync(join(dir, 'local'));
  writeFileSync(join(dir, 'shipped', 'a.yaml'), rule('shipped rule'));
});
afterEach(() => rmSync(dir, { recursive: true }));

const rule = (name: string, condition = 'evt.type=openat and proc.name=cat'): string =>
  `- rule: ${name}\n  desc: test\n  condition: ${condition}\n  output: "%proc.name"\n  priority: NOTICE\n`;

const hold = (): RulesetHolder =>
  new RulesetHolder({
    shippedDir: join(dir, 'shipped'),
    localDir: join(dir, 'local'),
    pushedFile: join(dir, 'ruleset.json'),
    onChange: () => {},
    onError: () => {},
  });
const names = (holder: RulesetHolder): string[] => holder.ruleset?.rules.map(({ name }) => name) ?? [];

describe('RulesetHolder', () => {
  it('loads local rules after the shipped ones', () => {
    writeFileSync(join(dir, 'local', 'z.yaml'), rule('local rule'));
    expect(names(hold())).toEqual(['shipped rule', 'local rule']);
  });

  it('replaces the shipped rules by those of the server and keeps them over a restart', () => {
    const holder = hold();
    holder.push({ version: 'v2', files: [{ name: 'server.yaml', text: rule('server rule') }] });
    expect(names(holder)).toEqual(['server rule']);
    expect(names(hold())).toEqual(['server rule']);
  });

  it('refuses a ruleset with any fault as a whole, names it, and keeps the one before', () => {
    const holder = hold();
    const before = holder.state.version;
    const files = [
      { name: 'good.yaml', text: rule('good') },
      { name: 'bad.yaml', text: rule('bad', 'evt.type=openat and (') },
    ];
    holder.push({ version: 'v3', files });
    expect(names(holder)).toEqual(['shipped rule']);
    expect(holder.state).toEqual({
      version: before,
      refused: {
        version: 'v3',
        message: expect.stringMatching(/^bad\.yaml:\d+:\d+: LOAD_ERR_COMPILE_CONDITION/),
      },
    });
  });

  it('takes up changed local files, and a repaired one clears the refusal', () => {
    const holder = hold();
    writeFileSync(join(dir, 'local', 'z.yaml'), 'not: [rules');
    expect(holder.reload()).toBe(false);
    expect(names(holder)).toEqual(['shipped rule']);
    writeFileSync(join(dir, 'local', 'z.yaml'), rule('repaired'));
    expect(holder.reload()).toBe(true);
    expect(names(holder)).toEqual(['shipped rule', 'repaired']);
    expect(holder.state.refused).toBeUndefined();
  });

  it('starts with the shipped rules when what the server once sent no longer loads', () => {
    writeFileSync(
      join(dir, 'ruleset.json'),
      JSON.stringify({ version: 'x', files: [{ name: 'x', text: '- rule: 7' }] }),
    );
    expect(names(hold())).toEqual(['shipped rule']);
  });
});
