import { describe, expect, it } from 'vitest';
import { audit, connect, open, READ } from '../../rulesets/cases/build.ts';
import type { EngineEvent } from '../events/syscall.ts';
import { ALERT_DEFAULTS, AlertWriter } from './alert.ts';
import type { ExtraOutput } from './extra-output.ts';
import { loadRules } from './load.ts';
import { compileOutput, compileStrictOutput, parseOutput } from './output.ts';

const FILE = open('/etc/shadow', READ, { comm: 'cat', args: ['/etc/\nshadow'] });
const timed = (event: EngineEvent, timeNs: bigint): EngineEvent =>
  Object.assign(Object.create(event), { timeNs });

function alert(output: string, event: EngineEvent, options = {}, extraOutputs: readonly ExtraOutput[] = []) {
  const source = event.source;
  const text = `- rule: r\n  desc: d\n  condition: evt.num >= 0 or ka.verb exists\n  source: ${source}\n  output: ${JSON.stringify(output)}\n  priority: info\n  tags: [b, a]\n`;
  const condition = source === 'syscall' ? 'proc.name exists' : 'ka.verb exists';
  const { ruleset, results } = loadRules(
    [{ name: 'f', text: text.replace('evt.num >= 0 or ka.verb exists', condition) }],
    { extraOutputs },
  );
  const rule = ruleset?.first(event);
  if (!rule) throw new Error(JSON.stringify(results));
  return new AlertWriter({ ...ALERT_DEFAULTS, hostname: 'h', ...options }).line(rule, event);
}

describe('AlertWriter', () => {
  it('writes time, priority and message, with control characters escaped', () => {
    const line = alert('%proc.cmdline|%fd.cport|%proc.aname[9]', timed(FILE, 1_470_327_477_881_781_397n), {
      isoTime: true,
    });
    expect(line).toBe('2016-08-04T16:17:57.881781397+0000: Informational cat /etc/\\nshadow|<NA>|<NA>');
  });

  it('writes JSON with sorted keys, typed values, exact nanoseconds and null for what is missing', () => {
    const line = alert(
      '%proc.cmdline %fd.cport %proc.pid %proc.is_exe_writable',
      timed(FILE, 1_470_327_477_881_781_397n),
      {
        json: true,
      },
    );
    expect(line).toContain('"evt.time":1470327477881781397');
    const parsed = JSON.parse(line);
    expect(Object.keys(parsed)).toEqual(Object.keys(parsed).toSorted());
    expect(parsed).toMatchObject({ hostname: 'h', priority: 'Informational', rule: 'r', source: 'syscall' });
    expect(parsed.tags).toEqual(['a', 'b']);
    expect(parsed.time).toBe('2016-08-04T16:17:57.881781397Z');
    expect(parsed.output).toContain('cat /etc/\nshadow <NA> 4711 false');
    expect(parsed.output_fields).toMatchObject({
      'fd.cport': null,
      'proc.pid': 4711,
      'proc.is_exe_writable': false,
    });
  });

  it('leaves out what the options leave out and adds the message when asked', () => {
    const options = {
      json: true,
      includeOutput: false,
      includeTags: false,
      includeOutputFields: false,
      includeMessage: true,
    };
    expect(Object.keys(JSON.parse(alert('m %proc.name', FILE, options)))).toEqual([
      'hostname',
      'message',
      'priority',
      'rule',
      'source',
      'time',
    ]);
  });

  it('prints lists in parentheses and as arrays', () => {
    const event = audit({ verb: 'create' });
    const raw = { ...event.raw, user: { username: 'u', groups: ['a', 'b'] } };
    const line = JSON.parse(alert('%ka.user.groups', { ...event, raw }, { json: true }));
    expect(line.output).toContain('(a,b)');
    expect(line.output_fields['ka.user.groups']).toEqual(['a', 'b']);
  });

  it('appends text and fields to the rules that an entry fits', () => {
    const extras: readonly ExtraOutput[] = [
      { match: { tags: ['a'] }, output: 'type=%evt.type' },
      { match: { source: 'k8s_audit' }, output: 'not here' },
      {
        fields: [
          { key: 'proc.name', format: '%proc.name', raw: true },
          { key: 'who', format: '%proc.name/%proc.pid', raw: false },
        ],
      },
    ];
    const line = JSON.parse(alert('x', FILE, { json: true }, extras));
    expect(line.output).toMatch(/x type=open(at)?$/);
    expect(line.output_fields).toMatchObject({ 'proc.name': 'cat', who: 'cat/4711' });
  });
});

describe('parseOutput', () => {
  it.each([
    ['%not.a.field here', 'invalid formatting token not.a.field here'],
    ['100%', 'invalid formatting syntax: formatting cannot end with a %'],
    ['%10', 'invalid formatting syntax: formatting cannot end with a number'],
    ['%%proc.name', 'invalid formatting token %proc.name'],
    ['', 'empty formatting token'],
  ])('refuses %j', (template, message) => {
    expect(parseOutput(template)).toBe(message);
  });

  it.each([
    ['%proc.name.', 'cat.'],
    ['%proc.names', 'cats'],
    ['%6proc.name|%2proc.name|', 'cat   |ca|'],
    ['(%toupper(proc.name))', '(CAT)'],
    ['%proc.args[0][x]', '/etc/\\nshadow[x]'],
  ])('takes the longest field of %j and keeps the rest as text', (template, text) => {
    const parsed = parseOutput(template);
    expect(typeof parsed === 'string' ? parsed : compileOutput(parsed)(FILE)).toBe(text);
  });

  it('prints nothing for a strict template with a missing value, and <NA> for a lenient one', () => {
    const render = (template: string) => {
      const parsed = parseOutput(template);
      return typeof parsed === 'string' ? parsed : compileStrictOutput(parsed)(FILE);
    };
    expect(render('%proc.name %fd.cport')).toBeUndefined();
    expect(render('*%proc.name %fd.cport')).toBe('cat <NA>');
    expect(compileStrictOutput({ parts: [], lenient: false })(connect('10.0.0.1', 80, {}))).toBe('');
  });
});
