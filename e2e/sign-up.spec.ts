import { expect, test } from '@playwright/test';
import { ApiClient } from './support/api-client.ts';
import { handed, PASSWORD, PEOPLE, type Person, signedIn } from './support/environment.ts';

test('the first-run token makes the first administrator, once', async ({ page }) => {
  const token = handed('token');
  const { name, email } = PEOPLE.admin;
  await page.goto(`/setup#token=${token}`);
  await expect(page.getByLabel('First-run token')).toHaveValue(token);
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(PASSWORD);
  await page.getByRole('button', { name: 'Create administrator' }).click();
  await expect(page.getByRole('button', { name: `account of ${name}` })).toBeVisible();
  await page.context().storageState({ path: signedIn('admin') });

  const api = new ApiClient(page.request);
  const again = await api.post('/api/v1/setup', {
    token,
    name,
    email: 'eve@example.test',
    password: PASSWORD,
  });
  expect(again.status()).toBeGreaterThanOrEqual(400);
});

test('nobody is let in without signing in', async ({ page }) => {
  await page.goto('/events');
  await expect(page).toHaveURL(/\/login/);
  expect((await page.request.get('/api/v1/events')).status()).toBe(401);
});

for (const role of ['responder', 'viewer'] as const satisfies readonly Person[]) {
  test(`the administrator adds a ${role}, who signs in`, async ({ browser, page }) => {
    const { name, email } = PEOPLE[role];
    const admin = await browser.newContext({ storageState: signedIn('admin') });
    const created = await new ApiClient(admin.request).post('/api/v1/users', {
      name,
      email,
      password: PASSWORD,
      role,
    });
    expect(created.status()).toBe(201);
    await admin.close();

    await page.goto('/login');
    await page.getByLabel('Email').fill(email);
    await page.getByLabel('Password').fill(PASSWORD);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await expect(page.getByRole('button', { name: `account of ${name}` })).toBeVisible();
    await page.context().storageState({ path: signedIn(role) });
  });
}
