import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CANARY_RULE, canaryTriggeredMs } from '../core/events/canary.ts';
import type { EventRecord } from '../core/events/event.ts';
import { Canary } from './canary.ts';
import { Detector } from './detect/detector.ts';
import { RulesetHolder } from './detect/ruleset-holder.ts';
import { type Harness, startHarness } from './testing/sensor-harness.ts';

let harness: Harness;
const records: EventRecord[] = [];
beforeAll(async () => {
  const quiet = () => undefined;
  const rules = new RulesetHolder({
    shippedDir: join(import.meta.dirname, '..', 'rulesets'),
    localDir: undefined,
    pushedFile: '/nonexistent/ruleset.json',
    onChange: quiet,
    onError: quiet,
  });
  const detector = new Detector({
    node: 'n1',
    ruleset: () => rules.ruleset,
    activity: 'off',
    onError: quiet,
  });
  harness = await startHarness({
    onEvent: (event) => {
      const record = detector.syscall(event);
      if (record !== undefined) records.push(record);
    },
  });
});
afterAll(() => harness?.close());

const canaries = () => records.filter(({ rule }) => rule === CANARY_RULE);

it('the marked program of the agent is detected by the shipped rule, once a trigger', async () => {
  const canary = new Canary({ log: () => undefined, everyMs: 1_000 });
  expect(canary.state).toBeUndefined();
  const firstMs = Date.now();
  canary.tick(true, firstMs);
  canary.tick(true, firstMs + 500);
  await expect.poll(() => canaries().length, { timeout: 20_000 }).toBe(1);
  canary.tick(true, firstMs + 1_000);
  await expect.poll(() => canaries().length, { timeout: 20_000 }).toBe(2);
  const [record] = canaries();
  expect(record).toMatchObject({ tags: ['canary'], priority: 7 });
  expect(canaryTriggeredMs(String(record?.fields['proc.cmdline']))).toBe(firstMs);
  expect(canary.state?.triggeredAt).toBe(new Date(firstMs + 1_000).toISOString());
});
