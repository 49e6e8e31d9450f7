import fc from 'fast-check';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { streamEventId } from './event-id.ts';

const epoch = fc.integer({ min: 0, max: 0xffffffff });
const seq = fc.integer({ min: 1, max: 2 ** 48 - 1 });

it('ids are valid UUIDs, repeat for the same number, differ for another, and sort by number', () => {
  fc.assert(
    fc.property(fc.uuid(), epoch, seq, seq, (agent, at, a, b) => {
      const id = streamEventId(agent, at);
      expect(z.uuid().safeParse(id(a)).success).toBe(true);
      expect(id(a)).toBe(streamEventId(agent.toUpperCase(), at)(a));
      expect(Math.sign(Number(id(a) > id(b)) - Number(id(a) < id(b)))).toBe(Math.sign(a - b));
    }),
  );
});

it('another epoch gives other ids', () => {
  fc.assert(
    fc.property(fc.uuid(), epoch, epoch, seq, (agent, a, b, n) => {
      fc.pre(a !== b);
      expect(streamEventId(agent, a)(n)).not.toBe(streamEventId(agent, b)(n));
    }),
  );
});
