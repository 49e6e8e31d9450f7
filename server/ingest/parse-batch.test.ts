import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { eventItem, makeBatch, makeEvent } from '../../prisma/seed/make-event.ts';
import { AppError } from '../errors.ts';
import { parseBatch } from './parse-batch.ts';

const header = { agentId: '6f1d3c52-8d0e-4b5c-9d0f-2f3b4c5d6e7f', epoch: 1, firstSeq: 5 };

describe('numbering', () => {
  it('gives every line after the header one number, whatever it holds', () => {
    const line = fc.oneof(
      fc.constant(JSON.stringify(eventItem(makeEvent()))),
      fc.string().map((text) => text.replaceAll('\n', '')),
      fc.json().map((text) => text.replaceAll('\n', '')),
    );
    fc.assert(
      fc.property(fc.array(line, { maxLength: 30 }), (lines) => {
        const { items, rejected, lastSeq } = parseBatch(makeBatch(header, lines));
        const numbers = [...items, ...rejected].map(({ seq }) => seq).sort((a, b) => a - b);
        expect(numbers).toEqual(lines.map((_, index) => 5 + index));
        expect(lastSeq).toBe(4 + lines.length);
      }),
    );
  });

  it('counts nothing for a batch without items', () => {
    expect(parseBatch(makeBatch(header, []))).toMatchObject({ items: [], rejected: [], lastSeq: 4 });
  });
});

describe('hostile bodies', () => {
  it('any bytes end in a batch or in a named error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2_000 }), (bytes) => {
        try {
          parseBatch(Buffer.from(bytes));
        } catch (err) {
          expect(err).toBeInstanceOf(AppError);
        }
      }),
    );
  });

  it('a line beyond 1 MiB costs only itself', () => {
    const long = JSON.stringify({ ...eventItem(makeEvent()), raw: 'x'.repeat(1024 * 1024) });
    const { items, rejected } = parseBatch(makeBatch(header, [long, eventItem(makeEvent())]));
    expect(items.map(({ seq }) => seq)).toEqual([6]);
    expect(rejected).toMatchObject([{ seq: 5, message: expect.stringContaining('1048576') }]);
  });

  it('more than 200 fields are refused', () => {
    const fields = Object.fromEntries(Array.from({ length: 201 }, (_, n) => [`f${n}`, n]));
    const { rejected } = parseBatch(makeBatch(header, [eventItem(makeEvent({ fields }))]));
    expect(rejected).toEqual([{ seq: 5, path: 'fields', message: 'more than 200 fields' }]);
  });

  it('a gap that ends before it starts is refused', () => {
    const gap = { k: 'gap' as const, source: 'syscall', startNs: '2', endNs: '1', cause: 'probe_drop' };
    expect(parseBatch(makeBatch(header, [gap])).rejected).toMatchObject([{ seq: 5, path: 'endNs' }]);
  });
});
