import { describe, expect, it } from 'vitest';
import { legacySteps, readFalcoConfig } from './replay-config.ts';

describe('readFalcoConfig', () => {
  it('has the defaults of falco.yaml', () => {
    const config = readFalcoConfig('', []);
    expect(config.alerts).toEqual({
      json: false,
      isoTime: false,
      includeOutput: true,
      includeMessage: false,
      includeTags: true,
      includeOutputFields: true,
    });
    expect(config).toMatchObject({ matchAll: false, extraOutputs: [], selection: { steps: [] } });
  });

  it('lets settings win over the file, and later ones over earlier ones', () => {
    const config = readFalcoConfig('json_output: true\nrule_matching: all\npriority: error\n', [
      'json_output=false',
      'priority=NOTICE',
      'time_format_iso_8601=true',
      'file_output.filename=',
    ]);
    expect(config).toMatchObject({ matchAll: true, alerts: { json: false, isoTime: true } });
    expect(config.selection.minPriority).toBe(5);
  });

  it('reads rule selection in its order from file and settings', () => {
    const config = readFalcoConfig(
      'rules:\n  - disable:\n      tag: network\n  - enable: {rule: "Write*"}\n',
      ['rules[].disable.rule=Read *'],
    );
    expect(config.selection.steps).toEqual([
      { enable: false, by: 'tag', tag: 'network' },
      { enable: true, by: 'name', pattern: 'Write*' },
      { enable: false, by: 'name', pattern: 'Read *' },
    ]);
  });

  it('reads append_output with plain and formatted fields', () => {
    const config = readFalcoConfig('', [
      'append_output[]={"match": {"source": "syscall", "tags": ["a"]}, "extra_output": "%evt.type", "extra_fields": ["proc.pid", {"who": "%user.name"}]}',
    ]);
    expect(config.extraOutputs).toEqual([
      {
        match: { source: 'syscall', rule: undefined, tags: ['a'] },
        output: '%evt.type',
        fields: [
          { key: 'proc.pid', format: '%proc.pid', raw: true },
          { key: 'who', format: '%user.name', raw: false },
        ],
      },
    ]);
  });

  it.each([
    ['rule_matching: some', [], 'rule matching strategy'],
    ['priority: loud', [], 'Unknown priority'],
    ['json_output: maybe', [], 'json_output must be true or false'],
    ['- a', [], 'not a YAML mapping'],
    ['{', [], 'not YAML'],
    ['', ['nonsense'], 'KEY=VALUE'],
    ['', ['rules[9999999]=x'], 'no index above'],
    ['append_output: [1]', [], 'list of mappings'],
  ])('refuses %j %j', (text, settings, message) => {
    expect(() => readFalcoConfig(text, settings)).toThrow(message);
  });

  it('does not let a setting reach the prototype', () => {
    readFalcoConfig('', ['__proto__.json_output=true', 'constructor.prototype.x=1']);
    expect(({} as Record<string, unknown>).json_output).toBeUndefined();
    expect(({} as Record<string, unknown>).x).toBeUndefined();
  });
});

describe('legacySteps', () => {
  it('runs only tagged rules with -t, and refuses it together with -D or -T', () => {
    const none = { disabledNames: [], disabledTags: [], enabledTags: [] };
    expect(legacySteps({ ...none, enabledTags: ['a'] })).toEqual([
      { enable: false, by: 'name', pattern: '*' },
      { enable: true, by: 'tag', tag: 'a' },
    ]);
    expect(() => legacySteps({ ...none, disabledTags: ['b'], enabledTags: ['a'] })).toThrow('both');
  });
});
