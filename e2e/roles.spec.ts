import { randomUUID } from 'node:crypto';
import { ApiClient } from './support/api-client.ts';
import { expect, test } from './support/fixtures.ts';

test.describe('a viewer', () => {
  test.use({ person: 'viewer' });

  test('sees an alert but cannot act, and the button says why', async ({ api, attack, events }) => {
    const pod = await attack.pod('checkout-api');
    const [row] = await api.events({ namespace: pod.namespace, source: 'syscall' }, 'fd.name=/etc/shadow');
    if (row === undefined) throw new Error('no event of the story');
    await events.openEvent(row);
    const button = events.action(/Quarantine…/);
    await expect(button).toHaveAttribute('aria-disabled', 'true');
    await expect(button).toHaveAccessibleName(/Needs the role responder/);
    await expect(events.panel).toContainText('Needs the role responder. Yours is viewer');
    await button.click({ force: true });
    await expect(events.panel.page().getByRole('dialog')).toHaveCount(0);
  });

  test('cannot open a preview by its address', async ({ attack, page }) => {
    const { namespace, name } = await attack.pod('checkout-api');
    await page.goto(`/events?preview=quarantine&target=pod/${namespace}/${name}`);
    const dialog = page.getByRole('dialog');
    await expect(dialog).toContainText('Needs the role responder');
    await expect(dialog.getByRole('button', { name: 'Quarantine pod' })).toBeDisabled();
  });

  test('is refused by the API, whatever the browser shows', async ({ attack, api, cluster }) => {
    const { namespace, name } = await attack.pod('checkout-api');
    const target = { kind: 'pod', namespace, name };
    const preview = await api.post('/api/v1/actions/preview', { action: 'quarantine', target });
    expect(preview.status()).toBe(403);
    const execute = await api.post('/api/v1/actions', {
      action: 'quarantine',
      target,
      token: 'x',
      idempotencyKey: randomUUID(),
    });
    expect(execute.status()).toBe(403);
    for (const path of ['/api/v1/users', '/api/v1/tokens'])
      expect((await api.post(path, { name: 'x' })).status()).toBe(403);
    const { body } = await cluster.api.call(
      'GET',
      `/apis/networking.k8s.io/v1/namespaces/${namespace}/networkpolicies`,
    );
    expect((body as { items: unknown[] }).items).toEqual([]);
  });
});

test('a write from another site is refused', async ({ page, baseURL }) => {
  const response = await page.request.post(`${baseURL}/api/v1/actions/preview`, {
    headers: { origin: 'https://evil.example' },
    data: { action: 'cordon', target: { kind: 'node', name: 'node1' } },
  });
  expect(response.status()).toBe(403);
});

test('a responder is refused what only administrators may do', async ({ page }) => {
  const api = new ApiClient(page.request);
  const made = await api.post('/api/v1/users', {
    name: 'Eve',
    email: 'eve@example.test',
    password: 'long enough password',
    role: 'admin',
  });
  expect(made.status()).toBe(403);
});
