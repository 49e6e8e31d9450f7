import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { runRules } from './rules.ts';

let directory: string;
let file: string;

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'rules-'));
  file = join(directory, 'rules.yaml');
  const rule = (name: string, condition: string, source: string) =>
    `- rule: ${name}\n  desc: d\n  condition: ${condition}\n  output: o\n  priority: INFO\n  source: ${source}\n`;
  const plugin = '- required_plugin_versions:\n  - {name: cloudtrail, version: 0.2.3}\n';
  const open = rule('open', 'evt.type in (openat, connect) and proc.name = cat', 'syscall');
  writeFileSync(file, plugin + open + rule('audit', 'ka.verb = get', 'k8s_audit'));
});

afterAll(() => rmSync(directory, { recursive: true }));
afterEach(() => vi.restoreAllMocks());

async function output(...args: string[]): Promise<string> {
  let text = '';
  vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  expect(await runRules(args)).toBe(0);
  return text;
}

test('explain tells the hooks that a rule makes the sensor attach, and none for audit rules', async () => {
  const explained = JSON.parse(await output('explain', file, '--json'));
  expect(explained[0].hooks).toEqual(['connect', 'openat']);
  expect(explained[1].hooks).toBeNull();
  expect(await output('explain', file, '--rule', 'open')).toMatch(/^hooks .*as always, connect, openat$/m);
});

test('check notes a plugin that is not built in, and does not refuse the file for it', async () => {
  expect(await output('check', file)).toContain(
    'note: Plugin requirement not satisfied, must load one of: cloudtrail',
  );
  expect(await output('check', file, '--json')).not.toContain('must load');
});
