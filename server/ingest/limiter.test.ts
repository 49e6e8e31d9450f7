import { expect, it } from 'vitest';
import { Limiter } from './limiter.ts';

function gate() {
  let open = () => {};
  const passed = new Promise<void>((done) => {
    open = done;
  });
  return { open, passed };
}

it('runs at most max at the same time, lets as many wait, refuses the rest, and recovers from errors', async () => {
  const limiter = new Limiter(2);
  const gates = Array.from({ length: 4 }, gate);
  let running = 0;
  let most = 0;
  const jobs = gates.map(({ passed }, index) =>
    limiter.run(async () => {
      running += 1;
      most = Math.max(most, running);
      await passed;
      running -= 1;
      if (index === 0) throw new Error('broken');
      return index;
    }),
  );
  expect(await limiter.run(async () => 'never')).toBeUndefined();
  expect(limiter.waiting).toBe(2);
  for (const { open } of gates) open();
  const results = await Promise.allSettled(jobs);
  expect(results.map(({ status }) => status)).toEqual(['rejected', 'fulfilled', 'fulfilled', 'fulfilled']);
  expect(most).toBe(2);
  expect(await limiter.run(async () => 'again')).toEqual({ value: 'again' });
});
