import fc from 'fast-check';
import { expect, it } from 'vitest';
import { FD, FdState } from './fd-state.ts';
import { FdTable } from './fd-table.ts';

const numbers = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.integer({ min: -1_000_000, max: 100_000 }));
const changes = fc.array(fc.tuple(fc.boolean(), numbers), { maxLength: 200 });

it('holds what a Map would hold, whatever the order of changes', () => {
  fc.assert(
    fc.property(changes, (list) => {
      const table = new FdTable();
      const model = new Map<number, FdState>();
      for (const [add, number] of list) {
        const fd = new FdState(FD.file, `${number}`);
        if (add) {
          table.set(number, fd);
          model.set(number, fd);
        } else expect(table.delete(number)).toBe(model.delete(number));
        expect(table.get(number)).toBe(model.get(number));
        expect(table.size).toBe(model.size);
      }
      expect(new Map(table)).toEqual(model);
      expect([...table.values()]).toHaveLength(model.size);
    }),
  );
});
