import { existsSync } from 'node:fs';
import { HOSTILE_STRINGS } from './scenarios/in-pod.ts';
import { runScenario } from './scenarios/scenario.ts';
import { expect, test } from './support/fixtures.ts';

/** Right-to-left override, escape, bell: raw, they would reverse or hide what stands after them. */
const UNSAFE = ['\u202e', '\u001b', '\u0007'];
const FILTER = 'proc.name=cat and fd.name=/etc/shadow';

test('strings of attackers are shown as text and do nothing', async ({
  api,
  attack,
  cluster,
  events,
  page,
}) => {
  const pod = await attack.pod('checkout-api');
  const dialogs: string[] = [];
  page.on('dialog', (dialog) => {
    dialogs.push(dialog.message());
    void dialog.dismiss();
  });
  await runScenario('hostile', cluster, () => undefined);
  const seen = async () => {
    const rows = await api.events({ pod: pod.name, source: 'syscall' }, FILTER);
    return rows.filter((row) => row.rule !== null).slice(0, HOSTILE_STRINGS.length);
  };
  const commands = async () => {
    const details = await Promise.all((await seen()).map((row) => api.detail(row)));
    return details.map(({ fields }) => String(fields['proc.cmdline'])).sort();
  };
  const expected = HOSTILE_STRINGS.map((text) => `cat /etc/shadow ${text}`).sort();
  await expect.poll(commands, { timeout: 60_000 }).toEqual(expected);

  for (const row of await seen()) {
    await events.openEvent(row);
    const { fields } = await api.detail(row);
    const shown = (await events.panel.textContent()) ?? '';
    for (const part of printableParts(String(fields['proc.cmdline']))) expect(shown).toContain(part);
    for (const char of UNSAFE) expect(shown).not.toContain(char);
  }
  await page.goto('/');
  await page.getByRole('region', { name: 'Live feed' }).waitFor();
  expect(await page.evaluate(() => 'eyriePwned' in window)).toBe(false);
  expect(dialogs).toEqual([]);
  expect(await page.title()).not.toBe('title');
  expect(existsSync('/tmp/eyrie-pwned')).toBe(false);
});

/** The letters of a string between its control and direction characters, whose form on screen is the product's choice. */
function printableParts(text: string): string[] {
  return text.split(/[\p{Cc}\p{Cf}]+/u).filter((part) => part !== '');
}
