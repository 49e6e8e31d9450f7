import { test as base, expect, type Page } from '@playwright/test';
import { EventsPage } from '../pages/events-page.ts';
import { IncidentPage } from '../pages/incident-page.ts';
import { OverviewPage } from '../pages/overview-page.ts';
import { Attack } from '../scenarios/attack.ts';
import { TestCluster } from '../testcluster/test-cluster.ts';
import { ApiClient } from './api-client.ts';
import { type Person, signedIn } from './environment.ts';

type Fixtures = {
  /** Who is signed in; a describe block may say otherwise by `test.use({ person })`. */
  readonly person: Person;
  readonly cluster: TestCluster;
  readonly attack: Attack;
  readonly api: ApiClient;
  readonly overview: OverviewPage;
  readonly events: EventsPage;
  readonly incidents: IncidentPage;
};

export const test = base.extend<Fixtures>({
  person: ['responder', { option: true }],
  storageState: ({ person }, use) => use(signedIn(person)),
  // biome-ignore lint/correctness/noEmptyPattern: Playwright reads the parameter's pattern.
  cluster: async ({}, use) => {
    const cluster = TestCluster.attach();
    if (cluster === undefined) throw new Error('the test cluster is not up');
    await use(cluster);
  },
  attack: ({ cluster }, use, info) =>
    use(new Attack(cluster, (line) => info.annotations.push({ type: 'attack', description: line }))),
  api: ({ page }, use) => use(new ApiClient(page.request)),
  overview: ({ page }, use) => use(new OverviewPage(page)),
  events: ({ page }, use) => use(new EventsPage(page)),
  incidents: ({ page }, use) => use(new IncidentPage(page)),
});

export { expect, type Page };
