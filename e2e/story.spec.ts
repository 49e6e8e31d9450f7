import { readFile } from 'node:fs/promises';
import { actionPageSchema } from '../core/wire/actions.ts';
import { type ExportFormat, exportSchema, incidentPageSchema } from '../core/wire/incidents.ts';
import { kpisReplySchema } from '../core/wire/overview.ts';
import { ActionDialog } from './pages/action-dialog.ts';
import { CommandDialog } from './pages/command-dialog.ts';
import { NodesPage } from './pages/nodes-page.ts';
import type { PodName } from './scenarios/attack.ts';
import { runScenario } from './scenarios/scenario.ts';
import { type ApiClient, lastHours } from './support/api-client.ts';
import { auditTruth, type CountedKpi } from './support/audit-truth.ts';
import { expect, test } from './support/fixtures.ts';
import { connects, untilConnects } from './support/traffic.ts';
import { WORLD_IP } from './testcluster/paths.ts';

const COUNTED = ['auth_failures', 'rbac_denials', 'psa_violations', 'exec_sessions', 'secret_reads'] as const;
const PORT = 8_080;

/** One attack from its first sign to the report, told in order; each test goes on where the last one ended. */
test.describe.configure({ mode: 'serial' });

let pod: PodName;
let client: PodName;
let incidentId: number;

test('every refusal, session and alert appears on the Overview with the right count', async ({
  api,
  attack,
  cluster,
  overview,
}) => {
  pod = await attack.pod('checkout-api');
  client = await attack.pod('storefront');
  const offset = await settledOffset(api, cluster.layout.auditLogPath);
  await overview.open();
  const hitsBefore = await overview.count('rule_hits');

  for (const name of ['rbac', 'auth', 'psa', 'secrets', 'outbound', 'exec-shell'])
    await runScenario(name, cluster, () => undefined);

  // Nothing is reloaded: the page follows by itself.
  await expect
    .poll(
      async () =>
        Object.fromEntries(await Promise.all(COUNTED.map(async (kpi) => [kpi, await overview.count(kpi)]))),
      {
        timeout: 60_000,
      },
    )
    .toEqual(plus(auditTruth(cluster.layout.auditLogPath), offset));
  await expect.poll(() => overview.count('rule_hits')).toBeGreaterThan(hitsBefore);
});

test('the number of a tile is the number of events in the list it opens', async ({
  overview,
  events,
  page,
}) => {
  for (const tile of ['auth_failures', 'rbac_denials', 'psa_violations', 'exec_sessions'] as const) {
    await overview.open();
    const shown = await overview.count(tile);
    await overview.tile(tile).click();
    await expect(page).toHaveURL(/\/events/);
    await expect.poll(() => events.total()).toBe(shown);
  }
});

test('an alert carries the whole of its pod', async ({ api, cluster, events }) => {
  await expect
    .poll(async () => (await shadowReads(api)).length, {
      message: 'cat of /etc/shadow is an alert',
      timeout: 60_000,
    })
    .toBeGreaterThan(0);
  const [alert] = await shadowReads(api);
  if (alert === undefined) throw new Error('no alert');
  await events.openEvent(alert);
  await expect(events.fact('Pod')).toContainText(`${pod.namespace}/${pod.name}`);
  await expect(events.fact('Workload')).toContainText('Deployment/checkout-api');
  await expect(events.fact('Container')).toContainText('api');
  await expect(events.fact('Container')).toContainText('testcluster.local/shop/checkout:1.4.2');
  await expect(events.fact('Node')).toContainText(cluster.layout.nodeName);
  await expect(events.fact('Service account')).toContainText('checkout');
  // The shell that kubectl exec opened is cat's parent.
  await expect(events.panel.getByText('sh', { exact: true }).first()).toBeVisible();
});

test('the alert names the Kubernetes user who opened the shell, and leads to the request', async ({
  api,
  events,
}) => {
  const [alert] = await shadowReads(api);
  if (alert === undefined) throw new Error('no alert');
  // The audit log and the sensor arrive in any order.
  await expect
    .poll(async () => (await api.detail(alert)).fields['k8s.user'], { timeout: 60_000 })
    .toBe('alice');
  await events.openEvent(alert);
  await expect(events.panel).toContainText(
    /Started by kubectl exec of alice from [\d.]+, confidence (high|medium)/,
  );
  await events.action('Audit event').click();
  await expect(events.panel).toContainText(/alice ran .*sh.* in shop\/checkout-api-/);
});

test('a connection out of the cluster is told with its peer', async ({ api, events }) => {
  const out = () => api.events({ pod: pod.name, peer: WORLD_IP });
  await expect.poll(async () => (await out()).length, { timeout: 60_000 }).toBeGreaterThan(0);
  const [first] = await out();
  if (first === undefined) throw new Error('no connection');
  await events.openEvent(first);
  await expect(events.panel).toContainText(`${WORLD_IP}:4444`);
});

test('an incident has formed around the workload', async ({ api, overview, incidents, page }) => {
  const open = async () =>
    (await api.get(incidentPageSchema, '/api/v1/incidents?status=open')).rows.find((row) =>
      row.entities.some(({ name }) => name.includes('checkout-api')),
    );
  await expect.poll(async () => (await open())?.id, { timeout: 60_000 }).toBeDefined();
  const incident = await open();
  if (incident === undefined) throw new Error('no incident');
  incidentId = incident.id;
  await overview.open();
  await overview.openIncidents.getByRole('link', { name: incident.title }).click();
  await expect(page).toHaveURL(new RegExp(`/incidents/${incidentId}`));
  await expect(incidents.lines('/etc/shadow').first()).toBeVisible();
  await expect(
    incidents.lines(/by kubectl exec of alice \(confidence (high|medium)\)/).first(),
  ).toBeVisible();
});

test('a responder takes a snapshot of the pod by keyboard alone and downloads it', async ({
  api,
  events,
  page,
}) => {
  const [alert] = await shadowReads(api);
  if (alert === undefined) throw new Error('no alert');
  await events.openEvent(alert);
  const collect = events.action('Collect…');
  const dialog = new CommandDialog(page);
  const item = page.getByRole('menuitem', { name: /^Process snapshot/ }).first();
  await collect.press('Enter');
  await expect(item).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(collect).toBeFocused();
  await page.keyboard.press('Enter');
  await item.press('Enter');
  await expect(dialog.section('Where and how much')).toContainText(alert.node ?? 'no node');
  await page.keyboard.press('Escape');
  await expect(dialog.root).toBeHidden();
  await expect(collect).toBeFocused();
  await page.keyboard.press('Enter');
  await item.press('Enter');
  await dialog.ask('Who runs in the pod');
  await expect(dialog.root).toContainText(/Done.*process/, { timeout: 60_000 });
  const file = await readFile(await (await dialog.download()).path(), 'utf8');
  expect(file).toContain(pod.name);
  await page.keyboard.press('Escape');
  await expect(collect).toBeFocused();
});

test('the sensor sees the storefront’s calls arrive in the pod minute after minute', async ({ api }) => {
  test.setTimeout(360_000);
  const minutes = async () => {
    const calls = await api.events({ pod: pod.name, source: 'syscall' }, 'evt.type in (accept, accept4)');
    return new Set(calls.map(({ time }) => time.slice(0, 'YYYY-MM-DDThh:mm'.length))).size;
  };
  // Three whole minutes before the one in which the policy is applied make its silence mean something.
  await expect.poll(minutes, { timeout: 300_000, intervals: [5_000] }).toBeGreaterThanOrEqual(5);
});

test('a responder quarantines the pod from the side panel and its traffic stops', async ({
  api,
  cluster,
  events,
  page,
}) => {
  expect(await connects(cluster, client, pod, PORT)).toBe(true);
  const [alert] = await shadowReads(api);
  if (alert === undefined) throw new Error('no alert');
  await events.openEvent(alert);
  await events.action('Quarantine…').click();
  const dialog = new ActionDialog(page);
  await expect(dialog.section('Changes')).toContainText('NetworkPolicy');
  await expect(dialog.root).toContainText('1 of 2');
  await dialog.confirm('Quarantine pod', 'Shell and read of /etc/shadow');
  await untilConnects(cluster, client, pod, PORT, false);
  await expect(events.fact('Pod')).toContainText('quarantined');
});

test('the badge says enforced once a whole minute without a call was seen', async ({ api, events }) => {
  test.setTimeout(240_000);
  const record = async () =>
    (await api.get(actionPageSchema, '/api/v1/actions')).rows.find(
      ({ action, target }) => action === 'quarantine' && target.kind === 'pod' && target.name === pod.name,
    );
  // The verdict takes a whole minute of watching after the policy has settled.
  await expect.poll(async () => (await record())?.endedAt ?? null, { timeout: 180_000 }).not.toBeNull();
  const action = await record();
  expect({ proof: action?.proof, detail: action?.proofDetail }).toEqual({
    proof: 'enforced',
    detail: expect.stringContaining('no new one in a whole minute since'),
  });
  const [alert] = await shadowReads(api);
  if (alert === undefined) throw new Error('no alert');
  await events.openEvent(alert);
  await expect(events.fact('Pod')).toContainText('quarantined, enforced');
});

test('release lets the traffic flow again', async ({ api, cluster, events, page }) => {
  const [alert] = await shadowReads(api);
  if (alert === undefined) throw new Error('no alert');
  await events.openEvent(alert);
  await events.action('Release…').click();
  await new ActionDialog(page).confirm('Release pod', 'Evidence is collected');
  await untilConnects(cluster, client, pod, PORT, true);
  await expect(events.fact('Pod')).not.toContainText('quarantined');
});

test('cordon makes the node unschedulable, uncordon takes it back', async ({ cluster, page }) => {
  const { nodeName } = cluster.layout;
  const unschedulable = async () => {
    const { body } = await cluster.api.call('GET', `/api/v1/nodes/${nodeName}`);
    return (body as { spec: { unschedulable?: boolean } }).spec.unschedulable === true;
  };
  const nodes = new NodesPage(page);
  const dialog = new ActionDialog(page);
  await nodes.open();
  await nodes
    .row(nodeName)
    .getByRole('link', { name: /^Cordon/ })
    .click();
  await dialog.confirm('Cordon node', 'Keep new pods off');
  await expect.poll(unschedulable).toBe(true);
  await expect(nodes.row(nodeName)).toContainText('cordoned');
  await nodes
    .row(nodeName)
    .getByRole('link', { name: /^Uncordon/ })
    .click();
  await dialog.confirm('Uncordon node', 'Node is clean');
  await expect.poll(unschedulable).toBe(false);
});

test('the timeline has every step', async ({ incidents, page }) => {
  await incidents.open(incidentId);
  for (const step of [/\/etc\/shadow/, /quarantined/i, /is enforced/, /released/i])
    await expect(incidents.lines(step).first()).toBeVisible();
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
});

test('the export has the rows of the screen in every format', async ({ incidents }) => {
  await incidents.open(incidentId);
  const onScreen = (await incidents.lineIds()).toReversed();
  expect(onScreen.length).toBeGreaterThan(5);
  const file = async (format: ExportFormat) =>
    readFile(await (await incidents.download(format)).path(), 'utf8');
  const json = await file('json');
  const csv = await file('csv');
  const markdown = await file('md');
  expect(exportSchema.parse(JSON.parse(json)).timeline.map(({ id }) => id)).toEqual(onScreen);
  // The id is the last column of both tables.
  expect([...csv.matchAll(/,([^,"\r\n]+)\r\n/g)].map(([, id]) => id).slice(1)).toEqual(onScreen);
  const rows = [...markdown.matchAll(/\| ([^|\n]+) \|$/gm)].map(([, id]) => id?.replaceAll('\\', ''));
  expect(rows.filter((id) => id !== 'id')).toEqual(onScreen);
});

async function shadowReads(api: ApiClient) {
  const rows = await api.events(
    { pod: pod.name, source: 'syscall' },
    'proc.name=cat and fd.name=/etc/shadow',
  );
  return rows.filter((row) => row.rule !== null);
}

/** What the product counts beyond the audit log's truth; 0, or less where its agent came later than the log. */
async function settledOffset(api: ApiClient, auditLog: string): Promise<Record<CountedKpi, number>> {
  const read = async () => {
    const { tiles } = await api.get(kpisReplySchema, `/api/v1/kpis?${new URLSearchParams(lastHours(6))}`);
    const truth = auditTruth(auditLog);
    return Object.fromEntries(
      COUNTED.map((kpi) => [kpi, (tiles.find(({ key }) => key === kpi)?.value ?? 0) - truth[kpi]]),
    ) as Record<CountedKpi, number>;
  };
  let last = await read();
  await expect
    .poll(
      async () => {
        const now = await read();
        const same = JSON.stringify(now) === JSON.stringify(last);
        last = now;
        return same;
      },
      { intervals: [2_000], timeout: 60_000 },
    )
    .toBe(true);
  return last;
}

function plus(a: Record<CountedKpi, number>, b: Record<CountedKpi, number>): Record<CountedKpi, number> {
  return Object.fromEntries(COUNTED.map((kpi) => [kpi, a[kpi] + b[kpi]])) as Record<CountedKpi, number>;
}
