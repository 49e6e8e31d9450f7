import { describe, expect, it } from 'vitest';
import { AuditReader } from './replay-audit.ts';

const event = (id: string): object => ({
  kind: 'Event',
  auditID: id,
  stageTimestamp: '2024-05-01T10:00:00.123456Z',
});

/** Reads a text in pieces of `size` characters. */
function read(
  text: string,
  size = 7,
): { readonly ids: readonly unknown[]; readonly warnings: readonly string[] } {
  const ids: unknown[] = [];
  const warnings: string[] = [];
  const reader = new AuditReader(
    (one) => ids.push(one.raw.auditID),
    (message) => warnings.push(message),
  );
  for (let i = 0; i < text.length; i += size) reader.push(text.slice(i, i + size));
  reader.end();
  return { ids, warnings };
}

describe('AuditReader', () => {
  it('reads lines, an array over many lines, and an EventList', () => {
    const [a, b] = [event('a'), event('b')];
    const lines = `${JSON.stringify(a)}\n\n${JSON.stringify(b)}`;
    const list = { kind: 'EventList', items: [a, b] };
    for (const text of [
      lines,
      JSON.stringify([a, b], undefined, 2),
      JSON.stringify([list]),
      JSON.stringify(list, undefined, 1),
    ])
      expect(read(text)).toEqual({ ids: ['a', 'b'], warnings: [] });
  });

  it('keeps nanoseconds and offsets of time', () => {
    const times: bigint[] = [];
    const reader = new AuditReader(
      (one) => times.push(one.timeNs),
      () => undefined,
    );
    reader.push(
      `${JSON.stringify({ ...event('a'), stageTimestamp: '2024-05-01T12:00:00.000000001+02:00' })}\n`,
    );
    expect(times).toEqual([1_714_557_600_000_000_001n]);
  });

  it('skips what is no audit event, and says which line', () => {
    const { ids, warnings } = read(`{"a": 1}\nnot json\n${JSON.stringify(event('a'))}\n{"kind":"Event"}\n`);
    expect(ids).toEqual(['a']);
    expect(warnings).toEqual([
      'line 1: data not recognized as a k8s audit event',
      expect.stringMatching(/^line 2: not JSON/),
      "line 4: can't read stageTimestamp",
    ]);
  });

  it('reads the lines after a broken first one', () => {
    const { ids, warnings } = read(
      `{"kind": \n${JSON.stringify(event('a'))}\n${JSON.stringify(event('b'))}\n`,
    );
    expect(ids).toEqual(['a', 'b']);
    expect(warnings).toHaveLength(1);
  });
});
