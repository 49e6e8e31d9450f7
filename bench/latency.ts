import { parseArgs } from 'node:util';
import { type Browser, chromium, type Page } from '@playwright/test';
import type { ApiClient } from '../e2e/support/api-client.ts';
import { CHROMIUM } from '../e2e/support/chromium.ts';
import { signUp } from '../e2e/support/people.ts';
import { startProduct } from '../e2e/support/product.ts';
import { waitFor } from '../e2e/testcluster/command.ts';
import { CLUSTER_NAME_VARIABLE } from '../e2e/testcluster/paths.ts';
import { listPods } from '../e2e/testcluster/readiness.ts';
import { TestCluster } from '../e2e/testcluster/test-cluster.ts';

const HELP = `Usage: ./eyrie bench latency [--json] [--scale N]

A program is run in a real pod; how long until its alert is a row in the browser's DOM? 200 times N samples.
The limit beside it: a change that the same page fetches from the same server and puts into its DOM by itself.
`;
const SAMPLES = 200;
const SAMPLE_TIMEOUT_MS = 30_000;
/** One second between samples: each travels alone, as a single attack would. */
const PAUSE_SECONDS = 1;

type Seen = { readonly id: string; readonly time: string; readonly domAt: number };
type Sample = { readonly kernelAt: number; readonly receivedAt: number; readonly domAt: number };

/** Milliseconds from the kernel's event to the row, with the share of each stage. */
async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      json: { type: 'boolean', default: false },
      scale: { type: 'string', default: '1' },
      help: { type: 'boolean', short: 'h', default: false },
    },
  });
  if (values.help) {
    process.stdout.write(HELP);
    return;
  }
  const count = Math.max(1, Math.round(SAMPLES * Number(values.scale)));
  process.env[CLUSTER_NAME_VARIABLE] = 'bench';
  const product = await startProduct((line) => process.stderr.write(`${line}\n`));
  let browser: Browser | undefined;
  try {
    const cluster = TestCluster.attach();
    if (cluster === undefined) throw new Error('the launcher runs but its cluster does not');
    browser = await chromium.launch(CHROMIUM);
    const context = await browser.newContext({ baseURL: product.url });
    const api = await signUp(context.request, product.url, product.firstRunToken);
    const page = await context.newPage();
    await watchFeed(page);
    const samples = await measure({ api, cluster, page, count });
    const floor = await floorOf(page, count);
    report(samples, floor);
  } finally {
    await browser?.close();
    await product.stop();
  }
}

/** Notes every event link that enters the document with the wall clock of that moment. */
async function watchFeed(page: Page): Promise<void> {
  await page.addInitScript(() => {
    const seen: { id: string; time: string; domAt: number }[] = [];
    Object.assign(window, { seenEvents: seen });
    new MutationObserver((changes) => {
      const domAt = performance.timeOrigin + performance.now();
      for (const node of changes.flatMap((change) => [...change.addedNodes])) {
        if (!(node instanceof Element)) continue;
        for (const link of node.querySelectorAll<HTMLAnchorElement>('a[href*="ev="]')) {
          const [id = '', time = ''] = (new URL(link.href).searchParams.get('ev') ?? '').split('@');
          seen.push({ id, time, domAt });
        }
      }
    }).observe(document, { subtree: true, childList: true });
  });
  await page.goto('/');
  await page.getByRole('region', { name: 'Live feed' }).waitFor();
}

async function measure(input: {
  readonly api: ApiClient;
  readonly cluster: TestCluster;
  readonly page: Page;
  readonly count: number;
}): Promise<Sample[]> {
  const { api, cluster, page, count } = input;
  const pod = (await listPods(cluster.api, 'shop')).find(({ app, ready }) => app === 'checkout-api' && ready);
  if (pod === undefined) throw new Error('no pod of the workload is ready');
  const samples: Sample[] = [];
  const taken = new Set<string>();
  // The loop runs inside the pod: what is measured is the product, not kubectl's start.
  const loop = `for i in $(seq ${count}); do cat /etc/shadow sample-$i; sleep ${PAUSE_SECONDS}; done`;
  const running = cluster.kubectl(['-n', 'shop', 'exec', pod.name, '--', 'sh', '-c', loop], {
    timeoutMs: count * (PAUSE_SECONDS * 1_000 + 500) + SAMPLE_TIMEOUT_MS,
  });
  while (samples.length < count) {
    const next = await waitFor('the next row', () => unseen(page, taken), { timeoutMs: SAMPLE_TIMEOUT_MS });
    for (const row of next) {
      taken.add(row.id);
      const { row: event, fields, receivedAt } = await api.detail(row);
      const isSample =
        event.rule !== null && /^cat \/etc\/shadow sample-\d+$/.test(String(fields['proc.cmdline']));
      if (!isSample) continue;
      samples.push({
        kernelAt: epochMs(event.time),
        receivedAt: epochMs(receivedAt),
        domAt: row.domAt,
      });
      if (samples.length % 20 === 0) process.stderr.write(`${samples.length} of ${count}\n`);
    }
  }
  await running;
  return samples;
}

async function unseen(page: Page, taken: ReadonlySet<string>): Promise<Seen[] | undefined> {
  const all = await page.evaluate(() => (window as unknown as { seenEvents: Seen[] }).seenEvents);
  const first = new Map<string, Seen>();
  for (const row of all) if (!taken.has(row.id) && !first.has(row.id)) first.set(row.id, row);
  return first.size === 0 ? undefined : [...first.values()];
}

/** The least that any page of this server can do: one request and one insertion. */
async function floorOf(page: Page, count: number): Promise<number[]> {
  return page.evaluate(async (times) => {
    const out: number[] = [];
    for (let n = 0; n < times; n++) {
      const from = performance.now();
      const response = await fetch('/api/v1/health');
      const mark = document.createElement('i');
      mark.textContent = await response.text();
      document.body.append(mark);
      mark.remove();
      out.push(performance.now() - from);
    }
    return out;
  }, count);
}

function report(samples: readonly Sample[], floor: readonly number[]): void {
  const total = quantiles(samples.map(({ kernelAt, domAt }) => domAt - kernelAt));
  const limit = quantiles(floor);
  const result = {
    name: 'latency',
    ours: total.p50,
    peer: limit.p50,
    ratio: total.p50 / limit.p50,
    unit: 'ms',
    runs: samples.length,
    peerIs: 'the same page fetching from the same server and inserting an element',
    p50: total.p50,
    p99: total.p99,
    max: total.max,
    stages: {
      kernelToReceived: quantiles(samples.map(({ kernelAt, receivedAt }) => receivedAt - kernelAt)),
      receivedToDom: quantiles(samples.map(({ receivedAt, domAt }) => domAt - receivedAt)),
    },
  };
  process.stdout.write(`${JSON.stringify(result)}\n`);
}

/** Wall clock with the fraction that Date.parse cuts off after milliseconds. */
function epochMs(iso: string): number {
  const fraction = /\.(\d+)/.exec(iso)?.[1] ?? '0';
  return Math.floor(Date.parse(iso) / 1_000) * 1_000 + Number(`0.${fraction}`) * 1_000;
}

function quantiles(values: readonly number[]): { p50: number; p99: number; max: number } {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => {
    const value = sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)] ?? Number.NaN;
    return Math.round(value * 100) / 100;
  };
  return { p50: at(0.5), p99: at(0.99), max: at(1) };
}

await main();
